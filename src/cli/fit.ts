import type { Command } from "commander";
import { checkOutput, fitPredictor, readDataset, savePredictor, writeOut, type Predictor } from "../index.js";
import { learningOf, readingOf, showing, withLearning, withThreads, type LearningOptions } from "./common.js";
import type { Io } from "./io.js";
import { plain, table } from "./text.js";

interface Options extends LearningOptions {
  work?: string;
  output: string;
}

export function addFit(program: Command, io: Io): void {
  const command = program
    .command("fit")
    .description("learn from labelled rows, and keep what was learned")
    .argument("<sample>", "labelled rows: query, <model>__score …")
    .requiredOption("-o, --output <file>", "the predictor, for `optllm predict` and `optllm solve`")
    .option("--work <file>", "rows like those to be predicted: their texts help, scores are not needed");
  withLearning(command)
    .addHelpText("after", "\nExample:\n  $ optllm fit sample.jsonl --work work.jsonl -o predictor.optllm")
    .action(async (sample: string, options: Options) => {
      const predictor = await showing(io, options, (progress) =>
        withThreads(options, async (pool) => {
          await checkOutput(options.output);
          const reading = readingOf(options, io, progress);
          const labelled = await readDataset(sample, { ...reading, where: options.where });
          const work = options.work === undefined ? undefined : await readDataset(options.work, reading);
          const fitted = await fitPredictor(labelled, work?.queries ?? [], {
            ...learningOf(options),
            ...reading,
            pool,
          });
          fitted.notes.forEach((note) => progress.note(`note: ${plain(note)}`));
          await writeOut(options.output, [savePredictor(fitted)], { signal: io.signal });
          return fitted;
        }),
      );
      io.out(
        options.json ? `${JSON.stringify(summaryOf(predictor))}\n` : describe(predictor, options.output),
      );
    });
}

function summaryOf({ kind, models, settings, candidates, replicates, notes }: Predictor) {
  return { predictor: kind, models, settings, candidates, replicates, notes };
}

function describe({ settings, candidates }: Predictor, output: string): string {
  const rows = candidates.slice(0, 10).map(({ kind, setting, logLoss }) => [
    kind,
    Object.entries(setting)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
    logLoss.toFixed(4),
  ]);
  return (
    `\n${table([["tried", "setting", "held-out log-loss"], ...rows])}` +
    (candidates.length > rows.length ? `… and ${candidates.length - rows.length} more\n` : "") +
    `\ntaken: ${settings.join(" + ")}\npredictor written to ${output}\n`
  );
}
