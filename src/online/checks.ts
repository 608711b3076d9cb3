import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";

export function refuse(field: string, value: unknown, expected: string): never {
  throw new InputError(`${field} is ${numbered(value)}; expected ${expected}`, { field });
}

/** Numbers that JSON does not have are shown as what they are. */
function numbered(value: unknown): string {
  return typeof value === "number" || typeof value === "function" ? shown(String(value)) : shown(value);
}

/** A number in a range, its ends included; undefined too. */
export function checkNumber(
  field: string,
  value: unknown,
  { least, most, expected }: { least: number; most: number; expected: string },
): void {
  if (value !== undefined && !(typeof value === "number" && value >= least && value <= most))
    refuse(field, value, expected);
}

/** An object that is no list: what a caller in JavaScript may have left out or mistyped. */
export function checkObject(field: string, value: unknown, expected: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(field, value, expected);
}

/** An object with no field but these: a limit whose name was mistyped would not hold, without a word. */
export function checkFields(field: string, value: object, known: Readonly<Record<string, true>>): void {
  const other = Object.keys(value).find((name) => !Object.hasOwn(known, name));
  if (other === undefined) return;
  throw new InputError(`${field} has ${shown(other)}; expected of ${Object.keys(known).join(", ")}`, {
    field,
  });
}

/** An object with functions of these names. */
export function checkMethods(
  field: string,
  value: unknown,
  names: readonly string[],
  expected: string,
): void {
  checkObject(field, value, expected);
  const found = value as Record<string, unknown>;
  const missing = names.find((name) => typeof found[name] !== "function");
  if (missing !== undefined)
    throw new InputError(`${field} has no function ${missing}; expected ${expected}`, { field });
}

/** A list of texts; undefined too. */
export function checkNames(field: string, value: unknown): void {
  const isList =
    value === undefined || (Array.isArray(value) && value.every((name) => typeof name === "string"));
  if (!isList) refuse(field, value, "a list of names");
}
