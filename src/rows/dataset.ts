import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { InputError } from "../errors.js";
import type { Dataset, OnProgress } from "../types.js";
import { BadRows } from "./badRows.js";
import { DatasetBuilder, type BuilderOptions } from "./builder/builder.js";
import type { Format } from "./formats/format.js";
import { FORMATS, formats } from "./formats/formats.js";
import { Observations, type ImportCounts } from "./formats/observations.js";
import { aroundOf } from "./formats/source.js";
import { nearest } from "../text/nearest.js";
import { partsOf, SameColumns, type Part } from "./parts.js";
import { priceCall, type PriceCall } from "../prices/call.js";
import type { GivenPrices } from "../prices/given.js";
import { readPrices } from "../prices/table.js";
import { openRowFile } from "./rowFile.js";
import { COST_PART, toLivePrices } from "./costParts.js";
import { applyGiven, type RecordedCosts } from "./givenPrices.js";
import { pricesWanted } from "../prices/wanted.js";
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
  /** Prices of single models, which replace recorded costs too. */
  given?: GivenPrices;
  /** What given prices do to costs that native rows record; default: "replace". */
  recorded?: RecordedCosts;
  /**
   * Leave out rows that cannot be read, and count them, instead of refusing the file; default: false. More than 5 % of the
   * rows, and more than one, are refused even so.
   */
  skipBadRows?: boolean;
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

/** How one import reads its files. */
type Reading = DatasetOptions & { atLivePrices: boolean; bad: BadRows };

/**
 * Reads rows from a file ("-": standard input) or folder. The format is found from the content: native rows in CSV,
 * JSONL or Parquet, or one of the other tools' formats that docs/guide/formats.md lists. Text files may be gzip or zstd. A folder of such
 * files, with the same columns, is one table.
 *
 * Native columns: `id` (unique; without the column rows are named "1", "2", …), `query` (text, or messages of a chat;
 * also `prompt`, `question`, `input`, `text`, `messages` …, which a note tells), and for each model
 * `<model>__score` (0 … 1, true or false; blank: not labelled, NaN), `<model>__cost` (dollars ≥ 0; blank or inf: must
 * not answer, `Infinity`), `<model>__input_tokens` and `<model>__output_tokens`. A model's name is the text before the
 * last `__`. `allowed_models` makes the cost of every other model infinite. Other columns are kept if asked for. A file
 * without any cost column is a labelled sample: every cost is `Infinity`. Costs that `cost_part` declares as charged in
 * part, such as in a batch, become live prices. The matrices lie in shared memory.
 *
 * @throws InputError naming file, place, column and value: an unreadable file, a malformed row, a value outside its
 * range, a repeated or blank id, a row that no model may answer, no rows, no model columns or more than 255 models.
 */
export async function readDataset(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  const { dataset, skipped, notes, priced, unpriced, taken } = await importRows(path, options, true);
  const say = (times: number, what: string): void =>
    options.onNote?.(`${fileName(path)}: ${times.toLocaleString("en")} × ${what}`);
  for (const [reason, times] of skipped) say(times, `left out: ${reason}`);
  for (const [reason, times] of notes) say(times, reason);
  if (priced > 0) say(priced, "priced from tokens");
  if (unpriced.size > 0) options.onNote?.(`${fileName(path)}: ${pricesWanted(unpriced)}`);
  for (const sentence of taken) options.onNote?.(`${fileName(path)}: ${sentence}`);
  return dataset;
}

/**
 * Like `readDataset`, but leaves costs as they were charged, and also returns the format, the number of records, and how many were left out for each reason.
 */
export async function importDataset(path: string, options: DatasetOptions = {}): Promise<Imported> {
  const imported = await importRows(path, options, false);
  const { metric, scorer, scoreKey, pass } = options.score ?? {};
  if (imported.format === "native" && (metric ?? scorer ?? scoreKey ?? pass) !== undefined)
    imported.notes.set(
      "native rows have one score for each model: only the scale of the scores can be chosen",
      1,
    );
  return imported;
}

