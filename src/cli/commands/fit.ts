import type { Command } from "commander";
import { predictedCosts } from "../../plan/predictedCosts.js";
import { extendPredictor, fitPredictor } from "../../plan/predictProblem.js";
import { readPredictor } from "../../plan/savedPredictor.js";
import type { Pool } from "../../pool/pool.js";
import type { Predictor } from "../../predict/predictor.js";
import { savePredictor } from "../../predict/saved.js";
import { brief } from "../../text/amounts.js";
import { table } from "../../report/terminal/table.js";
import { writeOut } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import type { Io } from "../io.js";
import { ROW_FILES } from "../options/common.js";
import { readDataset } from "../../rows/dataset.js";
import {
  fittingOf,
  labelledReading,
  note,
  readingOf,
  withFitting,
  type FittingOptions,
} from "../options/fitting.js";
import { settleNames } from "../options/names.js";
import { knownPrices, withPrices, type PriceOptions } from "../options/prices.js";
import { checkVectorOptions, readRows, withVectors, type VectorOptions } from "../options/vectors.js";
import type { Progress } from "../progress.js";
import { running } from "../running.js";

interface Options extends FittingOptions, VectorOptions, PriceOptions {
  work?: string;
  extend?: string;
  output: string;
}

export function addFit(program: Command, io: Io): void {
  const command = program
    .command("fit")
    .description("fit a predictor to labelled rows and save it")
    .argument("<sample>", `labelled rows: query, <model>__score … (${ROW_FILES})`)
    .requiredOption("-o, --output <file>", "the predictor, for `optllm predict` and `optllm solve`")
    .option(
      "--work <file>",
      "rows like those to be predicted; their texts improve the fit, scores are not needed",
    )
    .option(
      "--extend <file>",
      "add models to this saved predictor; the models that it has already are left as they are",
    );
  withVectors(withFitting(withPrices(command), "rows of the sample"), "the sample")
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm fit sample.jsonl --work work.jsonl -o predictor.optllm" +
        "\n  $ optllm fit new-models.jsonl --extend predictor.optllm -o larger.optllm",
    )
    .action((sample: string, options: Options) => {
      checkVectorOptions(command, options);
      const hasVectors = (options.vectors ?? options.vectorColumns ?? options.embed) !== undefined;
      if (options.work !== undefined && hasVectors && !options.vectorsAdd)
        command.error("error: --work cannot be used with vectors in place of the texts; see --vectors-add");
      return run(sample, options, io);
    });
}

async function run(sample: string, options: Options, io: Io): Promise<void> {
  const { output, work, extend, vectors } = options;
  await checkOutputs([output], [sample, work, extend, vectors]);
  const predictor = await running(io, options, (progress, pool) => fit(sample, options, io, progress, pool));
  await writeOut(output, [savePredictor(predictor)], { signal: io.signal });
  const summary = { ...summaryOf(predictor), output };
  io.out(options.json ? `${JSON.stringify(summary)}\n` : describe(predictor, output));
}

async function fit(
  sample: string,
  options: Options,
  io: Io,
  progress: Progress,
  pool: Pool,
): Promise<Predictor> {
  const { where, vectors, work, extend } = options;
  await settleNames(options, [sample], io);
  const { price, given } = await knownPrices(options, io);
  const reading = { ...readingOf(options, io, progress), price, given };
  const known = extend === undefined ? undefined : await readPredictor(extend);
  const labelled = await readRows(sample, labelledReading({ ...reading, where }, options), options, vectors);
  given?.check(labelled.models);
  const asWork = { ...reading, given: undefined, blankCosts: true, needsTexts: false };
  const texts = work === undefined ? [] : (await readDataset(work, asWork)).queries;
  const fitting = { ...fittingOf(options), ...reading, pool };
  const fitted = known
    ? await extendPredictor(known, labelled, texts, fitting)
    : await fitPredictor(labelled, texts, fitting);
  fitted.notes.forEach((text) => note(progress, text));
  return fitted;
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
    `\nchosen: ${settings.join(" + ")}\n` +
    `costs: ${priced === 0 ? "none in the sample" : `fitted for ${priced} of ${models.length} models`}\n` +
    `predictor written to ${output}\n`
  );
}
