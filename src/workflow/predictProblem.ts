import { InputError } from "../errors.js";
import { trainPredictor, type Predictor, type PredictorChoice } from "../predict/index.js";
import type { Dataset, OnProgress, Problem } from "../types.js";
import {
  costNotes,
  withPredictedCosts,
  type CostPredictionOptions,
  type PredictedCost,
} from "./predictedCosts.js";
import { columnHas, takeModels } from "./rows.js";

export interface PredictOptions extends CostPredictionOptions {
  /** Default `auto`. */
  predictor?: PredictorChoice;
  /** Default 1. */
  seed?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** A problem made from work and a labelled sample. */
export interface Prediction {
  problem: Problem;
  predictor: Predictor;
  /** What the user should know: models left out, models with few labels, settings chosen. */
  notes: string[];
  /** Of the models whose costs were predicted, all or some. */
  predictedCosts: PredictedCost[];
}

/**
 * Learns from a labelled sample and predicts the work: one problem row for each row of `work`, with its recorded cost, or
 * one predicted from the sample where the whole column is blank or missing (`predictCost`: wherever it is blank). Only
 * models that the sample labels and that have costs take part. Throws `InputError` for a row that no model may answer.
 */
export async function predictProblem(
  recorded: Dataset,
  sample: Dataset,
  options: PredictOptions = {},
): Promise<Prediction> {
  const { work, predicted } = await withPredictedCosts(recorded, sample, options);
  const { models, notes } = commonModels(work, sample);
  const labelled = takeModels(sample, models);
  const { ids, queries, cost } = takeModels(work, models);
  checkAnswerable(ids, cost, models.length);
  const predictedCosts = predicted.filter(({ model }) => models.includes(model));
  const predictor = await trainPredictor(
    { models, queries: labelled.queries, outcome: labelled.outcome },
    {
      kind: options.predictor ?? "auto",
      unlabelled: queries,
      seed: options.seed ?? 1,
      signal: options.signal,
      onProgress: options.onProgress,
    },
  );
  const successProbability = await predictor.predict(queries, options);
  return {
    problem: { models, cost, successProbability, ids },
    predictor,
    predictedCosts,
    notes: [...notes, ...costNotes(predictedCosts), ...predictor.notes],
  };
}

function checkAnswerable(ids: readonly string[], cost: Float32Array, models: number): void {
  for (let q = 0; q < ids.length; q++) {
    if (cost.subarray(q * models, (q + 1) * models).some(Number.isFinite)) continue;
    throw new InputError(
      `no model may answer query "${ids[q]}": it has no cost of a model that the labelled sample has scores of`,
      { query: q, id: ids[q] },
    );
  }
}

function commonModels(work: Dataset, sample: Dataset): { models: string[]; notes: string[] } {
  const priced = new Set(work.models.filter((_, m) => columnHas(work, work.cost, m, Number.isFinite)));
  const labelled = new Set(
    sample.models.filter((_, m) => columnHas(sample, sample.outcome, m, (y) => !Number.isNaN(y))),
  );
  if (priced.size === 0) {
    throw new InputError(
      "neither the work nor the labelled sample has costs; expected columns <model>__cost in dollars",
    );
  }
  if (labelled.size === 0) {
    throw new InputError("the labelled sample has no scores; expected columns <model>__score, 0 … 1");
  }
  const models = work.models.filter((name) => priced.has(name) && labelled.has(name));
  if (models.length === 0) {
    throw new InputError(
      `no model has both a cost in the work (${list(priced)}) and scores in the sample (${list(labelled)})`,
    );
  }
  const notes = [
    ...[...priced]
      .filter((name) => !labelled.has(name))
      .map((name) => `model "${name}" has no labels and is left out`),
    ...[...labelled]
      .filter((name) => !priced.has(name))
      .map((name) => `model "${name}" has no cost and is left out`),
  ];
  return { models, notes };
}

function list(names: Set<string>): string {
  const shown = [...names].slice(0, 5);
  return shown.join(", ") + (names.size > shown.length ? ", …" : "");
}
