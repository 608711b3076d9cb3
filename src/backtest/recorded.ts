import { InputError } from "../errors.js";
import type { Dataset } from "../types.js";
import type { Records } from "./comparators.js";
import { mask } from "../matrix.js";
import { takeModels, takeRows } from "../plan/rows.js";
import { countRecorded, hasRecord, LEAST_RECORDED } from "./alone.js";

/** 2⁻³⁰: whole multiples of it, each at most 1, add up exactly in any order, up to 8 million of them. */
const SCORE_GRID = 2 ** -30;

/**
 * The rows on which a method can be judged: those where some model has a record, a score with a cost. A cost without a
 * score is taken for no record, as if the model must not answer there. Every score is at the nearest multiple of 2⁻³⁰, so
 * that the same answers have the same accuracy however they are summed: point by point along a front, or model by model.
 * Throws `InputError` where no row is left. O(rows × models).
 */
export function judgeable(dataset: Dataset): Dataset {
  const { ids, models, cost, outcome } = dataset;
  if (!outcome.some((y) => !Number.isNaN(y))) {
    throw new InputError("the file has no scores; expected <model>__score on every row");
  }
  const kept = Uint32Array.from(ids.keys()).filter((q) => models.some((_, m) => hasRecord(dataset, q, m)));
  if (kept.length === 0) {
    const hasCosts = cost.some((dollars) => dollars !== Infinity);
    throw new InputError(
      hasCosts
        ? "no row has a score of a model where it has a cost of it; expected both <model>__score and <model>__cost"
        : "the file has no costs; expected <model>__cost in dollars on every row",
    );
  }
  const rows = kept.length === ids.length ? dataset : takeRows(dataset, kept);
  return {
    ...rows,
    cost: mask(rows.cost, (option) => rows.cost[option] === Infinity || Number.isNaN(rows.outcome[option])),
    outcome: rows.outcome.map((y) => Math.round(y / SCORE_GRID) * SCORE_GRID),
  };
}

/** Numbers of rows to judge on, of models, of rows left out because no model has a record there, and what is missing. */
export interface JudgedSize {
  queries: number;
  models: number;
  leftOut: number;
  /** The models that have no record of some rows, and of how many; the others have one of every row. */
  missing: { model: string; rows: number }[];
  /** The models with records of fewer than half of the rows, which are not judged alone. */
  notAlone: string[];
}

export function judgedSize(rows: Dataset, judged: Dataset): JudgedSize {
  const queries = judged.ids.length;
  const recorded = countRecorded(judged);
  return {
    queries,
    models: judged.models.length,
    leftOut: rows.ids.length - queries,
    missing: judged.models.flatMap((model, m) =>
      recorded[m] < queries ? [{ model, rows: queries - recorded[m] }] : [],
    ),
    notAlone: judged.models.filter((_, m) => recorded[m] < LEAST_RECORDED * queries),
  };
}

/** The records of some models. */
export function recordsOf(dataset: Dataset, models: readonly string[]): Records {
  const { cost, outcome } = takeModels(dataset, models);
  return { cost, outcome: outcome.map((y) => (Number.isNaN(y) ? 0 : y)) };
}
