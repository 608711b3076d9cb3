import { SubspacePair } from "../../core/predict/subspace.js";
import { Random } from "../../random.js";
import { symmetricEigen } from "./eigen.js";
import { selectColumns } from "../../matrix.js";
import { breathe } from "../../pool/breathe.js";
import type { SparseRows } from "./sparse.js";

/** Coordinates of a text in the space of latent semantic analysis. */
const DIMENSIONS = 128;

/** Extra dimensions that are computed and then dropped. */
const OVERSAMPLING = 12;
/** Power iterations. */
const ITERATIONS = 3;
/** Directions whose squared length is below this share of the largest are float32 noise. */
const NOISE = 1e-10;

export interface LsaOptions {
  /** Kept, 4 … 300; the result is rounded up to a multiple of 4, and is less where the rows' rank is. */
  dimensions?: number;
  /** 1 or more. */
  iterations?: number;
  seed?: number;
  signal?: AbortSignal;
  onIteration?: (done: number, total: number) => void;
}

/** A linear map of columns to few dimensions, as plain data. */
export interface Lsa {
  /** A multiple of 4. */
  dimensions: number;
  /** Columns × dimensions, row-major, in shared memory. */
  projection: Float32Array;
  /** Rows × dimensions: the projection is the transposed rows times this, but for rounding. */
  basis: Float32Array;
}

/**
 * Latent semantic analysis: the leading right singular vectors of sparse rows, by randomised subspace iteration
 * [HalkoMartinssonTropp2011, algorithm 4.4], started here on the side of the rows, where fewer random numbers are
 * needed. Bases are made orthonormal by the eigenvectors of their Gram matrix in float64, which also shows the rank
 * [StathopoulosWu2002]. Dimensions are ordered by falling singular value. The same rows, options and seed give the same
 * bytes.
 *
 * O(iterations · (entries · dimensions + rows · dimensions²)); memory 4 · dimensions · (rows + columns) bytes twice.
 */
export async function fitLsa(rows: SparseRows, options: LsaOptions = {}): Promise<Lsa> {
  const { dimensions = DIMENSIONS, iterations = ITERATIONS, seed = 1, signal, onIteration } = options;
  const wanted = Math.min(dimensions, rows.rows, rows.columns);
  const width = roundUp(wanted + OVERSAMPLING);
  const pair = new SubspacePair(rows, rows.columns, width);
  const random = new Random(seed, LSA_STREAM);
  pair.writeLeft(Float32Array.from({ length: rows.rows * width }, () => random.normal()));
  for (let k = 0; k < iterations; k++) {
    onIteration?.(k, iterations);
    pair.toRight();
    await breathe(signal);
    pair.toLeft();
    await breathe(signal);
    orthonormalise(pair, "left", width);
    await breathe(signal);
  }
  pair.toRight();
  const { rank, factor } = orthonormalise(pair, "right", width);
  pair.multiply("left", factor);
  onIteration?.(iterations, iterations);
  const kept = Math.min(roundUp(Math.max(1, Math.min(wanted, rank))), width);
  return {
    dimensions: kept,
    projection: pair.readRight(kept),
    basis: selectColumns(
      pair.viewLeft(),
      width,
      Array.from({ length: kept }, (_, k) => k),
    ),
  };
}

/** Independent of the other draws of a seed. */
const LSA_STREAM = 11;

/**
 * Turns one side into an orthonormal basis of its columns, by falling length, zeros after the rank. Returns the rank, and the
 * matrix that it was multiplied by.
 */
function orthonormalise(
  pair: SubspacePair,
  side: "left" | "right",
  width: number,
): { rank: number; factor: Float32Array } {
  const { values, vectors } = symmetricEigen(pair.gram(side), width);
  const least = NOISE * values[0];
  let rank = 0;
  while (rank < width && values[rank] > least) rank++;
  const factor = new Float32Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < rank; k++) factor[i * width + k] = vectors[i * width + k] / Math.sqrt(values[k]);
  }
  pair.multiply(side, factor);
  return { rank, factor };
}

function roundUp(n: number): number {
  return Math.ceil(n / 4) * 4;
}
