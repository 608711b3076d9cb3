import type { Command } from "commander";
import { MAX_MODELS } from "../../../assembly/layout.js";
import type { Part } from "../../plan/rows.js";
import { simulate } from "../../simulate/simulate.js";
import { simulatedParts } from "../../simulate/simulatedParts.js";
import { type DatasetFormat, datasetRows } from "../../write/dataset.js";
import { outputFormat, writeOut } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import type { Io } from "../io.js";
import { seedOption, withCommon, type CommonOptions } from "../options/common.js";
import { part, wholeNumber } from "../parse.js";
import type { Progress } from "../progress.js";
import { showing } from "../running.js";

interface Options extends CommonOptions {
  queries: number;
  models: number;
  seed: number;
  output?: string;
  labels?: string;
  labelled?: Part;
}

const FORMATS: DatasetFormat[] = ["jsonl", "csv", "parquet"];

export function addSimulate(program: Command, io: Io): void {
  const command = program
    .command("simulate")
    .description("make a believable workload: latent difficulty, uneven skills, long-tailed token counts")
    .requiredOption("--queries <n>", "number of queries", wholeNumber(1, 1e9))
    .requiredOption("--models <n>", "number of models", wholeNumber(1, MAX_MODELS))
    .addOption(seedOption())
    .option("-o, --output <file>", "the rows: .jsonl or .csv, also .gz, or .parquet (default: stdout)")
    .option(
      "--labels <file>",
      "write some rows with scores to this file, and all others without scores to -o",
    )
    .option("--labelled <part>", "with --labels: how many rows get scores, 5% or 500 (default: 5%)", part);
  withCommon(command)
    .addHelpText(
      "after",
      "\nWithout --labels every row of the output carries scores, ready for `optllm backtest`." +
        "\n\nExample:\n  $ optllm simulate --queries 3000 --models 6 --seed 1 -o labelled.jsonl" +
        "\n  $ optllm backtest labelled.jsonl --train 5% --validation 5%",
    )
    .action(async (options: Options) => {
      if (options.labelled !== undefined && options.labels === undefined) {
        command.error("error: --labelled needs --labels, the file for the labelled rows");
      }
      const { queries, models, seed, output, labels, json } = options;
      await showing(io, options, (progress) => run(options, io, progress));
      // Standard output has the rows otherwise.
      if (json && output !== undefined && output !== "-")
        io.out(`${JSON.stringify({ queries, models, seed, output, labels })}\n`);
    });
}

async function run(options: Options, { signal }: Io, progress: Progress): Promise<void> {
  const { queries, models, seed, output, labels } = options;
  const format = outputFormat(output, FORMATS);
  await checkOutputs([output, labels], []);
  const workload = simulate({ queries, models, seed });
  const onRow = (done: number): void => progress.update({ phase: "simulating", done, total: queries });
  const labelled = labels === undefined ? undefined : (options.labelled ?? { share: 0.05 });
  const { work, sample } = simulatedParts(workload, labelled, seed, onRow);
  if (labels !== undefined && sample !== undefined) {
    const rows = datasetRows({ models: workload.models, rows: sample }, outputFormat(labels, FORMATS));
    await writeOut(labels, rows, { signal });
  }
  const scores = labels === undefined;
  await writeOut(output, datasetRows({ models: workload.models, rows: work }, format, { scores }), {
    signal,
  });
}
