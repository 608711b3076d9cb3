import type { SparseRows } from "./sparse.js";

/** A matrix of coordinates, row-major: rows × columns. */
export interface DenseRows {
  rows: number;
  columns: number;
  value: Float32Array;
}

/** The features of some queries, row by row. */
export interface Features {
  rows: number;
  /** Weighted hashed n-grams; about unit length, or empty for a blank text. */
  sparse: SparseRows;
  /** The same texts in few coordinates. */
  dense: DenseRows;
  /** Products of the sparse rows with weights, where these were known before the texts were read. */
  products?: DenseRows;
}
