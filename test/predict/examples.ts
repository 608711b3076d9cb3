import type { Features } from "../../src/predict/features/features.js";
import type { Examples } from "../../src/predict/methods/examples.js";
import type { SparseRows } from "../../src/predict/features/sparse.js";

/** The entries that are not 0. */
export function sparseOf(dense: readonly (readonly number[])[], columns: number): SparseRows {
  const entries = dense.map((row) => [...row.entries()].filter(([, value]) => value !== 0));
  const start = new Uint32Array(dense.length + 1);
  entries.forEach((row, r) => (start[r + 1] = start[r] + row.length));
  return {
    rows: dense.length,
    columns,
    start,
    column: Int32Array.from(entries.flat(), ([column]) => column),
    value: Float32Array.from(entries.flat(), ([, value]) => value),
  };
}

/** Features of rows about which nothing is known. */
export function blankFeatures(rows: number): Features {
  const sparse = sparseOf(new Array<number[]>(rows).fill([]), 0);
  return { rows, sparse, dense: { rows, columns: 0, value: new Float32Array(0) } };
}

/** Examples with these outcomes, rows × models, NaN: unlabelled; each row of weight 1 unless told otherwise. */
export function examplesOf(
  models: number,
  outcomes: readonly (number | readonly number[])[],
  weight?: readonly number[],
): Examples {
  const outcome = Float32Array.from(outcomes.flat());
  const rows = outcome.length / models;
  return {
    features: blankFeatures(rows),
    models,
    outcome,
    weight: Float64Array.from(weight ?? new Array<number>(rows).fill(1)),
  };
}
