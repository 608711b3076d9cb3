import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";

export type Fields = Record<string, unknown>;

/** The value, checked to be an object. `where` names it in errors. */
export function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new InputError(`${where} is ${shown(value)}; expected an object`, { where });
}

/** A number ≥ 0, at most `most`. */
export function numberOf(value: unknown, where: string, expected: string, most = Infinity): number {
  if (typeof value === "number" && value >= 0 && value <= most && Number.isFinite(value)) return value;
  throw new InputError(`${where} is ${shown(value)}; expected ${expected}`, { where, value });
}

export function textOf(value: unknown, where: string): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new InputError(`${where} is ${shown(value)}; expected text`, { where, value });
}

/** A day, YYYY-MM-DD. */
export function dayOf(value: unknown, where: string): string {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)))
    return value;
  throw new InputError(`${where} is ${shown(value)}; expected a day, YYYY-MM-DD`, { where, value });
}
