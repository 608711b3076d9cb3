import { sharedLike } from "./memory.js";
import type { Costs } from "./types.js";

/** Row-major matrices, such as queries × models. Selecting makes a new matrix in shared memory. */
type Matrix = Costs | Uint8Array;

/** One row, without a copy. */
export function rowOf<M extends Matrix>(matrix: M, width: number, row: number): M {
  return matrix.subarray(row * width, (row + 1) * width) as M;
}

/** Some rows, in the order given. */
export function selectRows<M extends Matrix>(matrix: M, width: number, rows: ArrayLike<number>): M {
  const taken = sharedLike(matrix, rows.length * width);
  for (let r = 0; r < rows.length; r++) taken.set(rowOf(matrix, width, rows[r]), r * width);
  return taken;
}

/** Some columns, in the order given; `blank` where a column is −1. `rows` is required if the matrix has no columns. */
export function selectColumns<M extends Matrix>(
  matrix: M,
  width: number,
  columns: ArrayLike<number>,
  blank = NaN,
  rows = matrix.length / width,
): M {
  const taken = sharedLike(matrix, rows * columns.length);
  for (let from = 0, at = 0; at < taken.length; from += width) {
    for (let c = 0; c < columns.length; c++) {
      taken[at++] = columns[c] < 0 ? blank : matrix[from + columns[c]];
    }
  }
  return taken;
}

/** One more column on the right. */
export function withColumn<M extends Matrix>(matrix: M, width: number, valueOf: (row: number) => number): M {
  const columns = Int32Array.from({ length: width + 1 }, (_, c) => (c < width ? c : -1));
  const wide = selectColumns(matrix, width, columns);
  for (let row = 0; row < matrix.length / width; row++) wide[row * (width + 1) + width] = valueOf(row);
  return wide;
}

/** A copy of the costs with `Infinity` ("must not answer") wherever the condition holds. */
export function mask<C extends Costs>(cost: C, isForbidden: (option: number) => boolean): C {
  const masked = sharedLike(cost);
  for (let option = 0; option < cost.length; option++) {
    masked[option] = isForbidden(option) ? Infinity : cost[option];
  }
  return masked;
}