/** `atLivePrices`: with every cost at live prices, whatever it was charged at. */
async function importRows(path: string, options: DatasetOptions, atLivePrices: boolean): Promise<Imported> {
  const asked = askedFormat(options.from);
  const reading: Reading = { ...options, atLivePrices, bad: new BadRows(options.skipBadRows) };
  try {
    const isFolder = path !== "-" && (await stat(path).catch(() => undefined))?.isDirectory();
    const imported = await (isFolder ? importFolder : importFile)(path, asked, reading);
    if (imported.format !== "native") return imported;
    if (atLivePrices) takeLivePrices(imported, fileName(path), options);
    const { given, recorded = "replace" } = options;
    if (given) applyGiven(imported.dataset, given, recorded);
    return imported;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${fileName(path)} does not fit in memory (${error.message})`, { file: path });
  }
}

function takeLivePrices({ dataset, notes }: Imported, file: string, { columns = [] }: DatasetOptions): void {
  const changed = toLivePrices(dataset, dataset.columns?.get(COST_PART) ?? [], file);
  if (changed > 0) notes.set(`cost charged in part (column ${COST_PART}), read as its live price`, changed);
  dataset.columns?.delete(COST_PART);
  if (columns.length === 0) delete dataset.columns;
}

function nativeBuilder(name: string, options: Reading, place?: "line" | "row"): DatasetBuilder {
  const { columns = [], atLivePrices, bad } = options;
  const kept = columns === "all" || !atLivePrices ? columns : [...columns, COST_PART];
  return new DatasetBuilder(name, { ...options, place, columns: kept }, bad);
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
  options: Reading,
): Promise<Imported> {
  const name = fileName(path);
  const file = await openRowFile(path, options);
  try {
    const format = asked ?? file.format;
    if (format === "native") {
      const builder = nativeBuilder(name, options, file.unit);
      await file.readNative(builder);
      return native(builder, options);
    }
    const sink = await observations(name, options);
    await file.readForeign(format, sink);
    return imported(format, sink, options);
  } finally {
    await file.close();
  }
}

function native(builder: DatasetBuilder, { bad }: Reading): Imported {
  const dataset = builder.finish();
  const skipped = new Map(bad.reasons());
  if (builder.dropped > 0) skipped.set("does not meet the conditions", builder.dropped);
  return {
    dataset,
    format: "native",
    rows: dataset.ids.length + builder.dropped + bad.count,
    skipped,
    notes: builder.notes,
    priced: 0,
    unpriced: new Set(),
    taken: [],
  };
}

async function observations(name: string, options: Reading): Promise<Observations> {
  const price = options.price ?? priceCall(await readPrices());
  return new Observations(name, { ...options, price });
}

function imported({ name, isLog }: Format, sink: Observations, { blankCosts, bad }: Reading): Imported {
  const dataset = sink.finish();
  sink.counts.rows += bad.count;
  for (const [reason, times] of bad.reasons()) sink.counts.skipped.set(reason, times);
  if (!isLog || !blankCosts) return { dataset, format: name, ...sink.counts };
  // In work a blank cost forbids a model, but a log does not say what other models would have cost.
  sink.counts.notes.set("query of a log: work without its costs", dataset.ids.length);
  return { dataset: withoutModels(dataset), format: name, ...sink.counts };
}

function withoutModels({ ids, queries, columns }: Dataset): Dataset {
  const none = (): Float32Array => new Float32Array(0);
  return { ids, queries, models: [], cost: none(), outcome: none(), ...(columns && { columns }) };
}

/**
 * Reads the files of a folder that belong to the requested format, or else to the first format that matches one of
 * them.
 */
async function importFolder(
  path: string,
  asked: Format | "native" | undefined,
  options: Reading,
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
        if (problem !== OTHER) isLike = true;
        if (problem === undefined) break;
        sink.skipFile(problem);
      }
      options.onProgress?.({ phase: "read", done: i + 1, total: chosen.length });
    }
    if (isLike) return imported(format, sink, options);
  }
  return importParts(path, partsOf(path, all), asked, options);
}

/** Reads the files of a folder as one table. The first shows the format. */
async function importParts(
  path: string,
  parts: readonly Part[],
  asked: Format | "native" | undefined,
  options: Reading,
): Promise<Imported> {
  const name = fileName(path);
  const columns = new SameColumns();
  const builder = nativeBuilder(name, options);
  const sink = await observations(name, options);
  let format = asked;
  for (const [i, { path: whole, constants }] of parts.entries()) {
    const file = await openRowFile(whole, { signal: options.signal }, [...constants.keys()]);
    try {
      format ??= file.format;
      if (asked === undefined && file.format !== format) throw otherFormat(whole, file.format, parts[0].path);
      if (file.columns) columns.check(fileName(whole), file.columns);
      if (format === "native") {
        builder.startPart(fileName(whole), file.unit, constants);
        await file.readNative(builder);
      } else {
        sink.startPart(constants);
        await file.readForeign(format, sink);
      }
    } finally {
      await file.close();
    }
    options.onProgress?.({ phase: "read", done: i + 1, total: parts.length });
  }
  return format === undefined || format === "native"
    ? native(builder, options)
    : imported(format, sink, options);
}

function otherFormat(path: string, format: Format | "native", first: string): InputError {
  const name = fileName(path);
  const which = format === "native" ? format : format.name;
  return new InputError(
    `${name} has the format ${which}, unlike ${fileName(first)}; the files of a folder are read as one table`,
    { file: name },
  );
}

const OTHER = "file of another format";

/** Reads one file of a folder. Returns why it is left out, if it is. */
async function readFileOf(
  path: string,
  format: Format,
  sink: Observations,
  { signal }: Reading,
): Promise<string | undefined> {
  const file = await openRowFile(path, { signal });
  try {
    if (file.format !== format && !format.isLike(file.keys)) return OTHER;
    const problem = format.refuses && format.refuses(await aroundOf(path, format, signal));
    if (problem !== undefined) return problem;
    await file.readForeign(format, sink);
    return undefined;
  } finally {
    await file.close();
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
