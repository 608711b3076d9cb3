import { Option, type Command } from "commander";
import { ALGORITHMS, type Algorithm } from "../solve/front.js";
import { PREDICTORS, type PredictorChoice } from "../predict/fit.js";
import type { Condition } from "../rows/where.js";
import type { DatasetOptions } from "../rows/dataset.js";
import type { Changes } from "../plan/whatIf.js";
import type { Dataset } from "../types.js";
import type { Part } from "../plan/rows.js";
import { Pool } from "../pool/pool.js";
import type { Predictor } from "../predict/predictor.js";
import { readPredictor } from "../plan/savedPredictor.js";
import type { Target } from "../solve/target.js";
import type { Io } from "./io.js";
import {
  condition,
  finiteNumber,
  modelFactor,
  modelPrice,
  names,
  numberFrom0,
  part,
  shareOf1,
  wholeNumber,
} from "./parse.js";
import { Progress } from "./progress.js";
import { plain } from "../report/terminal/text.js";
import { checkVectorOptions, readRows, type VectorOptions } from "./vectors.js";

/** What every command understands. */
export interface CommonOptions {
  quiet?: boolean;
  json?: boolean;
}

export function withCommon(command: Command): Command {
  return command
    .option("--json", "print the result as JSON for programs")
    .option("-q, --quiet", "no progress and no notes on stderr");
}

/** What a command that learns from a labelled sample understands. */
export interface LearningOptions extends CommonOptions {
  models?: string[];
  where: Condition[];
  predictor: PredictorChoice;
  seed: number;
  replicates?: number;
  alpha?: number;
  threads?: number;
}

export function withLearning(command: Command): Command {
  return withCommon(command)
    .option("--models <names>", "only these models, separated by commas", names)
    .option(
      "--where <condition>",
      "only rows (of the work) that meet it: task=math, weight>=2 (may be repeated)",
      condition,
      [],
    )
    .addOption(
      new Option("--predictor <kind>", "what predicts the success probabilities")
        .choices([...PREDICTORS])
        .default("auto"),
    )
    .option("--seed <n>", "seed of everything random", wholeNumber(0, 2 ** 31 - 1), 1)
    .option(
      "--replicates <n>",
      "bootstrap replicates to average (default: 0, with --alpha 50)",
      wholeNumber(0, 1000),
    )
    .option(
      "--alpha <x>",
      "add so many standard deviations of the replicates; negative is cautious",
      finiteNumber,
    )
    .addOption(threadsOption());
}

export function threadsOption(): Option {
  return new Option("--threads <n>", "threads that help (default: the machine's processors)").argParser(
    wholeNumber(1, 256),
  );
}

/** The prices that go before the shipped ones. */
export function pricesOption(): Option {
  return new Option("--prices <file>", "your prices, which go first: a price file or a LiteLLM price map");
}

const REPLICATES = 50;

/** What a command learns with. */
export function learningOf({ predictor, seed, alpha, replicates }: LearningOptions) {
  return { predictor, seed, alpha, replicates: replicates ?? (alpha === undefined ? 0 : REPLICATES) };
}

/** How a command that learns reads its files. */
export function readingOf({ models }: LearningOptions, io: Io, progress: Progress): DatasetOptions {
  const onNote = (text: string): void => progress.note(`note: ${plain(text)}`);
  return { models, signal: io.signal, onProgress: progress.update, onNote };
}

/** What a command that solves understands. */
export interface AlgorithmOptions {
  algorithm: Algorithm;
  gridNumber: number;
}

export function withAlgorithm(command: Command): Command {
  return command
    .addOption(
      new Option("--algorithm <name>", "the whole exact front, or the points that the paper's OptLLM-M finds")
        .choices([...ALGORITHMS])
        .default("exact"),
    )
    .option("--grid-number <n>", "of optllm: at most twice so many points", wholeNumber(1, 1e6), 50);
}

export interface TargetOptions {
  budget?: number;
  accuracy?: number;
  knee?: boolean;
  matchBest?: boolean;
}

export function withTarget(command: Command): Command {
  return command
    .option("--budget <dollars>", "the most accurate allocation within this total cost", numberFrom0)
    .option("--accuracy <share>", "the cheapest allocation of this expected accuracy: 0.85 or 85%", shareOf1)
    .option("--knee", "the point where more money begins to buy little")
    .option("--match-best", "the cheapest allocation as accurate as the best single model");
}

