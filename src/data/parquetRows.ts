import type { OnProgress } from "../types.js";
import { isSkipped, type DatasetBuilder } from "./builder.js";
import type { ParquetTable } from "./parquet.js";

/**
 * Hands the native rows of a Parquet file to a builder, row group by row group: numbers a column at a time, straight
 * into the matrix, then names and texts row by row.
 */
export async function readParquetRows(
  table: ParquetTable,
  builder: DatasetBuilder,
  options: { signal?: AbortSignal; onProgress?: OnProgress } = {},
): Promise<void> {
  const named = table.columns.map((name) => ({ name, field: builder.field(name) }));
  const numbers = named.filter(({ field }) => builder.takesColumn(field));
  const others = named.filter(({ field }) => !isSkipped(field) && !builder.takesColumn(field));
  builder.expectedRows = table.rows;
  let from = 0;
  for (const [group, to] of table.borders.entries()) {
    options.signal?.throwIfAborted();
    for (const { name, field } of numbers)
      await table.read(name, group, (values, row) => builder.putColumn(field, values, row - from));
    const columns: unknown[][] = [];
    for (const { name } of others) columns.push(await wholeColumn(table, name, group));
    for (let row = 0; row < to - from; row++) {
      builder.startRow(from + row + 1);
      for (let i = 0; i < others.length; i++) builder.put(others[i].field, columns[i][row]);
      builder.endRow();
    }
    from = to;
    options.onProgress?.({ phase: "read", done: to, total: table.rows });
  }
}

/** The values of a column in one row group, as JSON would hold them. */
export async function wholeColumn(table: ParquetTable, name: string, group: number): Promise<unknown[]> {
  const all: unknown[] = [];
  await table.read(name, group, (values) => {
    for (let i = 0; i < values.length; i++) all.push(plain(values[i]));
  });
  return all;
}

/** A value as JSON would hold it: no undefined, NaN or bigint, dates as text. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value === undefined || (typeof value === "number" && Number.isNaN(value))) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : value;
}
