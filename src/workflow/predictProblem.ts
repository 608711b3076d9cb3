import { InputError } from "../errors.js";
import {
  trainPredictor,
  type Predictor,
  type PredictorChoice,
  type RunningOptions,
  type TrainOptions,
} from "../predict/index.js";
import type { Dataset, Problem } from "../types.js";
import { takeModels } from "./rows.js";

export interface PredictOptions extends RunningOptions, Pick<TrainOptions, "seed" | "replicates" | "alpha"> {
  /** Default `auto`. */
  predictor?: PredictorChoice;
}

/** A problem made from work and a predictor. */
export interface Prediction {
  problem: Problem;
  predictor: Predictor;
  /** What the user should know: models left out, models with few labels. */
  notes: string[];
}

/** Learns from the labelled rows of a sample: every model that has labels. `unlabelled`: texts to be predicted later. */
export async function fitPredictor(
  sample: Dataset,
  unlabelled: readonly string[],
  { predictor, ...options }: PredictOptions = {},
): Promise<Predictor> {
  const models = labelledModels(sample);
  const { queries, outcome } = takeModels(sample, models);
  return trainPredictor({ models, queries, outcome }, { ...options, kind: predictor, unlabelled });
}

/**
 * Predicts the work, from a labelled sample or from what was learned before: one problem row for each row of `work`, with
 * its recorded cost. Only models that the source knows and the work prices take part.
 */
export async function predictProblem(
  work: Dataset,
  source: Dataset | Predictor,
  options: PredictOptions = {},
): Promise<Prediction> {
  return "predict" in source ? predictWith(work, source, options) : learnAndPredict(work, source, options);
}

async function learnAndPredict(work: Dataset, sample: Dataset, options: PredictOptions): Promise<Prediction> {
  const labelled = labelledModels(sample);
  const common = commonModels(work, labelled);
  const predictor = await fitPredictor(takeModels(sample, common), work.queries, options);
  const prediction = await predictWith(work, predictor, options);
  return { ...prediction, notes: [...leftOut(work, labelled), ...predictor.notes] };
}

async function predictWith(
  work: Dataset,
  predictor: Predictor,
  options: RunningOptions,
): Promise<Prediction> {
  const models = commonModels(work, predictor.models);
  const { ids, queries, cost } = takeModels(work, models);
  const predicted = await predictor.predict(queries, options);
  return {
    problem: { models, cost, successProbability: takeColumns(predicted, predictor.models, models), ids },
    predictor,
    notes: [...leftOut(work, predictor.models), ...predictor.notes],
  };
}

/** The columns of some models, in their order; the matrix itself when they are all. */
function takeColumns(matrix: Float32Array, from: readonly string[], to: readonly string[]): Float32Array {
  if (from.length === to.length && from.every((name, m) => name === to[m])) return matrix;
  const rows = matrix.length / from.length;
  const place = to.map((name) => from.indexOf(name));
  const taken = new Float32Array(new SharedArrayBuffer(4 * rows * to.length));
  for (let q = 0; q < rows; q++) {
    for (let m = 0; m < to.length; m++) taken[q * to.length + m] = matrix[q * from.length + place[m]];
  }
  return taken;
}

function labelledModels(sample: Dataset): string[] {
  const models = sample.models.filter((_, m) =>
    columnHas(sample, sample.outcome, m, (y) => !Number.isNaN(y)),
  );
  if (models.length === 0) {
    throw new InputError("the labelled sample has no scores; expected columns <model>__score, 0 … 1");
  }
  return models;
}

function pricedModels(work: Dataset): string[] {
  const models = work.models.filter((_, m) => columnHas(work, work.cost, m, Number.isFinite));
  if (models.length === 0) {
    throw new InputError("the work has no costs; expected columns <model>__cost in dollars");
  }
  return models;
}

function commonModels(work: Dataset, known: readonly string[]): string[] {
  const priced = pricedModels(work);
  const models = priced.filter((name) => known.includes(name));
  if (models.length === 0) {
    throw new InputError(
      `no model has both a cost in the work (${list(priced)}) and scores in the sample (${list(known)})`,
    );
  }
  return models;
}

function leftOut(work: Dataset, known: readonly string[]): string[] {
  const priced = pricedModels(work);
  return [
    ...priced
      .filter((name) => !known.includes(name))
      .map((name) => `model "${name}" has no labels and is left out`),
    ...known
      .filter((name) => !priced.includes(name))
      .map((name) => `model "${name}" has no cost and is left out`),
  ];
}

function columnHas(
  { ids, models }: Dataset,
  matrix: Float32Array,
  column: number,
  accepts: (value: number) => boolean,
): boolean {
  for (let q = 0; q < ids.length; q++) if (accepts(matrix[q * models.length + column])) return true;
  return false;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5);
  return shown.join(", ") + (names.length > shown.length ? ", …" : "");
}
