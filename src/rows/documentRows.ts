import type { JsonPath } from "../text/json.js";
import type { Opening } from "../text/opening.js";
import { textRank } from "./builder/knownColumns.js";
import { formatLike, isNative } from "./formats/formats.js";

/**
 * Where the rows of a JSON document are: it is an array of them, or an object that has one beside what describes it.
 * Undefined for other files, such as JSONL.
 */
export function documentRows({ kind, keys, rows }: Opening): JsonPath | undefined {
  if (kind === "array") return ["*"];
  if (!rows || isNative(keys) || hasText(keys)) return undefined;
  const areRows = isNative(rows.keys) || hasText(rows.keys) || formatLike(rows.keys) !== undefined;
  return areRows ? [rows.key, "*"] : undefined;
}

function hasText(keys: ReadonlySet<string>): boolean {
  return [...keys].some((key) => textRank(key) !== undefined);
}
