import type { Command } from "commander";
import { checkOutput, writeOut } from "../write/file.js";
import { extendPredictor, fitPredictor } from "../plan/predictProblem.js";
import { predictedCosts } from "../plan/predictedCosts.js";
import { readDataset } from "../rows/dataset.js";
import { readPredictor } from "../plan/savedPredictor.js";
import { savePredictor } from "../predict/saved.js";
import type { Predictor } from "../predict/predictor.js";
import { learningOf, readingOf, running, withLearning, type LearningOptions } from "./common.js";
import type { Io } from "./io.js";
import { brief } from "../report/format.js";
import { table } from "../report/terminal/table.js";
import { oneLine as plain } from "../text/shown.js";
import { checkVectorOptions, readRows, withVectors, type VectorOptions } from "./vectors.js";

interface Options extends LearningOptions, VectorOptions {
  work?: string;
  extend?: string;
  output: string;
}

export function addFit(program: Command, io: Io): void {
  const command = program
    .command("fit")
    .description("learn from labelled rows, and keep what was learned")
    .argument("<sample>", "labelled rows: query, <model>__score …")
    .requiredOption("-o, --output <file>", "the predictor, for `optllm predict` and `optllm solve`")
    .option("--work <file>", "rows like those to be predicted: their texts help, scores are not needed")
    .option(
      "--extend <file>",
      "a predictor that is kept as it is; only models that it lacks are learned, and added to it",
    );
  withVectors(withLearning(command), "the sample")
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm fit sample.jsonl --work work.jsonl -o predictor.optllm" +
        "\n  $ optllm fit new-models.jsonl --extend predictor.optllm -o larger.optllm",
    )
    .action(async (sample: string, options: Options) => {
      checkVectorOptions(command, options);
      if (
        options.work !== undefined &&
        (options.vectors ?? options.vectorColumns ?? options.embed) !== undefined
      )
        command.error("error: --work is of no use with vectors: only its texts would help");
      const predictor = await running(io, options, async (progress, pool) => {
        await checkOutput(options.output);
        const reading = readingOf(options, io, progress);
        const { where, vectors } = options;
        const known = options.extend === undefined ? undefined : await readPredictor(options.extend);
        const labelled = await readRows(sample, { ...reading, where }, options, vectors);
        const { work } = options;
        const texts =
          work === undefined ? [] : (await readDataset(work, { ...reading, blankCosts: true })).queries;
        const learning = { ...learningOf(options), ...reading, pool };
        const fitted = known
          ? await extendPredictor(known, labelled, texts, learning)
          : await fitPredictor(labelled, texts, learning);
        fitted.notes.forEach((note) => progress.note(`note: ${plain(note)}`));
        await writeOut(options.output, [savePredictor(fitted)], { signal: io.signal });
        return fitted;
      });
      io.out(
        options.json ? `${JSON.stringify(summaryOf(predictor))}\n` : describe(predictor, options.output),
      );
    });
}

function summaryOf(predictor: Predictor) {
  const { kind, models, settings, candidates, replicates, notes } = predictor;
  const costs = predictor.costs.flatMap(predictedCosts);
  return { predictor: kind, models, settings, candidates, replicates, costs, notes };
}

function describe({ models, settings, candidates, costs }: Predictor, output: string): string {
  const priced = costs.flatMap((part) => part.models).length;
  const rows = candidates.slice(0, 10).map(({ kind, setting, logLoss }) => [
    kind,
    Object.entries(setting)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
    brief(logLoss),
  ]);
  return (
    `\n${table([["tried", "setting", "held-out log-loss"], ...rows])}` +
    (candidates.length > rows.length ? `… and ${candidates.length - rows.length} more\n` : "") +
    `\ntaken: ${settings.join(" + ")}\ncosts: ${priced === 0 ? "the sample has none" : `learned for ${priced} of ${models.length} models`}\npredictor written to ${output}\n`
  );
}
