import { Arena } from "./arena.js";
import { compileCore, instantiateCore, type Kernels } from "./module.js";

/** Rows that are mostly zero: row r owns the entries start[r] … start[r + 1] − 1. */
export interface SparseMatrix {
  rows: number;
  /** rows + 1 ascending offsets. */
  start: Uint32Array;
  column: Int32Array;
  value: Float32Array;
}

/** Entries that are copied in at one time, or one row if it has more. */
const BLOCK_ENTRIES = 1 << 18;

/** Multiplies sparse rows by one dense matrix, which stays in the memory of an instance of its own. */
export class Projector {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly matrix: number;

  /** `matrix`: row-major, `width` numbers a row, a multiple of 4. Copied once. */
  constructor(
    matrix: Float32Array,
    readonly width: number,
    module: WebAssembly.Module = compileCore("release"),
  ) {
    this.kernels = instantiateCore(module);
    const { memory } = this.kernels;
    const whole = new Arena(memory, this.kernels.heapBase());
    this.matrix = whole.write(matrix);
    this.arena = new Arena(memory, this.matrix + matrix.byteLength);
  }

  /**
   * Writes rows · matrix, scaled to unit length, to `out`: row r from `out[r * stride]` on. `columnOf` gives each column
   * its row of the matrix, negative for none; a row without any becomes zeros. O(entries × width).
   */
  project(rows: SparseMatrix, columnOf: Int32Array, out: Float32Array, stride: number): void {
    for (let from = 0; from < rows.rows;) {
      const to = blockEnd(rows.start, from, rows.rows);
      this.projectBlock(rows, from, to, columnOf, out.subarray(from * stride), stride);
      from = to;
    }
  }

  private projectBlock(
    { start, column, value }: SparseMatrix,
    from: number,
    to: number,
    columnOf: Int32Array,
    out: Float32Array,
    stride: number,
  ): void {
    const { arena, kernels, width } = this;
    const rows = to - from;
    const [first, end] = [start[from], start[to]];
    arena.reset();
    const at = {
      start: arena.reserve(4 * (rows + 1)),
      column: arena.reserve(4 * (end - first)),
      value: arena.reserve(4 * (end - first)),
      out: arena.reserve(4 * rows * width),
    };
    const offsets = arena.u32(at.start, rows + 1);
    for (let r = 0; r <= rows; r++) offsets[r] = start[from + r] - first;
    const columns = arena.i32(at.column, end - first);
    for (let k = first; k < end; k++) columns[k - first] = columnOf[column[k]];
    arena.f32(at.value, end - first).set(value.subarray(first, end));
    kernels.timesMatrix(at.start, at.column, at.value, rows, this.matrix, width, at.out, width);
    kernels.toUnitLength(at.out, rows, width, width);
    const result = arena.f32(at.out, rows * width);
    for (let r = 0; r < rows; r++) out.set(result.subarray(r * width, (r + 1) * width), r * stride);
  }
}

/** The row at which the block that begins at `from` ends. */
function blockEnd(start: Uint32Array, from: number, rows: number): number {
  let to = from + 1;
  while (to < rows && start[to + 1] - start[from] <= BLOCK_ENTRIES && to - from < 4096) to++;
  return to;
}

/**
 * A sparse matrix X in an instance's memory with two dense ones beside it, `left` (rows × width) and `right`
 * (columns × width): what a subspace iteration needs. Memory: 8 bytes an entry of X, 4 a number of the dense ones.
 */
export class SubspacePair {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly at: Record<
    "start" | "column" | "value" | "left" | "right" | "gram" | "factor" | "scratch",
    number
  >;
  private readonly rows: number;

  /** Every column of X is 0 … columns − 1; `width` is a multiple of 4. Both dense matrices begin as zeros. */
  constructor(
    rows: SparseMatrix,
    private readonly columns: number,
    private readonly width: number,
    module: WebAssembly.Module = compileCore("release"),
  ) {
    this.kernels = instantiateCore(module);
    this.rows = rows.rows;
    const arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.arena = arena;
    this.at = {
      start: arena.write(rows.start),
      column: arena.write(rows.column),
      value: arena.write(rows.value),
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

  /** left = X·right. */
  toLeft(): void {
    const { at, kernels, rows, width } = this;
    kernels.timesMatrix(at.start, at.column, at.value, rows, at.right, width, at.left, width);
  }

  /** right = Xᵀ·left. */
  toRight(): void {
    const { arena, at, kernels, rows, columns, width } = this;
    arena.f32(at.right, columns * width).fill(0);
    kernels.addTransposedTimes(at.start, at.column, at.value, rows, at.left, width, at.right);
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
  readRight(width: number): Float32Array<SharedArrayBuffer> {
    const { arena, at, columns } = this;
    const all = arena.f32(at.right, columns * this.width);
    const out = new Float32Array(new SharedArrayBuffer(4 * columns * width));
    for (let c = 0; c < columns; c++) {
      out.set(all.subarray(c * this.width, c * this.width + width), c * width);
    }
    return out;
  }

  private height(side: "left" | "right"): number {
    return side === "left" ? this.rows : this.columns;
  }
}
