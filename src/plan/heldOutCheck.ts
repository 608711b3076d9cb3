import { allocateAt } from "../solve/allocate.js";
import type { Chosen } from "../solve/choice.js";
import type { Predictor } from "../predict/predictor.js";
import type { Dataset } from "../types.js";
import { takeModels } from "./rows.js";
import { lowerRow, STEP } from "./unbeaten.js";
import { rowOf, selectColumns, selectRows } from "../matrix.js";

/** The allocation at a plan's λ of labelled rows, each predicted without its own label. */
export interface HeldOutCheck {
  /** Labelled rows that were allocated. */
  queries: number;
  /** Their predicted accuracy, 0 … 1. */
  predicted: number;
  /** Their accuracy by the labels. */
  recorded: number;
  /** The plan's expected accuracy, corrected by that difference, with a 95 % interval. */
  accuracy: { estimate: number; low: number; high: number };
}

/** Normal quantile of a two-sided 95 % interval. */
export const Z = 1.96;
/**
 * The folds are fitted to shared rows, and so is the plan, so the spread of the rows alone makes the interval too narrow.
 * Variance times 1 + 5 · ¼, for 5 folds, each a quarter of the size of the others together [NadeauBengio2003].
 */
export const SHARED = 1.5;

/**
 * Predictions are too optimistic about the models that they choose: an overrated model is chosen more often (the
 * optimiser's curse [SmithWinkler2006]). Allocates the labelled rows at the plan's λ as if their labels were unknown,
 * and compares with the labels. The interval is that of a mean over rows, as if one more row had been wholly wrong, and
 * wider by half, since the folds share their rows. Undefined for a predictor without held-out predictions, and for a sample
 * without costs. O(rows × models).
 */
export async function checkHeldOut(
  { lambda, expectedAccuracy }: Pick<Chosen, "lambda" | "expectedAccuracy">,
  models: string[],
  sample: Dataset,
  { heldOut, models: known, unbeaten }: Predictor,
): Promise<HeldOutCheck | undefined> {
  const held = await allocateHeldOut(lambda, models, sample, { heldOut, models: known, unbeaten });
  if (held === undefined) return undefined;
  const { rows, allocation, successProbability, outcome } = held;
  const width = models.length;
  let [queries, predicted, recorded, squares] = [0, 0, 0, 0];
  allocation.forEach((m, p) => {
    const right = outcome[rows[p] * width + m];
    if (Number.isNaN(right)) return;
    const promise = successProbability[p * width + m];
    queries++;
    predicted += promise;
    recorded += right;
    squares += (right - promise) ** 2;
  });
  if (queries === 0) return undefined;
  const difference = (recorded - predicted) / queries;
  const error = (SHARED * Math.sqrt(squares - queries * difference ** 2 + 1)) / queries;
  const inside = (x: number): number => Math.min(1, Math.max(0, expectedAccuracy + difference + x));
  return {
    queries,
    predicted: predicted / queries,
    recorded: recorded / queries,
    accuracy: { estimate: inside(0), low: inside(-Z * error), high: inside(Z * error) },
  };
}

/** Labelled rows allocated as if their labels were unknown. */
export interface HeldOutAllocation {
  /** Rows of the sample that some model may answer, ascending. */
  rows: number[];
  /** The model of each of these rows. */
  allocation: Uint8Array;
  /** Held-out predictions, these rows × models. */
  successProbability: Float32Array;
  /** Recorded scores, all rows of the sample × models; NaN: not labelled. */
  outcome: Float32Array;
}

/**
 * Allocates the held-out rows of a predictor's sample at λ, with probabilities lowered as in plans (`withUnbeaten`), in each
 * row by what the other folds show. Undefined without such rows. O(rows × models).
 */
export async function allocateHeldOut(
  lambda: number,
  models: string[],
  sample: Dataset,
  { heldOut, models: known, unbeaten }: Pick<Predictor, "heldOut" | "models" | "unbeaten">,
): Promise<HeldOutAllocation | undefined> {
  if (heldOut === undefined) return undefined;
  const { cost, outcome } = takeModels(sample, models);
  const width = models.length;
  const column = models.map((name) => known.indexOf(name));
  // Their places among the rows held out.
  const places = [...heldOut.rows.keys()].filter((k) =>
    rowOf(cost, width, heldOut.rows[k]).some(Number.isFinite),
  );
  if (places.length === 0) return undefined;
  const rows = places.map((k) => heldOut.rows[k]);
  const probability = selectRows(heldOut.probability, known.length, places);
  const successProbability = selectColumns(probability, known.length, column);
  const costs = selectRows(cost, width, rows);
  const step = unbeaten?.isMatched ? 0 : STEP;
  places.forEach((place, k) => {
    const best = column.indexOf(heldOut.unbeaten[place]);
    const row = { probability: successProbability, first: k * width, models: width, best };
    if (best >= 0) lowerRow(row, (m) => costs[k * width + m], step);
  });
  const allocation = await allocateAt({ models, cost: costs, successProbability }, lambda);
  return { rows, allocation, successProbability, outcome };
}
