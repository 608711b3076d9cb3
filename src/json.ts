import { InputError } from "./errors.js";

/**
 * The JSON text of a value; "null" for one that has none. Whole numbers of Parquet (bigint) are numbers.
 *
 * @throws InputError for a value that is nested too deeply to be written, or too long.
 */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, plainNumbers) ?? "null";
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError("a JSON value is nested too deeply, or too long, to be written");
  }
}

function plainNumbers(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
