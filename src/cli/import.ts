import { Option, type Command } from "commander";
import { checkOutput, outputFormat, writeOut } from "../write/file.js";
import { datasetRows, nativeTable, type DatasetFormat } from "../write/dataset.js";
import { FORMATS } from "../rows/formats/formats.js";
import { importDataset, type Imported } from "../rows/dataset.js";
import { priceCall } from "../prices/call.js";
import { readPrices } from "../prices/table.js";
import type { Condition } from "../rows/where.js";
import { MODES, type Mode } from "../prices/price.js";
import { type UsageFile, withUsage } from "../rows/formats/batchUsage.js";
import { withQueries } from "../rows/queryTexts.js";
import { pricesOption, showing, withCommon, type CommonOptions } from "./common.js";
import type { Io } from "./io.js";
import { condition, names, usageFile } from "./parse.js";
import { count, plain } from "../report/terminal/text.js";

const OUTPUTS: DatasetFormat[] = ["jsonl", "csv", "parquet"];

interface Options extends CommonOptions {
  from?: string;
  output?: string;
  models?: string[];
  columns?: string[];
  where: Condition[];
  prices?: string;
  usage?: UsageFile[];
  mode?: Mode;
  queries?: string;
}

export function addImport(program: Command, io: Io): void {
  const command = program
    .command("import")
    .description("turn another tool's results into native rows")
    .argument(
      "<path>",
      "a file (JSON, JSONL, CSV, Parquet; text also as gzip), a folder, or - for standard input",
    )
    .addOption(
      new Option("--from <format>", "the format (default: what the content shows)").choices([...FORMATS]),
    )
    .option("-o, --output <file>", "the rows: .jsonl or .csv, also .gz, or .parquet (default: stdout)")
    .option("--models <names>", "only these models, separated by commas", names)
    .option(
      "--columns <names>",
      "other columns to keep, separated by commas (default: all that the format has)",
      names,
    )
    .option(
      "--where <condition>",
      "only rows that meet it: task=math, weight>=2 (may be repeated)",
      condition,
      [],
    )
    .addOption(pricesOption())
    .option(
      "--usage <[model=]file>",
      "what a batch's answers took, joined by custom_id: OpenAI Batch output, Anthropic batch results (may be repeated)",
      usageFile,
    )
    .addOption(new Option("--mode <mode>", "the rates of --usage (default: batch)").choices([...MODES]))
    .option("--queries <file>", "batch requests, or rows with id and query: texts that the results lack");
  withCommon(command)
    .addHelpText(
      "after",
      "\nCounts of what was read and left out go to stderr, or as JSON to stdout with --json and -o." +
        "\n\nExample:\n  $ optllm import results.json -o labelled.jsonl" +
        "\n  $ optllm import lm-eval-output/ -o labelled.parquet" +
        "\n  $ optllm import scores.csv --queries requests.jsonl --usage out-1.jsonl --usage out-2.jsonl -o labelled.jsonl",
    )
    .action(async (path: string, options: Options) => {
      const { output, from, models, where, usage, queries } = options;
      if (options.mode !== undefined && usage === undefined) command.error("error: --mode is of --usage");
      const imported = await showing(io, options, async (progress) => {
        const format = outputFormat(output, OUTPUTS);
        await checkOutput(output);
        const prices = await readPrices(options.prices, io);
        const reading = { signal: io.signal, onProgress: progress.update };
        const result = await importDataset(path, {
          from,
          models,
          where,
          columns: options.columns ?? "all",
          blankCosts: usage !== undefined && models === undefined,
          price: priceCall(prices),
          ...reading,
        });
        if (queries !== undefined) {
          const requests = await importDataset(queries, { ...reading, blankCosts: true });
          const { dataset, missing } = withQueries(result.dataset, requests.dataset);
          result.dataset = dataset;
          if (missing > 0) result.notes.set(`query without a text, also in ${queries}`, missing);
        }
        if (usage !== undefined) {
          const joined = await withUsage(result.dataset, usage, prices, { mode: options.mode, ...reading });
          result.dataset = joined.dataset;
          joined.notes.forEach((times, note) => result.notes.set(note, times));
          result.priced += joined.answers;
        }
        progress.clear();
        const scores = result.dataset.outcome.some((score) => !Number.isNaN(score));
        const table = nativeTable(result.dataset);
        if (table.leftOut > 0) result.skipped.set("query without any cost, not written", table.leftOut);
        await writeOut(output, datasetRows(table, format, { scores }), {
          signal: io.signal,
        });
        return result;
      });
      if (options.json && output !== undefined) io.out(`${JSON.stringify(countsOf(imported))}\n`);
      else if (!options.quiet) io.err(describe(imported));
    });
}

function countsOf({ dataset, format, rows, skipped, notes, priced }: Imported) {
  return {
    format,
    records: rows,
    queries: dataset.ids.length,
    models: dataset.models,
    skipped: Object.fromEntries(skipped),
    notes: Object.fromEntries(notes),
    priced,
  };
}

function describe({ dataset, format, rows, skipped, notes, priced }: Imported): string {
  const lines = [
    `${format}: ${count(rows)} records, ${count(dataset.ids.length)} queries, ${dataset.models.length} models`,
    ...[...skipped].map(([reason, times]) => `  ${count(times)} left out: ${plain(reason)}`),
    ...[...notes].map(([reason, times]) => `  ${count(times)} × ${plain(reason)}`),
    ...(priced > 0 ? [`  priced from tokens: ${count(priced)}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
