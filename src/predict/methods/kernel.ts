import { Product, padded } from "../../core/predict/product.js";
import { SubspacePair } from "../../core/predict/subspace.js";
import { postingsOf, type SparseRows } from "../features/sparse.js";

/**
 * The inner products of a set of rows, K = X·Xᵀ + 1: the 1 is a feature that every row has, an intercept. Symmetric,
 * positive semi-definite; used only as an operator on matrices rows × models.
 */
export interface Kernel {
  readonly rows: number;
  /** out = K·x; both rows × models, row-major, and not the same array. */
  apply(x: Float64Array, out: Float64Array): void;
}

/** Up to this many rows K is held as a matrix; beyond, products with the sparse rows are cheaper. */
export const GRAM_ROWS = 2_000;

/** The cheaper of the two forms. */
export function kernelOf(rows: SparseRows, models: number): Kernel {
  return rows.rows <= GRAM_ROWS ? gramKernel(rows, models) : sparseKernel(rows, models);
}

/**
 * K as a float32 matrix: O(pairs of entries in one column + rows²) to build, rows² · models multiplications per
 * application, 4·rows² bytes.
 */
export function gramKernel(rows: SparseRows, models: number): Kernel {
  const n = rows.rows;
  const product = new Product(n, n, padded(models));
  gramMatrix(rows, product.left);
  const { right, out: result, columns } = product;
  return {
    rows: n,
    apply(x, out) {
      for (let i = 0; i < n; i++) for (let m = 0; m < models; m++) right[i * columns + m] = x[i * models + m];
      product.run();
      for (let i = 0; i < n; i++)
        for (let m = 0; m < models; m++) out[i * models + m] = result[i * columns + m];
    },
  };
}

/**
 * K as two sparse products, in float32: O(entries · models) per application, 8 bytes per entry, and 4·(rows +
 * columns)·models bytes.
 */
export function sparseKernel(rows: SparseRows, models: number): Kernel {
  const width = padded(models);
  const pair = new SubspacePair(rows, rows.columns, width);
  const left = new Float32Array(rows.rows * width);
  const sum = new Float64Array(models);
  return {
    rows: rows.rows,
    apply(x, out) {
      sum.fill(0);
      for (let r = 0; r < rows.rows; r++) {
        for (let m = 0; m < models; m++) {
          left[r * width + m] = x[r * models + m];
          sum[m] += x[r * models + m];
        }
      }
      pair.writeLeft(left);
      pair.toRight();
      pair.toLeft();
      const result = pair.viewLeft();
      for (let r = 0; r < rows.rows; r++) {
        for (let m = 0; m < models; m++) out[r * models + m] = sum[m] + result[r * width + m];
      }
    },
  };
}

/** Pairs of rows meet where they share a column. */
function gramMatrix(rows: SparseRows, gram: Float32Array): void {
  const { start, column, value } = rows;
  const n = rows.rows;
  const { first, row, value: values } = postingsOf(rows);
  /** For each column, the first entry of row i or later. */
  const next = first.slice();
  const sum = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    sum.fill(1, i);
    for (let k = start[i]; k < start[i + 1]; k++) {
      const v = value[k];
      const end = first[column[k] + 1];
      for (let at = next[column[k]]++; at < end; at++) sum[row[at]] += v * values[at];
    }
    for (let j = i; j < n; j++) gram[i * n + j] = gram[j * n + i] = sum[j];
  }
}
