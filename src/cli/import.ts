import { Option, type Command } from "commander";
import {
  checkOutput,
  datasetRows,
  FORMATS,
  importDataset,
  priceCall,
  readPrices,
  nativeTable,
  outputFormat,
  writeOut,
  type Condition,
  type DatasetFormat,
  type Imported,
} from "../index.js";
import { pricesOption, showing, withCommon, type CommonOptions } from "./common.js";
import type { Io } from "./io.js";
import { condition, names } from "./parse.js";
import { plain } from "./text.js";

const OUTPUTS: DatasetFormat[] = ["jsonl", "csv", "parquet"];

interface Options extends CommonOptions {
  from?: string;
  output?: string;
  models?: string[];
  columns?: string[];
  where: Condition[];
  prices?: string;
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
    .addOption(pricesOption());
  withCommon(command)
    .addHelpText(
      "after",
      "\nCounts of what was read and left out go to stderr, or as JSON to stdout with --json and -o." +
        "\n\nExample:\n  $ optllm import results.json -o labelled.jsonl" +
        "\n  $ optllm import lm-eval-output/ --where task=gsm8k -o labelled.parquet",
    )
    .action(async (path: string, options: Options) => {
      const { output, from, models, where } = options;
      const imported = await showing(io, options, async (progress) => {
        const format = outputFormat(output, OUTPUTS);
        await checkOutput(output);
        const result = await importDataset(path, {
          from,
          models,
          where,
          columns: options.columns ?? "all",
          price: priceCall(await readPrices(options.prices, io)),
          signal: io.signal,
          onProgress: progress.update,
        });
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
  const count = (n: number): string => n.toLocaleString("en");
  const lines = [
    `${format}: ${count(rows)} records, ${count(dataset.ids.length)} queries, ${dataset.models.length} models`,
    ...[...skipped].map(([reason, times]) => `  ${count(times)} left out: ${plain(reason)}`),
    ...[...notes].map(([reason, times]) => `  ${count(times)} × ${plain(reason)}`),
    ...(priced > 0 ? [`  priced from tokens: ${count(priced)}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
