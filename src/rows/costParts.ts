import { tidy } from "../decimal.js";
import type { Dataset } from "../types.js";

/**
 * The column that declares costs at other than live rates: for each model whose cost was charged in part, such as in a
 * batch, the part of the live price, as a JSON object: `{"gpt-4o":0.5}`.
 */
export const COST_PART = "cost_part";

/** For error messages. */
export const PART_EXPECTED = 'a JSON object {"MODEL": part} with parts above 0, up to 1';

/** The parts that a text declares, by model; undefined if it is no such object. */
export function readParts(text: string): Map<string, number> | undefined {
  if (text.trim() === "") return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const parts = new Map(Object.entries(value));
  return [...parts.values()].every((part) => typeof part === "number" && part > 0 && part <= 1)
    ? (parts as Map<string, number>)
    : undefined;
}

export function partsText(parts: ReadonlyMap<string, number>): string {
  return parts.size === 0 ? "" : JSON.stringify(Object.fromEntries(parts));
}

/**
 * Makes costs of declared parts costs at live prices, in place. `texts`: the declaration of each row, which was checked.
 * Returns how many costs were changed.
 */
export function toLivePrices({ models, cost }: Dataset, texts: readonly string[]): number {
  let changed = 0;
  for (const [q, text] of texts.entries()) {
    const parts = readParts(text);
    if (parts === undefined || parts.size === 0) continue;
    for (const [m, model] of models.entries()) {
      const part = parts.get(model);
      const option = q * models.length + m;
      if (part === undefined || part === 1 || !Number.isFinite(cost[option])) continue;
      cost[option] = tidy(cost[option] / part);
      changed++;
    }
  }
  return changed;
}
