import { InputError } from "../errors.js";

/**
 * What the first character of a file of rows shows: `{` is JSONL, anything else CSV.
 *
 * @throws InputError for `[`, a JSON array.
 */
export function rowKind(start: string, name: string): "jsonl" | "csv" {
  if (start === "[")
    throw new InputError(`${name} is a JSON array; expected JSONL, one object a line (jq -c '.[]')`, {
      file: name,
    });
  return start === "{" ? "jsonl" : "csv";
}
