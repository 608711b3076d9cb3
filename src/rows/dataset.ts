import { stat } from "node:fs/promises";
import { InputError } from "../errors.js";
import { pricesWanted } from "../prices/wanted.js";
import { nearest } from "../text/nearest.js";
import { fileName, shown } from "../text/shown.js";
import type { Dataset } from "../types.js";
import { BadRows } from "./badRows.js";
import { COST_PART, toLivePrices } from "./costParts.js";
import { importFolder } from "./folder/importFolder.js";
import type { Format } from "./formats/format.js";
import { FORMATS, formats } from "./formats/formats.js";
import { applyGiven } from "./givenPrices.js";
import { importedOf, nativeBuilder, nativeOf, observations } from "./reading.js";
import type { DatasetOptions, Imported, Reading } from "./reading.js";
import { openRowFile } from "./rowFile.js";

/**
 * Reads rows from a file ("-": standard input) or folder. The format is found from the content: native rows in CSV,
 * JSONL or Parquet, or one of the other tools' formats that docs/guide/formats.md lists. Text files may be gzip or zstd. A folder of such
 * files is one table: columns are matched by name, and blank where a file lacks them.
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
    if (atLivePrices) takeLivePrices(imported, options);
    const { given, recorded = "replace" } = options;
    if (given) applyGiven(imported.dataset, given, recorded);
    return imported;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${fileName(path)} does not fit in memory (${error.message})`, { file: path });
  }
}

function takeLivePrices({ dataset, notes }: Imported, { columns = [] }: DatasetOptions): void {
  const changed = toLivePrices(dataset, dataset.columns?.get(COST_PART) ?? []);
  if (changed > 0) notes.set(`cost charged in part (column ${COST_PART}), read as its live price`, changed);
  dataset.columns?.delete(COST_PART);
  if (columns.length === 0) delete dataset.columns;
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
  const { constants = new Map<string, string>() } = options;
  const file = await openRowFile(path, options, [...constants.keys()]);
  try {
    const format = asked ?? file.format;
    if (format === "native") {
      const builder = nativeBuilder(name, options, file.unit);
      builder.setConstants(constants);
      await file.readNative(builder);
      // Awaited here: a rejection must find its handler before the file is closed.
      return await nativeOf(builder, options);
    }
    const sink = await observations(name, options);
    sink.startPart(constants);
    await file.readForeign(format, sink);
    return importedOf(format, sink, options);
  } finally {
    await file.close();
  }
}
