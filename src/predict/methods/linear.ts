import type { NgramMatrix } from "../../core/predict/textSums.js";
import type { Features } from "../features/features.js";
import { sigmoid } from "./logistic.js";

/** Log-odds of models that are linear in the sparse features: intercept + the row times `matrix`, which has a column a model. */
export interface Linear extends NgramMatrix {
  intercept: Float32Array;
}

/**
 * The matrices side by side, in order, with a row for each bucket that any of them has. O(buckets · matrices + values).
 */
export function sideBySide(parts: readonly Linear[]): NgramMatrix | undefined {
  if (parts.length <= 1) return parts[0];
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  const bucket = Int32Array.from(new Set(parts.flatMap((part) => [...part.bucket])));
  const rowOf = new Map(Array.from(bucket, (b, row) => [b, row]));
  const matrix = new Float32Array(bucket.length * columns);
  let first = 0;
  for (const part of parts) {
    part.bucket.forEach((b, row) => {
      const own = part.matrix.subarray(row * part.columns, (row + 1) * part.columns);
      matrix.set(own, rowOf.get(b)! * columns + first);
    });
    first += part.columns;
  }
  return { bucket, columns, matrix };
}

/**
 * Writes the probabilities of `rows` rows, a row's models side by side, from `out[to]` on: σ(intercept + margin), the margins of row r from
 * `margin[first + r * stride]` on.
 */
export function writeProbabilities(
  intercept: Float32Array,
  { margin, first, stride }: { margin: Float32Array; first: number; stride: number },
  rows: number,
  out: Float32Array,
  to: number,
): void {
  const models = intercept.length;
  for (let r = 0; r < rows; r++) {
    const from = first + r * stride;
    for (let m = 0; m < models; m++) out[to + r * models + m] = sigmoid(intercept[m] + margin[from + m]);
  }
}

/** Scores from products that were computed before; `first`: the column of the first model's. */
export function productScorer(
  { intercept }: Linear,
  first: number,
): (features: Features, out: Float32Array) => void {
  return ({ products, rows }, out) => {
    const { columns, value } = products!;
    writeProbabilities(intercept, { margin: value, first, stride: columns }, rows, out, 0);
  };
}
