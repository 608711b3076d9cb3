import { Random } from "../random.js";

/** Folds of the cross-validation inside the sample. */
export const FOLDS = 5;
/** Choices are made on at most this many rows; the final fit uses all. */
export const CHOOSING_ROWS = 1_000;

/** Which rows take part in choosing, and when each is held out. */
export interface Folds {
  /** Rows of the sample, ascending. */
  rows: Uint32Array;
  /** For each of them the fold in which it is held out. */
  fold: Int32Array;
}

/** Seeded folds of equal size over the sample, or over a seeded part of one that is too large. O(rows). */
export function planFolds(rows: number, seed: number): Folds {
  const order = new Random(seed, 1).permutation(rows).subarray(0, CHOOSING_ROWS);
  const foldOf = new Int32Array(rows).fill(-1);
  order.forEach((r, k) => (foldOf[r] = k % FOLDS));
  const chosen = order.slice().sort();
  return { rows: chosen, fold: Int32Array.from(chosen, (r) => foldOf[r]) };
}
