import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { InputError } from "../errors.js";
import type { Dataset, OnProgress } from "../types.js";
import { DatasetBuilder, type BuilderOptions } from "./builder/builder.js";
import type { Format } from "./formats/format.js";
import { formatOf } from "./formats/documents.js";
import { FORMATS, formatLike, formats } from "./formats/formats.js";
import { inspect } from "./formats/inspect.js";
import { isEvalArchive, readEvalArchive } from "./formats/inspectArchive.js";
import { Observations, type ImportCounts } from "./formats/observations.js";
import type { Opening } from "../text/opening.js";
import { openText } from "../text/openText.js";
import { aroundOf, folders, readCsvLines, readJsonDocument, readJsonLines, rowOf } from "./formats/source.js";
import { blocksOf } from "../text/lines.js";
import { nearest } from "../text/nearest.js";
import { isParquetFile } from "./parquet/parquetFile.js";
import { parquetValues, readParquetRows } from "./parquet/parquetRows.js";
import { priceCall, type PriceCall } from "../prices/call.js";
import { readPrices } from "../prices/table.js";
import { rowReader, type RowReader } from "./rows.js";
import { fileName, shown } from "../text/shown.js";

/** Which parts of a file are read, and how. */
export interface DatasetOptions extends Omit<BuilderOptions, "place"> {
  /** One of `FORMATS`; default: what the file's content shows. */
  from?: string;
  /**
   * Prices answers whose tokens are recorded but not their cost, in files of other tools; default: the shipped prices.
   * The cost of a model without a price stays blank.
   */
  price?: PriceCall;
  /** Aborts reading; its reason is thrown. */
  signal?: AbortSignal;
  /** Phase "read"; done and total in bytes of the file (packed ones of a gzip file), or rows of Parquet. */
  onProgress?: OnProgress;
  /** Called with a sentence for each reason for which records of another tool's file were left out. */
  onNote?: (text: string) => void;
}

export interface Imported extends ImportCounts {
  dataset: Dataset;
  /** One of `FORMATS`. */
  format: string;
}

const FILE_LIMIT = 100_000;

/**
 * Reads rows from a file ("-": standard input) or folder. The format is found from the content: native rows in CSV,
 * JSONL or Parquet, or one of the other tools' formats that docs/guide/formats.md lists. Text files may be gzip.
 *
 * Native columns: `id` (unique; without the column rows are named "1", "2", …), `query` (text), and for each model
 * `<model>__score` (0 … 1, true or false; blank: not labelled, NaN), `<model>__cost` (dollars ≥ 0; blank or inf: must
 * not answer, `Infinity`), `<model>__input_tokens` and `<model>__output_tokens`. A model's name is the text before the
 * last `__`. `allowed_models` makes the cost of every other model infinite. Other columns are kept if asked for. A file
 * without any cost column is a labelled sample: every cost is `Infinity`. The matrices lie in shared memory.
 *
 * @throws InputError naming file, place, column and value: an unreadable file, a malformed row, a value outside its
 * range, a repeated or blank id, a row that no model may answer, no rows, no model columns or more than 255 models.
 */
export async function readDataset(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  const { dataset, skipped, notes, priced, taken } = await importDataset(path, options);
  const say = (times: number, what: string): void =>
    options.onNote?.(`${fileName(path)}: ${times.toLocaleString("en")} × ${what}`);
  for (const [reason, times] of skipped) say(times, `left out: ${reason}`);
  for (const [reason, times] of notes) say(times, reason);
  if (priced > 0) say(priced, "priced from tokens");
  for (const sentence of taken) options.onNote?.(`${fileName(path)}: ${sentence}`);
  return dataset;
}

/**
 * Like `readDataset`, but also returns the format, the number of records, and how many were left out for each reason.
 */
export async function importDataset(path: string, options: DatasetOptions = {}): Promise<Imported> {
  const imported = await importRows(path, options);
  const { metric, scorer, scoreKey, pass } = options.score ?? {};
  if (imported.format === "native" && (metric ?? scorer ?? scoreKey ?? pass) !== undefined)
    imported.notes.set(
      "native rows have one score for each model: only the scale of the scores can be chosen",
      1,
    );
  return imported;
}

