import { InputError } from "../errors.js";
import type { OnProgress } from "../types.js";
import type { JsonPath } from "../text/json.js";
import { openText } from "../text/openText.js";
import type { Opening } from "../text/opening.js";
import { fileName } from "../text/shown.js";
import { documentRows } from "./documentRows.js";
import type { DatasetBuilder } from "./builder/builder.js";
import type { Format } from "./formats/format.js";
import { formatOf } from "./formats/documents.js";
import { formatLike, isNative } from "./formats/formats.js";
import type { Observations } from "./formats/observations.js";
import { isEvalArchive, readEvalArchive } from "./formats/inspect/archive.js";
import { inspect } from "./formats/inspect/inspect.js";
import { folders, readCsvLines, readJsonDocument, readJsonLines, rowOf } from "./formats/source.js";
import { isParquetFile } from "./parquet/parquetFile.js";
import { parquetValues, readParquetRows } from "./parquet/parquetRows.js";
import type { ParquetTable } from "./parquet/parquet.js";
import type { RowRange } from "./rowRange.js";
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
  /** Those of the first row, or of the document. */
  keys: ReadonlySet<string>;
  readNative(builder: DatasetBuilder): Promise<void>;
  readForeign(format: Format, sink: Observations): Promise<void>;
  /** Must always be called. */
  close(): Promise<void>;
}

interface Reading {
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Only these rows. */
  range?: RowRange;
}

/**
 * Opens a text or Parquet file, or a log of Inspect in its own format ("-": standard input) and finds its format. `further`: columns that its rows have besides
 * those in the file. Throws what `openText` and `openParquet` do.
 */
export async function openRowFile(
  path: string,
  reading: Reading,
  further: readonly string[] = [],
): Promise<RowFile> {
  if (path !== "-" && (await isEvalArchive(path))) return evalArchive(path, reading);
  const isParquet = path !== "-" && (await isParquetFile(path));
  return isParquet ? parquetFile(path, reading, further) : textFile(path, reading, further);
}

function evalArchive(path: string, { signal }: Reading): RowFile {
  const refuse = (): never => {
    const name = fileName(path);
    throw new InputError(`${name} is a log of Inspect; --from inspect, or no --from, reads it`, {
      file: name,
    });
  };
  return {
    format: inspect,
    unit: "row",
    columns: undefined,
    keys: EVAL_KEYS,
    readNative: () => Promise.resolve(refuse()),
    readForeign: (format, sink) =>
      format === inspect ? readEvalArchive(path, sink, { signal }) : Promise.resolve(refuse()),
    close: () => Promise.resolve(),
  };
}

/** What the same log has as JSON. */
const EVAL_KEYS: ReadonlySet<string> = new Set(["eval", "samples"]);

async function parquetFile(path: string, reading: Reading, further: readonly string[]): Promise<RowFile> {
  // The Parquet reader is loaded with the first file that needs it.
  const { openParquet } = await import("./parquet/parquet.js");
  const table = await openParquet(path, reading.range?.groups);
  const columns = new Set(table.columns);
  return {
    format: isNative(columns)
      ? "native"
      : (formatLike(withAll(columns, further), await firstRow(table)) ?? "native"),
    unit: "row",
    columns,
    keys: columns,
    readNative: (builder) => readParquetRows(table, builder, reading),
    readForeign: async (format, sink) => {
      const context = { path: folders(path), around: {} };
      let row = 0;
      for await (const values of parquetValues(table, reading)) {
        const record = rowOf(table.columns, values);
        sink.take(record, `${fileName(path)}, row ${++row}`, () => format.read(record, sink, context));
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
  { signal, onProgress, range }: Reading,
  further: readonly string[],
): Promise<RowFile> {
  const name = fileName(path);
  let share = 0;
  const onBytes = (done: number, total: number): void => {
    if (total > 0) share = done / total;
    onProgress?.({ phase: "read", done, total });
  };
  const { opening, chunks: bytes, close } = await openText(path, { signal, onBytes, range });
  // A range is of a file that has a row on each line, though it may have one row only.
  const rows = range === undefined ? documentRows(opening) : undefined;
  const { format, chunks } = await formatOf(openingWith(opening, further), bytes, name);
  return {
    format,
    unit: rows ? "row" : "line",
    columns: opening.kind === "csv" ? opening.keys : undefined,
    keys: opening.keys,
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

/** Hands the rows of a text to a format. */
async function readText(
  chunks: AsyncIterable<Buffer>,
  file: { path: string; name: string },
  opening: Opening,
  format: Format,
  sink: Observations,
): Promise<void> {
  const { kind } = opening;
  const rows = documentRows(opening);
  if (isOwnDocument(opening, format, rows)) await readJsonDocument(chunks, file, format, sink);
  else if (rows !== undefined) await readJsonDocument(chunks, file, format, sink, [rows]);
  else if (kind === "csv") await readCsvLines(chunks, file, format, sink);
  else await readJsonLines(chunks, file, format, sink);
}

/** Whether a document has its rows where the format says. `rows`: where its content shows some. */
function isOwnDocument({ kind, keys }: Opening, format: Format, rows: JsonPath | undefined): boolean {
  if (kind !== "jsonl" || format.rows === undefined || format.isRow?.(keys) === true) return false;
  return rows === undefined || format.isLike(keys) || format.rows.some((path) => path.join() === rows.join());
}

/** The same with the columns that a folder's name gives. */
function openingWith(opening: Opening, further: readonly string[]): Opening {
  const { keys, rows } = opening;
  if (further.length === 0) return opening;
  return {
    ...opening,
    keys: withAll(keys, further),
    ...(rows && { rows: { ...rows, keys: withAll(rows.keys, further) } }),
  };
}

function withAll(keys: ReadonlySet<string>, further: readonly string[]): ReadonlySet<string> {
  return further.length === 0 ? keys : new Set([...keys, ...further]);
}
