import type { Command } from "commander";
import { checkTexts, featureTexts } from "../../plan/predictProblem.js";
import { readPredictor } from "../../plan/savedPredictor.js";
import { count } from "../../text/amounts.js";
import { outputFormat, writeOut } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import { npyBytes, probabilityRows } from "../../write/probabilities.js";
import type { TableFormat } from "../../write/table.js";
import { oneLine } from "../../text/shown.js";
import type { Io } from "../io.js";
import { ROW_FILES, threadsOption, withCommon, type CommonOptions } from "../options/common.js";
import { note, queryColumnOption, skipBadRowsOption } from "../options/fitting.js";
import { checkVectorOptions, readRows, withVectors, type VectorOptions } from "../options/vectors.js";
import { running } from "../running.js";

const FORMATS: TableFormat[] = ["jsonl", "csv", "json"];

interface Options extends CommonOptions, VectorOptions {
  predictor: string;
  output?: string;
  queryColumn?: string;
  skipBadRows?: boolean;
  threads?: number;
}

export function addPredict(program: Command, io: Io): void {
  const command = program
    .command("predict")
    .description("predict with a saved predictor the success probability of each model on each query")
    .argument("<work>", `rows with id and query (${ROW_FILES})`)
    .requiredOption("--predictor <file>", "a predictor saved by `optllm fit`")
    .option(
      "-o, --output <file>",
      "the probabilities: .jsonl, .csv or .json, also .gz, or .npy, queries × models (default: stdout)",
    )
    .addOption(queryColumnOption())
    .addOption(skipBadRowsOption())
    .addOption(threadsOption());
  withVectors(withCommon(command), "the work")
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm predict work.jsonl --predictor predictor.optllm -o probabilities.jsonl",
    )
    .action((work: string, options: Options) => {
      checkVectorOptions(command, options);
      return run(work, options, io);
    });
}

async function run(work: string, options: Options, io: Io): Promise<void> {
  const { output } = options;
  const { signal } = io;
  const isNpy = output !== undefined && /\.npy$/i.test(output);
  const format = isNpy ? undefined : outputFormat(output, FORMATS);
  await checkOutputs([output], [work, options.predictor, options.vectors]);
  const { ids, models, successProbability } = await running(io, options, async (progress, pool) => {
    const context = { pool, signal, onProgress: progress.update };
    const predictor = await readPredictor(options.predictor);
    const { queryColumn, skipBadRows } = options;
    const onNote = (text: string): void => note(progress, text);
    const reading = { ...context, queryColumn, skipBadRows, onNote, blankCosts: true };
    const { featureColumns } = predictor;
    const rows = await readRows(work, reading, { ...options, featureColumns }, options.vectors);
    const { ids, queries, vectors } = rows;
    checkTexts(queries, predictor);
    const columns = featureTexts(rows, featureColumns);
    const successProbability = await predictor.predict(queries, { ...context, vectors, columns });
    predictor.notes.forEach((text) => note(progress, text));
    return { ids, models: predictor.models, successProbability };
  });
  const chunks =
    format === undefined
      ? npyBytes(successProbability, ids.length, models.length)
      : probabilityRows({ ids, models, successProbability }, format);
  await writeOut(output, chunks, { signal });
  if (output === undefined) return;
  if (options.json) io.out(`${JSON.stringify({ queries: ids.length, models, output })}\n`);
  else io.out(`${count(ids.length)} queries predicted, written to ${oneLine(output)}\n`);
}
