import type { SparseRows } from "./sparse.js";
import type { SurfaceScale } from "./surface.js";

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

/** A fitted featuriser: plain data in shared memory, for threads and files. */
export interface FeaturiserState {
  /** √idf of every bucket. */
  scale: Float32Array;
  /** For every bucket its row of `projection`, −1 for none. */
  columnOf: Int32Array;
  /** A multiple of 4. */
  dimensions: number;
  /** Projected n-grams × dimensions, row-major: leading singular vectors times √idf. */
  projection: Float32Array;
  surface: SurfaceScale;
}
