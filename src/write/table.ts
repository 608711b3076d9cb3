/** A text format in which tables are written. */
export type TableFormat = "jsonl" | "csv" | "json";

const ROWS_PER_CHUNK = 1024;

export interface Table {
  /** Header line of the CSV form. */
  header: string;
  rows: number;
  /** One row as a JSON object, on one line. */
  json: (row: number) => string;
  /** One row as a CSV record. */
  csv: (row: number) => string;
}

/** The text of a table, some thousand rows at a time: JSONL or CSV (a line each, LF) or a JSON array. */
export function* tableText(table: Table, format: TableFormat): Generator<string> {
  const { rows } = table;
  const isArray = format === "json";
  if (format === "csv") yield `${table.header}\n`;
  if (isArray) yield "[\n";
  const row = format === "csv" ? table.csv : table.json;
  for (let from = 0; from < rows; from += ROWS_PER_CHUNK) {
    let text = "";
    const to = Math.min(rows, from + ROWS_PER_CHUNK);
    for (let i = from; i < to; i++) text += row(i) + (isArray && i < rows - 1 ? ",\n" : "\n");
    yield text;
  }
  if (isArray) yield "]\n";
}
