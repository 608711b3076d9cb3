import { isDecimal } from "../text/number.js";

/** What a spreadsheet would run; with apostrophes in front it is a text that this guard, or someone else's, has made. */
const GUARDED = /^'*[=+\-@\t\r]/;
const SPECIAL = /[",;\t\r\n]/;

/**
 * A text as a cell of a CSV file, quoted per RFC 4180 where needed.
 *
 * A spreadsheet would run a text that begins with = + - @, tab or carriage return as a formula. Such a text gets an
 * apostrophe in front, unless it is a plain number; a text that has apostrophes there already gets one more, so that
 * different texts stay different. It therefore does not read back the same from CSV; JSONL keeps it.
 */
export function csvCell(text: string): string {
  const safe = GUARDED.test(text) && !isDecimal(text) ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
