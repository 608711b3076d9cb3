import type { Features } from "../../src/predict/features.js";
import type { Lesson } from "../../src/predict/learning.js";

/** Features of rows about which nothing is known. */
export function blankFeatures(rows: number): Features {
  const start = new Uint32Array(rows + 1);
  return {
    rows,
    sparse: { rows, columns: 0, start, column: new Int32Array(0), value: new Float32Array(0) },
    dense: { rows, columns: 0, value: new Float32Array(0) },
  };
}

/** A lesson of these outcomes, rows × models, NaN: unlabelled; each row of weight 1 unless told otherwise. */
export function lessonOf(
  models: number,
  outcomes: readonly (number | readonly number[])[],
  weight?: readonly number[],
): Lesson {
  const outcome = Float32Array.from(outcomes.flat());
  const rows = outcome.length / models;
  return {
    features: blankFeatures(rows),
    models,
    outcome,
    weight: Float64Array.from(weight ?? new Array<number>(rows).fill(1)),
  };
}
