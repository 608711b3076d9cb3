import { Random } from "../random.js";

/** Folds of the cross-validation inside the sample. */
export const FOLDS = 5;
/** Choices are made on at most this many rows; the final fit uses all. */
export const CHOOSING_ROWS = 1_000;

/** Which rows take part in choosing, and when each is held out. */
export interface HeldOut {
  /** Rows of the sample, ascending. */
  rows: Uint32Array;
  /** For each of them the group with which it is held out; −1: never. */
  group: Int32Array;
  groups: number;
}

/**
 * Without validation rows: seeded k-fold over the sample, every row held out once. With them: they are held out together.
 * Of a sample that is too large a seeded part is taken (of validation rows and others half each). O(rows).
 */
export function planHeldOut(rows: number, validation: Uint32Array | undefined, seed: number): HeldOut {
  const OUTSIDE = -2;
  const groupOf = new Int32Array(rows).fill(OUTSIDE);
  const order = new Random(seed, 1).permutation(rows);
  if (validation === undefined || validation.length === 0) {
    order.subarray(0, CHOOSING_ROWS).forEach((r, k) => (groupOf[r] = k % FOLDS));
  } else {
    const held = new Set(validation);
    const half = CHOOSING_ROWS / 2;
    for (const r of order.filter((r) => held.has(r)).subarray(0, half)) groupOf[r] = 0;
    for (const r of order.filter((r) => !held.has(r)).subarray(0, half)) groupOf[r] = -1;
  }
  const chosen = Uint32Array.from(groupOf.keys()).filter((r) => groupOf[r] !== OUTSIDE);
  const group = Int32Array.from(chosen, (r) => groupOf[r]);
  return { rows: chosen, group, groups: Math.max(...group) + 1 };
}