/** The targets that were asked for. */
export function targetsOf(options: TargetOptions): Target[] {
  const targets: Target[] = [];
  if (options.budget !== undefined) targets.push({ budget: options.budget });
  if (options.accuracy !== undefined) targets.push({ accuracy: options.accuracy });
  if (options.knee === true) targets.push({ knee: true });
  if (options.matchBest === true) targets.push({ matchBest: true });
  return targets;
}

/** The one target that was asked for. */
export function targetOf(command: Command, options: TargetOptions): Target {
  const targets = targetsOf(options);
  if (targets.length !== 1) {
    command.error("error: give one of --budget, --accuracy, --knee and --match-best");
  }
  return targets[0];
}

/** Runs a command's work with a progress bar that is gone before anything else is printed. */
export async function showing<T>(
  io: Io,
  options: CommonOptions,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = new Progress(io, options.quiet === true);
  try {
    return await work(progress);
  } finally {
    progress.clear();
  }
}

/** The same, with threads that end with it. */
export function running<T>(
  io: Io,
  options: CommonOptions & { threads?: number },
  work: (progress: Progress, pool: Pool) => Promise<T>,
): Promise<T> {
  return showing(io, options, async (progress) => {
    const pool = new Pool({ threads: options.threads });
    try {
      return await work(progress, pool);
    } finally {
      await pool.close();
    }
  });
}

/** Where a command learns from. */
export interface SourceOptions extends VectorOptions {
  labels?: string;
  predictorFile?: string;
}

export function withSource(command: Command): Command {
  return command
    .option("--labels <sample>", "labelled rows to learn from: query, <model>__score …")
    .option("--predictor-file <file>", "instead of labels: what `optllm fit` wrote");
}

export function checkSource(command: Command, options: SourceOptions): void {
  const { labels, predictorFile } = options;
  if ((labels === undefined) === (predictorFile === undefined)) {
    command.error("error: give one of --labels and --predictor-file");
  }
  checkVectorOptions(command, options);
}

/** Labelled rows, or what was learned from them before. */
export function sourceOf(
  { labels, predictorFile, ...options }: SourceOptions,
  reading: DatasetOptions,
): Promise<Dataset | Predictor> {
  return predictorFile === undefined
    ? readRows(labels!, reading, options, options.labelVectors)
    : readPredictor(predictorFile);
}

/** What a command understands that splits labelled rows. */
export interface SplitOptions {
  train: Part;
  validation: Part;
  repeats: number;
  distinct?: boolean;
}

export function withSplit(command: Command, mostRepeats: number): Command {
  return command
    .option("--train <part>", "rows to learn from: 1%, 0.01 or 200", part, { share: 0.05 })
    .option("--validation <part>", "rows to choose settings on", part, { share: 0.05 })
    .option("--repeats <n>", "random splits to try", wholeNumber(1, mostRepeats), 1)
    .option("--distinct", "keep rows of equal text on one side of the split");
}

/** What a command understands that can ask "what if". */
export interface ChangeOptions {
  price?: [string, { input: number; output: number }][];
  scaleCost?: [string, number][];
  without?: string[];
  only?: string[];
}

export function withChanges(command: Command): Command {
  return command
    .option(
      "--price <model=in/out>",
      "what if: a model's price, dollars per million input and output tokens; may be repeated",
      modelPrice,
    )
    .option(
      "--scale-cost <model=factor>",
      "what if: a model's costs times a factor; may be repeated",
      modelFactor,
    )
    .option("--without <models>", "what if: these models are gone, separated by commas", names)
    .option(
      "--only <models>",
      "what if: only these models are left (--models leaves the others unread)",
      names,
    );
}

/** The changes that were asked for; undefined for none. */
export function changesOf({ price, scaleCost, without, only }: ChangeOptions): Changes | undefined {
  return (price ?? scaleCost ?? without ?? only) ? { price, scaleCost, without, only } : undefined;
}

export function groupOption(): Option {
  return new Option("--group <column>", "cost, accuracy and shares for each value of this column as well");
}
