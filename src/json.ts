import { InputError } from "./errors.js";

/**
 * The JSON text of a value; "null" for a value that JSON cannot express. Bigints (whole numbers from Parquet) become
 * numbers.
 *
 * @throws InputError for a value that is nested too deeply or is too long to write.
 */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, plainNumbers) ?? "null";
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError("a JSON value is nested too deeply or is too long to write");
  }
}

function plainNumbers(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
