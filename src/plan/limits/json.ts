import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import { parseLatencyOf } from "./grammar.js";
import { KEYS, PARSERS, separatorOf, type Limits } from "./read.js";
import type { LimitSpec } from "./spec.js";

/**
 * Limits from an object that says what a file of constraints says: each key is an option's name, and holds a text or a
 * list of them. No file is read, so `group-budget` holds the dollars themselves: `{ tenant: { north: 5, south: 3 } }`.
 * `where`: what errors call the object.
 *
 * @throws InputError naming the key and the text.
 */
export function limitsIn(object: Readonly<Record<string, unknown>>, where: string): Limits {
  const limits: Limits = { specs: [], latencyOf: [] };
  for (const [key, value] of Object.entries(object)) {
    const place = `${where}.${key}`;
    if (!KEYS.includes(key))
      throw new InputError(`${where} has ${shown(key)}; expected ${KEYS.join(", ")}`, { field: where });
    if (key === "group-budget") {
      limits.specs.push(...budgetsIn(value, place));
      continue;
    }
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value])
      for (const text of textsOf(item, separatorOf(key), place)) {
        if (key === "latency-of") limits.latencyOf.push(parseLatencyOf(text, place));
        else limits.specs.push(PARSERS[key as keyof typeof PARSERS](text, place));
      }
  }
  return limits;
}

/** A text as it is; names and values as texts. */
function textsOf(item: unknown, separator: string, place: string): string[] {
  if (typeof item === "string") return [item];
  if (isObject(item)) {
    return Object.entries(item).map(([name, value]) => {
      if (typeof value === "string" || typeof value === "number") return `${name}${separator}${value}`;
      throw wrong(place, value, "a text or a number");
    });
  }
  throw wrong(place, item, "a text, such as the option takes, or a list of them");
}

function budgetsIn(value: unknown, place: string): LimitSpec[] {
  const expected = "dollars ≥ 0 by column and value, such as { tenant: { north: 5 } }";
  if (!isObject(value)) throw wrong(place, value, expected);
  return Object.entries(value).flatMap(([column, budgets]) => {
    if (!isObject(budgets)) throw wrong(`${place}.${column}`, budgets, expected);
    return Object.entries(budgets).map(([of, dollars]): LimitSpec => {
      if (!(typeof dollars === "number" && dollars >= 0 && dollars <= 1e12))
        throw wrong(`${place}.${column}.${of}`, dollars, expected);
      return {
        measure: "cost",
        as: "total",
        side: "atMost",
        value: dollars,
        group: { column, value: of.trim() },
      };
    });
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(place: string, value: unknown, expected: string): InputError {
  return new InputError(`${shown(place)} is ${shown(value)}; expected ${expected}`, { field: place });
}
