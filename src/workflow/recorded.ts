import { InputError } from "../errors.js";
import type { Dataset } from "../types.js";
import type { Records } from "./comparators.js";
import { takeModels } from "./rows.js";

/** 2⁻³⁰: whole multiples of it, each at most 1, add up exactly in any order, up to 8 million of them. */
const SCORE_GRID = 2 ** -30;

/**
 * The rows with every score at the nearest multiple of 2⁻³⁰, so that the same answers have the same accuracy however they are
 * summed: point by point along a front, or model by model. Throws `InputError` for rows on which a method cannot be judged:
 * without a score where there is a cost.
 */
export function judgeable(dataset: Dataset): Dataset {
  const { ids, models, cost, outcome } = dataset;
  if (!outcome.some((y) => !Number.isNaN(y))) {
    throw new InputError("the file has no scores; expected <model>__score on every row");
  }
  const missing = outcome.findIndex((y, option) => Number.isNaN(y) && cost[option] !== Infinity);
  if (missing < 0)
    return { ...dataset, outcome: outcome.map((y) => Math.round(y / SCORE_GRID) * SCORE_GRID) };
  const query = Math.floor(missing / models.length);
  const model = missing % models.length;
  throw new InputError(
    `query "${ids[query]}" has no score for model "${models[model]}"; expected a score wherever there is a cost`,
    { query, model },
  );
}

/** What was recorded of some models. */
export function recordsOf(dataset: Dataset, models: readonly string[]): Records {
  const { cost, outcome } = takeModels(dataset, models);
  return { cost, outcome: outcome.map((y) => (Number.isNaN(y) ? 0 : y)) };
}
