import type { Command } from "commander";
import { checkOutput, outputFormat, writeOut } from "../write/file.js";
import { npyBytes, probabilityRows } from "../write/probabilities.js";
import { readPredictor } from "../plan/savedPredictor.js";
import { running, threadsOption, withCommon, type CommonOptions } from "./common.js";
import type { Io } from "./io.js";
import { count } from "../report/format.js";
import { oneLine as plain } from "../text/shown.js";
import { checkVectorOptions, readRows, withVectors, type VectorOptions } from "./vectors.js";

interface Options extends CommonOptions, VectorOptions {
  predictor: string;
  output?: string;
  threads?: number;
}

export function addPredict(program: Command, io: Io): void {
  const command = program
    .command("predict")
    .description("how likely each model answers each query well, from a saved predictor")
    .argument("<work>", "rows with id and query")
    .requiredOption("--predictor <file>", "what `optllm fit` wrote")
    .option(
      "-o, --output <file>",
      "the probabilities: .jsonl, .csv or .json, also .gz, or .npy, queries × models (default: stdout)",
    )
    .addOption(threadsOption());
  withVectors(withCommon(command), "the work")
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm predict work.jsonl --predictor predictor.optllm -o probabilities.jsonl",
    )
    .action(async (work: string, options: Options) => {
      checkVectorOptions(command, options);
      const done = await running(io, options, async (progress, pool) => {
        const { output } = options;
        const isNpy = output !== undefined && /\.npy$/i.test(output);
        const format = isNpy ? undefined : outputFormat(output, ["jsonl", "csv", "json"]);
        await checkOutput(output);
        const context = { pool, signal: io.signal, onProgress: progress.update };
        const predictor = await readPredictor(options.predictor);
        const { ids, queries, vectors } = await readRows(
          work,
          { ...context, blankCosts: true },
          options,
          options.vectors,
        );
        const successProbability = await predictor.predict(queries, { ...context, vectors });
        predictor.notes.forEach((note) => progress.note(`note: ${plain(note)}`));
        progress.clear();
        const { models } = predictor;
        const chunks =
          format === undefined
            ? npyBytes(successProbability, ids.length, models.length)
            : probabilityRows({ ids, models, successProbability }, format);
        await writeOut(output, chunks, { signal: io.signal });
        return { queries: ids.length, models };
      });
      if (options.output === undefined) return;
      if (options.json) io.out(`${JSON.stringify(done)}\n`);
      else io.out(`${count(done.queries)} queries predicted, written to ${options.output}\n`);
    });
}
