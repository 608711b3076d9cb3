import { sumRows, timesColumns } from "./sparse.js";
import type { SparseRows } from "./sparse.js";

/** The inner products of a set of rows: K = X·Xᵀ, symmetric positive semi-definite, as an operator. */
export interface Kernel {
  readonly rows: number;
  /** out = K·x; both `rows` long and not the same array. */
  apply(x: Float64Array, out: Float64Array): void;
}

/** Up to this many rows K is held as a matrix; beyond, products with the sparse rows are cheaper (measured). */
export const GRAM_ROWS = 1_000;

/** The cheaper of the two forms. */
export function kernelOf(rows: SparseRows): Kernel {
  return rows.rows <= GRAM_ROWS ? gramKernel(rows) : sparseKernel(rows);
}

/** K as a matrix: O(rows · entries) to build, rows² multiplications an application, 8·rows² bytes. */
export function gramKernel(rows: SparseRows): Kernel {
  const n = rows.rows;
  const gram = gramMatrix(rows);
  return {
    rows: n,
    apply(x, out) {
      for (let i = 0; i < n; i++) out[i] = dotAt(gram, i * n, x, n);
    },
  };
}

/** K as two sparse products: O(entries + columns) an application, one number a column of scratch. */
export function sparseKernel(rows: SparseRows): Kernel {
  const scratch = new Float64Array(rows.columns);
  return {
    rows: rows.rows,
    apply(x, out) {
      sumRows(rows, x, scratch);
      timesColumns(rows, scratch, out);
    },
  };
}

function gramMatrix(rows: SparseRows): Float64Array {
  const { start, column, value } = rows;
  const n = rows.rows;
  const gram = new Float64Array(n * n);
  const dense = new Float64Array(rows.columns);
  for (let i = 0; i < n; i++) {
    for (let k = start[i]; k < start[i + 1]; k++) dense[column[k]] = value[k];
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = start[j]; k < start[j + 1]; k++) sum += value[k] * dense[column[k]];
      gram[i * n + j] = gram[j * n + i] = sum;
    }
    for (let k = start[i]; k < start[i + 1]; k++) dense[column[k]] = 0;
  }
  return gram;
}

/** Four sums side by side: one chain of additions would wait on itself. */
function dotAt(matrix: Float64Array, base: number, x: Float64Array, n: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let j = 0;
  for (; j + 3 < n; j += 4) {
    a += matrix[base + j] * x[j];
    b += matrix[base + j + 1] * x[j + 1];
    c += matrix[base + j + 2] * x[j + 2];
    d += matrix[base + j + 3] * x[j + 3];
  }
  for (; j < n; j++) a += matrix[base + j] * x[j];
  return a + b + (c + d);
}
