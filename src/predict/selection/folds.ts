import { Random } from "../../random.js";

/** Folds of the cross-validation inside the sample. */
export const FOLDS = 5;
/** Choices are made on at most this many rows; the final fit uses all. */
export const CHOOSING_ROWS = 1_000;

/** Which rows take part in choosing, and when each is held out. */
export interface Folds {
  /** Rows of the sample, ascending. */
  rows: Uint32Array;
  /** For each of these rows, the fold in which it is held out. */
  fold: Int32Array;
}

/**
 * Seeded folds of equal size over the rows that have labels, or over a seeded subset if there are too many. O(rows).
 */
export function planFolds(labelled: Uint32Array, seed: number): Folds {
  const order = new Random(seed, 1).permutation(labelled.length).subarray(0, CHOOSING_ROWS);
  const foldOf = new Int32Array(labelled.length).fill(-1);
  order.forEach((place, k) => (foldOf[place] = k % FOLDS));
  const places = order.slice().sort();
  return {
    rows: places.map((place) => labelled[place]),
    fold: Int32Array.from(places, (place) => foldOf[place]),
  };
}
