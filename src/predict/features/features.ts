import type { BucketNumbers } from "../../core/predict/bucketTables.js";
import type { SteppedMatrix } from "../../core/predict/steppedMatrix.js";
import type { KnownPostings, SparseRows } from "./sparse.js";
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
  /** Values of the feature columns, where there are any. */
  cells?: SparseRows;
  /** Vectors that stand beside the texts, where there are any: of unit length. */
  vectors?: SparseRows;
  /** Products of the sparse rows with weights, where these were known before the texts were read. */
  products?: DenseRows;
}

/** A fitted featuriser: plain data, for threads and files. */
export interface FeaturiserState {
  /** √idf of every bucket; those that are not listed were in no fitted text. */
  scale: BucketNumbers;
  /** Leading singular vectors times √idf; the number of columns, the dimensions, is a multiple of 4. */
  projection: SteppedMatrix;
  surface: SurfaceScale;
  /** From which the projection follows; undefined for many texts, or if not all of them were labelled. */
  texts?: FittedTexts;
}

/** The rows of the texts that a projection was fitted to, and the matrix whose product with them it is. */
export interface FittedTexts extends KnownPostings {
  /** Rows × dimensions. */
  basis: Float32Array;
}
