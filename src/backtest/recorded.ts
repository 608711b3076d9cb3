import { InputError } from "../errors.js";
import type { Dataset } from "../types.js";
import type { Records } from "./comparators.js";
import { takeModels, takeRows } from "../plan/rows.js";

/** 2⁻³⁰: whole multiples of it, each at most 1, add up exactly in any order, up to 8 million of them. */
const SCORE_GRID = 2 ** -30;

/**
 * The rows on which a method can be judged: with a score wherever there is a cost; the others are left out. Every score is
 * at the nearest multiple of 2⁻³⁰, so that the same answers have the same accuracy however they are summed: point by point
 * along a front, or model by model. Throws `InputError` where no row is left. O(rows × models).
 */
export function judgeable(dataset: Dataset): Dataset {
  const { ids, models, cost, outcome } = dataset;
  if (!outcome.some((y) => !Number.isNaN(y))) {
    throw new InputError("the file has no scores; expected <model>__score on every row");
  }
  const isMissing = (option: number): boolean => Number.isNaN(outcome[option]) && cost[option] !== Infinity;
  const complete = Uint32Array.from(ids.keys()).filter(
    (q) => !models.some((_, m) => isMissing(q * models.length + m)),
  );
  if (complete.length === 0) {
    const model = models.findIndex((_, m) => isMissing(m));
    throw new InputError(
      `no row has a score wherever it has a cost: query "${ids[0]}" has none for model "${models[model]}"`,
      { query: 0, model },
    );
  }
  const rows = complete.length === ids.length ? dataset : takeRows(dataset, complete);
  return { ...rows, outcome: rows.outcome.map((y) => Math.round(y / SCORE_GRID) * SCORE_GRID) };
}

/** Numbers of rows to judge on, of models, and of rows left out because a score is missing. */
export interface JudgedSize {
  queries: number;
  models: number;
  leftOut: number;
}

export function judgedSize(rows: Dataset, judged: Dataset): JudgedSize {
  const queries = judged.ids.length;
  return { queries, models: judged.models.length, leftOut: rows.ids.length - queries };
}

/** The records of some models. */
export function recordsOf(dataset: Dataset, models: readonly string[]): Records {
  const { cost, outcome } = takeModels(dataset, models);
  return { cost, outcome: outcome.map((y) => (Number.isNaN(y) ? 0 : y)) };
}
