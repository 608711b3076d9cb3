import { Option, type Command } from "commander";
import { MODES, type Mode } from "../../prices/price.js";
import { pricesWanted } from "../../prices/wanted.js";
import { count } from "../../text/amounts.js";
import { oneLine } from "../../text/shown.js";
import { importDataset } from "../../rows/dataset.js";
import { withCascade, type Cascade } from "../../plan/cascade.js";
import type { Imported } from "../../rows/reading.js";
import { type UsageFile, withUsage } from "../../rows/formats/batchUsage.js";
import { FORMATS, isLog } from "../../rows/formats/formats.js";
import { withQueries } from "../../rows/queryTexts.js";
import type { Condition } from "../../rows/where.js";
import type { OnProgress } from "../../types.js";
import { datasetRows, nativeTable, type DatasetFormat } from "../../write/dataset.js";
import { outputFormat, writeOut } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import type { Io } from "../io.js";
import { logSummary, perModel } from "../../report/terminal/logSummary.js";
import { withCommon, type CommonOptions } from "../options/common.js";
import { modelsOption, queryColumnOption, skipBadRowsOption, whereOption } from "../options/fitting.js";
import { settleNames } from "../../rows/modelNames.js";
import { knownPrices, withPrices, type PriceOptions } from "../options/prices.js";
import { scoresOf, withScores, type ScoreOptions } from "../options/scores.js";
import { cascade, names, usageFile } from "../parse.js";
import { showing } from "../running.js";

const OUTPUTS: DatasetFormat[] = ["jsonl", "csv", "parquet"];

interface Options extends CommonOptions, PriceOptions, ScoreOptions {
  from?: string;
  output?: string;
  models?: string[];
  columns?: string[];
  where: Condition[];
  queryColumn?: string;
  skipBadRows?: boolean;
  usage?: UsageFile[];
  mode?: Mode;
  queries?: string;
  cascade?: Cascade[];
}

interface Reading {
  signal: AbortSignal;
  onProgress: OnProgress;
}

export function addImport(program: Command, io: Io): void {
  const command = program
    .command("import")
    .description("turn another tool's results into native rows")
    .argument(
      "<path>",
      "a file (JSON, JSONL, CSV or Parquet; text also as gzip), a folder, or - for standard input",
    )
    .addOption(
      new Option("--from <format>", "the format (default: found from the content)").choices([...FORMATS]),
    )
    .option("-o, --output <file>", "the rows: .jsonl or .csv, also .gz, or .parquet (default: stdout)")
    .addOption(modelsOption())
    .option("--columns <names>", "other columns to keep, separated by commas (default: all)", names)
    .addOption(whereOption("records"))
    .addOption(queryColumnOption())
    .addOption(skipBadRowsOption("records"))
    .option(
      "--usage <[model=]file>",
      "answers of a batch (OpenAI, Anthropic, Gemini, Mistral, Bedrock), joined by custom_id, key or recordId, for tokens and costs (may be repeated)",
      usageFile,
    )
    .addOption(
      new Option("--mode <mode>", "with --usage: how the answers are charged (default: batch)").choices([
        ...MODES,
      ]),
    )
    .option("--queries <file>", "take missing texts from these batch requests, or rows with id and query");
  command.option(
    "--cascade <small,large,column[,dollars]>",
    "add the model `small then large`: large answers where the column says that the check of small's answer failed; a check costs these dollars (may be repeated)",
    cascade,
  );
  withScores(withCommon(withPrices(command)))
    .addHelpText(
      "after",
      "\nCounts of what was read and left out go to stderr, or as JSON to stdout with --json and -o." +
        "\n\nExample:\n  $ optllm import results.json -o labelled.jsonl" +
        "\n  $ optllm import lm-eval-output/ -o labelled.parquet" +
        "\n  $ optllm import scores.csv --queries requests.jsonl --usage out-1.jsonl --usage out-2.jsonl -o labelled.jsonl",
    )
    .action((path: string, options: Options) => {
      if (options.mode !== undefined && options.usage === undefined)
        command.error("error: --mode needs --usage");
      return run(path, options, io);
    });
}

