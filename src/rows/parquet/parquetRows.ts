import { InputError } from "../../errors.js";
import type { OnProgress } from "../../types.js";
import type { DatasetBuilder } from "../builder/builder.js";
import { isSkipped, type Field } from "../builder/field.js";
import type { ColumnValues, ParquetTable } from "./parquet.js";
import { plain } from "./plain.js";

/** Rows that are read from a column at a time: of numbers, and of other values. */
const NUMBERS = 4096;
const ROWS = 1024;

interface Reading {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Hands the native rows of a Parquet file to a builder, row group by row group: numbers a column at a time, straight
 * into the matrix, then names and texts row by row.
 */
export async function readParquetRows(
  table: ParquetTable,
  builder: DatasetBuilder,
  options: Reading = {},
): Promise<void> {
  builder.announce(table.columns);
  const named = table.columns.map((name) => ({ name, field: builder.field(name) }));
  const numbers = named.filter(({ field }) => builder.takesColumn(field));
  // Here a column is read as a whole or not at all: none is read for a look at its values.
  const others = named.filter(
    ({ field }) => !isSkipped({ ...field, taste: undefined }) && !builder.takesColumn(field),
  );
  const fields = others.map(({ field }) => field);
  // The file claims its number of rows. The claim is trusted up to one row per byte; beyond that, memory grows with the
  // rows read.
  builder.expectedRows = builder.rows + Math.min(table.rows, table.bytes);
  const names = others.map(({ name }) => name);
  const takeNumbers = async (group: number, rows: number): Promise<void> => {
    for (const { name, field } of numbers) {
      const column = await table.column(name, group);
      for (let row = 0; row < rows; row += NUMBERS)
        builder.putColumn(field, await column.next(Math.min(NUMBERS, rows - row)), row);
    }
  };
  const optional = new Set(others.filter(({ field }) => builder.isOptional(field)).map(({ name }) => name));
  const reading = tolerantTable(table, (name) => optional.has(name));
  const put = (field: Field, value: unknown): void => {
    if (value instanceof Unreadable)
      builder.note(`blank, for its column cannot be read (${value.error.message})`);
    else builder.put(field, plain(value));
  };
  for await (const { row, count, columns } of rowBlocks(reading, names, options, takeNumbers))
    for (let at = 0; at < count; at++) {
      try {
        builder.startRow(row + at + 1);
        for (let i = 0; i < fields.length; i++) put(fields[i], columns[i][at]);
        builder.endRow();
      } catch (error) {
        builder.skipRow(error);
      }
    }
}

/** Consecutive rows of a Parquet file as the values of some columns. */
interface RowBlock {
  /** Index of its first row. */
  row: number;
  count: number;
  columns: ArrayLike<unknown>[];
}

/** Stands for the values of a column that cannot be read, which matters only to who needs them. */
export class Unreadable {
  constructor(readonly error: InputError) {}
}

/**
 * The rows of a Parquet file, one after another, as the values of all columns; blanks are null, and a column that cannot
 * be read is `Unreadable` from there to the end of its row group.
 */
export async function* parquetValues(table: ParquetTable, options: Reading): AsyncGenerator<unknown[]> {
  const tolerant = tolerantTable(table, () => true);
  for await (const { count, columns } of rowBlocks(tolerant, table.columns, options))
    for (let i = 0; i < count; i++) yield columns.map((values) => plain(values[i]));
}

/** The table with columns of which some may be `Unreadable`. */
function tolerantTable(table: ParquetTable, mayFail: (name: string) => boolean): ParquetTable {
  return {
    ...table,
    column: (name, group) =>
      mayFail(name) ? tolerantColumn(() => table.column(name, group)) : table.column(name, group),
  };
}

async function tolerantColumn(open: () => Promise<ColumnValues>): Promise<ColumnValues> {
  let failed: Unreadable | undefined;
  const guarded = async <T>(run: () => Promise<T>): Promise<T | undefined> => {
    try {
      return failed ? undefined : await run();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      failed = new Unreadable(error);
      return undefined;
    }
  };
  const column = await guarded(open);
  return {
    next: async (count) =>
      (await guarded(() => column!.next(count))) ?? new Array<unknown>(count).fill(failed),
  };
}

/** `onGroup`: called before the rows of each row group. */
async function* rowBlocks(
  table: ParquetTable,
  names: readonly string[],
  { signal, onProgress }: Reading,
  onGroup?: (group: number, rows: number) => Promise<void>,
): AsyncGenerator<RowBlock> {
  let from = 0;
  for (const [group, to] of table.borders.entries()) {
    signal?.throwIfAborted();
    await onGroup?.(group, to - from);
    const readers = [];
    for (const name of names) readers.push(await table.column(name, group));
    for (let row = from; row < to; row += ROWS) {
      signal?.throwIfAborted();
      const count = Math.min(ROWS, to - row);
      const columns: ArrayLike<unknown>[] = [];
      for (const reader of readers) columns.push(await reader.next(count));
      yield { row, count, columns };
    }
    from = to;
    onProgress?.({ phase: "read", done: to, total: table.rows });
  }
}
