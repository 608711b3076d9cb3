import { SparseRows } from "../../../assembly/layout.js";
import { sharedFloats } from "../../memory.js";
import { Arena } from "../arena.js";
import type { PredictKernels } from "../kernels.js";
import { instantiate, type PartModule } from "../module.js";
import { predictModule } from "./space.js";
import { Struct, type StructAddress } from "../struct.js";

/** Rows that are mostly zero: row r has the entries start[r] … start[r + 1] − 1. */
export interface SparseMatrix {
  rows: number;
  /** rows + 1 ascending offsets. */
  start: Uint32Array;
  column: Int32Array;
  value: Float32Array;
}

/**
 * A sparse matrix X with two dense ones, `left` (rows × width) and `right` (columns × width), for a subspace iteration. Its
 * own memory holds 8 bytes per entry of X and 4 per number of the dense matrices.
 */
export class SubspacePair {
  private readonly kernels: PredictKernels;
  private readonly arena: Arena;
  private readonly sparse: StructAddress;
  private readonly at: Record<"left" | "right" | "gram" | "factor" | "scratch", number>;
  private readonly rows: number;

  /** The columns of X are 0 … columns − 1; `width` is a multiple of 4. Both dense matrices start as zeros. */
  constructor(
    rows: SparseMatrix,
    private readonly columns: number,
    private readonly width: number,
    module: PartModule<PredictKernels> = predictModule(),
  ) {
    this.kernels = instantiate(module);
    this.rows = rows.rows;
    const arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.arena = arena;
    this.sparse = new Struct(arena, SparseRows, {
      rows: rows.rows,
      start: arena.write(rows.start),
      column: arena.write(rows.column),
      value: arena.write(rows.value),
    }).address;
    this.at = {
      left: arena.reserve(4 * rows.rows * width),
      right: arena.reserve(4 * columns * width),
      gram: arena.reserve(8 * width * width),
      factor: arena.reserve(4 * width * width),
      scratch: arena.reserve(4 * width),
    };
  }

  /** Replaces `left`: rows × width numbers. */
  writeLeft(values: Float32Array): void {
    this.arena.f32(this.at.left, this.rows * this.width).set(values);
  }

  /** A view of `left`: rows × width numbers, valid until the next change. */
  viewLeft(): Float32Array {
    return this.arena.f32(this.at.left, this.rows * this.width);
  }

  /** left = X·right. */
  toLeft(): void {
    const { at, kernels, sparse, width } = this;
    kernels.timesMatrix(sparse, at.right, width, at.left);
  }

  /** right = Xᵀ·left. */
  toRight(): void {
    const { arena, at, columns, kernels, sparse, width } = this;
    arena.f32(at.right, columns * width).fill(0);
    kernels.addTransposedTimes(sparse, at.left, width, at.right);
  }

  /** sideᵀ·side, width × width. */
  gram(side: "left" | "right"): Float64Array {
    const { arena, at, kernels, width } = this;
    kernels.gramMatrix(at[side], this.height(side), width, at.gram);
    return arena.f64(at.gram, width * width).slice();
  }

  /** side = side·factor; `factor`: width × width. */
  multiply(side: "left" | "right", factor: Float32Array): void {
    const { arena, at, kernels, width } = this;
    arena.f32(at.factor, width * width).set(factor);
    kernels.timesSmall(at[side], this.height(side), width, at.factor, width, at.scratch);
  }

  /** The first `width` columns of `right`, row-major, in shared memory. */
  readRight(width: number): Float32Array {
    const { arena, at, columns } = this;
    const all = arena.f32(at.right, columns * this.width);
    const out = sharedFloats(columns * width);
    for (let c = 0; c < columns; c++) {
      out.set(all.subarray(c * this.width, c * this.width + width), c * width);
    }
    return out;
  }

  private height(side: "left" | "right"): number {
    return side === "left" ? this.rows : this.columns;
  }
}