async function run(path: string, options: Options, io: Io): Promise<void> {
  const { output, json, quiet } = options;
  const format = outputFormat(output, OUTPUTS);
  const { usage = [], queries, prices } = options;
  await checkOutputs([output], [path, ...usage.map((file) => file.path), queries, prices]);
  await settleNames(options, [path], io);
  const imported = await showing(io, options, (progress) =>
    read(path, options, { signal: io.signal, onProgress: progress.update }, io),
  );
  await write(imported, output, format, io.signal);
  if (json && output !== undefined) io.out(`${JSON.stringify({ ...countsOf(imported), output })}\n`);
  else if (!quiet) io.err(describe(imported));
}

async function read(path: string, options: Options, reading: Reading, io: Io): Promise<Imported> {
  const { from, models, where, queryColumn, skipBadRows, usage, queries, cascade: cascades = [] } = options;
  const columns = options.columns && [...options.columns, ...cascades.map(({ check }) => check)];
  const { table, price, given } = await knownPrices(options, io);
  const imported = await importDataset(path, {
    ...{ from, models, where, queryColumn, skipBadRows, score: scoresOf(options), ...reading },
    columns: columns ?? "all",
    blankCosts: usage !== undefined && models === undefined,
    ...{ price, given },
  });
  if (usage === undefined) given?.check(imported.dataset.models);
  if (queries !== undefined) {
    const requests = await importDataset(queries, { ...reading, skipBadRows, blankCosts: true });
    const { dataset, missing } = withQueries(imported.dataset, requests.dataset);
    imported.dataset = dataset;
    if (missing > 0) imported.notes.set(`query without a text, also in ${queries}`, missing);
  }
  if (usage !== undefined) {
    const joined = await withUsage(imported.dataset, usage, table, {
      mode: options.mode,
      skipBadRows,
      ...reading,
    });
    imported.dataset = joined.dataset;
    joined.notes.forEach((times, note) => imported.notes.set(note, times));
    imported.priced += joined.answers;
  }
  imported.dataset = cascades.reduce(withCascade, imported.dataset);
  return imported;
}

async function write(
  { dataset, skipped }: Imported,
  output: string | undefined,
  format: DatasetFormat,
  signal: AbortSignal,
): Promise<void> {
  const scores = dataset.outcome.some((score) => !Number.isNaN(score));
  const table = nativeTable(dataset);
  if (table.leftOut > 0) skipped.set("query without any cost, not written", table.leftOut);
  await writeOut(output, datasetRows(table, format, { scores }), { signal });
}

function countsOf({ dataset, format, rows, skipped, notes, priced, taken }: Imported) {
  return {
    format,
    records: rows,
    queries: dataset.ids.length,
    models: dataset.models,
    skipped: Object.fromEntries(skipped),
    notes: Object.fromEntries(notes),
    priced,
    taken,
    ...(isLog(format) && perModel(dataset)),
  };
}

function describe({ dataset, format, rows, skipped, notes, priced, unpriced, taken }: Imported): string {
  const lines = [
    `${format}: ${count(rows)} records, ${count(dataset.ids.length)} queries, ${dataset.models.length} models`,
    ...taken.map((sentence) => `  ${oneLine(sentence)}`),
    ...[...skipped].map(([reason, times]) => `  ${count(times)} left out: ${oneLine(reason)}`),
    ...[...notes].map(([reason, times]) => `  ${count(times)} × ${oneLine(reason)}`),
    ...(priced > 0 ? [`  priced from tokens: ${count(priced)}`] : []),
    ...(isLog(format) ? logSummary(dataset) : []),
    ...(unpriced.size > 0 ? [`  ${pricesWanted(unpriced)}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
