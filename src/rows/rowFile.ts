import type { OnProgress } from "../types.js";
import { openText } from "../text/openText.js";
import type { Opening } from "../text/opening.js";
import { fileName } from "../text/shown.js";
import { documentRows } from "./documentRows.js";
import type { DatasetBuilder } from "./builder/builder.js";
import type { Format } from "./formats/format.js";
import { formatLike, isNative } from "./formats/formats.js";
import type { Observations } from "./formats/observations.js";
import { folders, readCsvLines, readJsonDocument, readJsonLines, rowOf } from "./formats/source.js";
import { isParquetFile } from "./parquet/parquetFile.js";
import { parquetValues, readParquetRows } from "./parquet/parquetRows.js";
import type { ParquetTable } from "./parquet/parquet.js";
import type { Row } from "./formats/values.js";
import { readTextRows } from "./rows.js";

/** A file of rows that is open for reading. It is read once, by one of two functions. */
export interface RowFile {
  /** What its content shows. */
  format: Format | "native";
  /** How its places are named. */
  unit: "line" | "row";
  /** The same for every row; undefined where each row names its own. */
  columns: ReadonlySet<string> | undefined;
  readNative(builder: DatasetBuilder): Promise<void>;
  readForeign(format: Format, sink: Observations): Promise<void>;
  /** Must always be called. */
  close(): Promise<void>;
}

interface Reading {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Opens a text or Parquet file ("-": standard input) and finds its format. `further`: columns that its rows have besides
 * those in the file. Throws what `openText` and `openParquet` do.
 */
export async function openRowFile(
  path: string,
  reading: Reading,
  further: readonly string[] = [],
): Promise<RowFile> {
  const isParquet = path !== "-" && (await isParquetFile(path));
  return isParquet ? parquetFile(path, reading, further) : textFile(path, reading, further);
}

async function parquetFile(path: string, reading: Reading, further: readonly string[]): Promise<RowFile> {
  // The Parquet reader is loaded with the first file that needs it.
  const { openParquet } = await import("./parquet/parquet.js");
  const table = await openParquet(path);
  const columns = new Set(table.columns);
  return {
    format: isNative(columns)
      ? "native"
      : (formatLike(withAll(columns, further), await firstRow(table)) ?? "native"),
    unit: "row",
    columns,
    readNative: (builder) => readParquetRows(table, builder, reading),
    readForeign: async (format, sink) => {
      const context = { path: folders(path), around: {} };
      let row = 0;
      for await (const values of parquetValues(table, reading)) {
        const record = rowOf(table.columns, values);
        if (sink.begin(record, `${fileName(path)}, row ${++row}`)) format.read(record, sink, context);
      }
    },
    close: () => table.close(),
  };
}

async function firstRow(table: ParquetTable): Promise<Row | undefined> {
  for await (const values of parquetValues(table, {})) return rowOf(table.columns, values);
  return undefined;
}

async function textFile(
  path: string,
  { signal, onProgress }: Reading,
  further: readonly string[],
): Promise<RowFile> {
  const name = fileName(path);
  let share = 0;
  const onBytes = (done: number, total: number): void => {
    if (total > 0) share = done / total;
    onProgress?.({ phase: "read", done, total });
  };
  const { opening, chunks, close } = await openText(path, { signal, onBytes });
  const rows = documentRows(opening);
  return {
    format: formatOf(opening, further),
    unit: rows ? "row" : "line",
    columns: opening.kind === "csv" ? opening.keys : undefined,
    readNative: async (builder) => {
      const before = builder.rows;
      await readTextRows(chunks, name, builder, rows, () => {
        if (share > 0) builder.expectedRows = before + (1.25 * (builder.rows - before)) / share;
      });
    },
    readForeign: (format, sink) => readText(chunks, { path, name }, opening, format, sink),
    close,
  };
}

/** The format that a text shows: by its own keys, or by those of the rows in a document. */
function formatOf(opening: Opening, further: readonly string[]): Format | "native" {
  const { first, rows } = opening;
  const keys = withAll(opening.keys, further);
  if (rows === undefined || documentRows(opening) === undefined) return formatLike(keys, first) ?? "native";
  return isNative(rows.keys)
    ? "native"
    : (formatLike(keys) ?? formatLike(withAll(rows.keys, further)) ?? "native");
}

/** Hands the rows of a text to a format. */
export async function readText(
  chunks: AsyncIterable<Buffer>,
  file: { path: string; name: string },
  opening: Opening,
  format: Format,
  sink: Observations,
): Promise<void> {
  const { kind, keys } = opening;
  const isDocument = kind === "jsonl" && format.rows !== undefined && keys.has(format.rows[0]);
  const rows = isDocument ? format.rows : documentRows(opening);
  if (rows !== undefined) await readJsonDocument(chunks, file, format, sink, rows);
  else if (kind === "csv") await readCsvLines(chunks, file, format, sink);
  else await readJsonLines(chunks, file, format, sink);
}

function withAll(keys: ReadonlySet<string>, further: readonly string[]): ReadonlySet<string> {
  return further.length === 0 ? keys : new Set([...keys, ...further]);
}
