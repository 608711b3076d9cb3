const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const FORMULA = /^[=+\-@\t\r]/;
const SPECIAL = /[",;\t\r\n]/;

/**
 * A text as a cell of a CSV file, quoted per RFC 4180 where needed.
 *
 * A spreadsheet would run a text that begins with = + - @, tab or carriage return as a formula. Such a text gets an
 * apostrophe in front, unless it is a plain number. It therefore does not read back the same from CSV; JSONL keeps it.
 */
export function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