async function importRows(path: string, options: DatasetOptions): Promise<Imported> {
  const asked = askedFormat(options.from);
  try {
    if (path !== "-" && (await stat(path).catch(() => undefined))?.isDirectory())
      return await importFolder(path, asked, options);
    return await importFile(path, asked, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${fileName(path)} does not fit in memory (${error.message})`, { file: path });
  }
}

/** "native", a format, or undefined: any. */
function askedFormat(name: string | undefined): Format | "native" | undefined {
  if (name === undefined || name === "native") return name;
  const format = formats.find((one) => one.name === name);
  if (format) return format;
  const near = nearest(name, [...FORMATS], FORMATS.length).join(", ");
  throw new InputError(`no format ${shown(name)}; expected ${near}`, { field: "from", value: name });
}

async function importFile(
  path: string,
  asked: Format | "native" | undefined,
  options: DatasetOptions,
): Promise<Imported> {
  const isParquet = path !== "-" && (await isParquetFile(path));
  if (isParquet) return importParquet(path, asked, options);
  const name = fileName(path);
  if (path !== "-" && (asked === undefined || asked === inspect) && (await isEvalArchive(path))) {
    const sink = await observations(name, options);
    await readEvalArchive(path, sink, options);
    return imported(inspect, sink);
  }
  const progress = { share: 0 };
  const onBytes = (done: number, total: number): void => {
    if (total > 0) progress.share = done / total;
    options.onProgress?.({ phase: "read", done, total });
  };
  const { opening, chunks: bytes, close } = await openText(path, { signal: options.signal, onBytes });
  try {
    const { format: found, chunks } = await formatOf(opening, bytes, name);
    const format = asked ?? found ?? "native";
    if (format === "native") return await nativeText(chunks, name, options, progress);
    const sink = await observations(name, options);
    await readText(chunks, { path, name }, opening, format, sink);
    return imported(format, sink);
  } finally {
    await close();
  }
}

async function nativeText(
  chunks: AsyncIterable<Buffer>,
  name: string,
  options: DatasetOptions,
  progress: { share: number },
): Promise<Imported> {
  const builder = new DatasetBuilder(name, options);
  let rows: RowReader | undefined;
  for await (const block of blocksOf(chunks, name)) {
    rows ??= rowReader(block, name, builder);
    rows?.push(block);
    if (progress.share > 0) builder.expectedRows = (1.25 * builder.rows) / progress.share;
  }
  rows?.end();
  return native(builder);
}

function native(builder: DatasetBuilder): Imported {
  const dataset = builder.finish();
  const skipped = new Map(builder.dropped > 0 ? [["does not meet the conditions", builder.dropped]] : []);
  return {
    dataset,
    format: "native",
    rows: dataset.ids.length + builder.dropped,
    skipped,
    notes: new Map(),
    priced: 0,
    taken: [],
  };
}

async function observations(name: string, options: DatasetOptions): Promise<Observations> {
  const price = options.price ?? priceCall(await readPrices());
  return new Observations(name, { ...options, price });
}

function imported({ name }: Format, sink: Observations): Imported {
  return { dataset: sink.finish(), format: name, ...sink.counts };
}

async function readText(
  chunks: AsyncIterable<Buffer>,
  file: { path: string; name: string },
  { kind, keys }: Opening,
  format: Format,
  sink: Observations,
): Promise<void> {
  const isDocument = kind === "jsonl" && format.rows !== undefined && format.isRow?.(keys) !== true;
  if (kind === "array" || isDocument) await readJsonDocument(chunks, file, format, sink, kind === "array");
  else if (kind === "csv") await readCsvLines(chunks, file, format, sink);
  else await readJsonLines(chunks, file, format, sink);
}

async function importParquet(
  path: string,
  asked: Format | "native" | undefined,
  options: DatasetOptions,
): Promise<Imported> {
  const name = fileName(path);
  // The Parquet reader is loaded with the first file that needs it.
  const { openParquet } = await import("./parquet/parquet.js");
  const table = await openParquet(path);
  try {
    const format = asked ?? formatLike(new Set(table.columns)) ?? "native";
    if (format === "native") {
      const builder = new DatasetBuilder(name, { ...options, place: "row" });
      await readParquetRows(table, builder, options);
      return native(builder);
    }
    const sink = await observations(name, options);
    const context = { path: folders(path), around: {} };
    let row = 0;
    for await (const values of parquetValues(table, table.columns, options)) {
      const record = rowOf(table.columns, values);
      if (sink.begin(record, `${name}, row ${++row}`)) format.read(record, sink, context);
    }
    return imported(format, sink);
  } finally {
    await table.close();
  }
}

/**
 * Reads the files of a folder that belong to the requested format, or else to the first format that matches one of
 * them.
 */
async function importFolder(
  path: string,
  asked: Format | "native" | undefined,
  options: DatasetOptions,
): Promise<Imported> {
  const name = fileName(path);
  const all = await filesIn(path);
  const candidates = asked === undefined ? formats : asked === "native" ? [] : [asked];
  for (const format of candidates) {
    const chosen = format.files?.(all) ?? [];
    const sink = await observations(name, options);
    let isLike = asked !== undefined && chosen.length > 0;
    for (const [i, alternatives] of chosen.entries()) {
      for (const file of alternatives) {
        const problem = await readFileOf(join(path, file), format, sink, options);
        if (problem === undefined || problem !== OTHER) isLike = true;
        if (problem === undefined) break;
        sink.skipFile(problem);
      }
      options.onProgress?.({ phase: "read", done: i + 1, total: chosen.length });
    }
    if (isLike) return imported(format, sink);
  }
  const known = formats
    .filter(({ files }) => files)
    .map((format) => format.name)
    .join(", ");
  throw new InputError(`${name} is a folder without files of a known format (${known}); expected a file`, {
    file: path,
  });
}

const OTHER = "file of another format";

/** Reads one file of a folder. Returns why it is left out, if it is. */
async function readFileOf(
  path: string,
  format: Format,
  sink: Observations,
  { signal }: DatasetOptions,
): Promise<string | undefined> {
  if (format === inspect && (await isEvalArchive(path))) {
    await readEvalArchive(path, sink, { signal });
    return undefined;
  }
  const name = fileName(path);
  const { opening, chunks: bytes, close } = await openText(path, { signal });
  try {
    const { format: found, chunks } = await formatOf(opening, bytes, name);
    if (found !== format && !format.isLike(opening.keys)) return OTHER;
    const problem = format.refuses && format.refuses(await aroundOf(path, format, signal));
    if (problem !== undefined) return problem;
    await readText(chunks, { path, name }, opening, format, sink);
    return undefined;
  } finally {
    await close();
  }
}

/** Files below a folder, as sorted paths with "/", links not followed. */
async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  if (files.length > FILE_LIMIT)
    throw new InputError(`${fileName(path)} has more than ${FILE_LIMIT} files`, { file: path });
  return files;
}
