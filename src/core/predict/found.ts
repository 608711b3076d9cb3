import { PANEL } from "../../../assembly/layout.js";
import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";
import { padded } from "./product.js";
import type { SparseMatrix } from "./subspace.js";

/** Rows and entries of one crossing; a row of any text fits. */
const BLOCK_ROWS = 256;
const BLOCK_ENTRIES = 1 << 18;

/** Copies sparse rows in, block by block, for kernels that look their columns up in a table. */
class SparseInput {
  readonly start: number;
  readonly column: number;
  readonly value: number;
  readonly table: number;

  constructor(
    private readonly arena: Arena,
    table: Int32Array,
  ) {
    this.start = arena.reserve(4 * (BLOCK_ROWS + 1));
    this.column = arena.reserve(4 * BLOCK_ENTRIES);
    this.value = arena.reserve(4 * BLOCK_ENTRIES);
    this.table = arena.write(table);
  }

  /** Copies rows from one on, as many as there is room for; their number. */
  write({ rows, start, column, value }: SparseMatrix, from: number): number {
    const { arena } = this;
    let to = from;
    while (to < rows && to - from < BLOCK_ROWS && start[to + 1] - start[from] <= BLOCK_ENTRIES) to++;
    const [first, end] = [start[from], start[to]];
    const starts = arena.u32(this.start, to - from + 1);
    for (let r = from; r <= to; r++) starts[r - from] = start[r] - first;
    arena.i32(this.column, end - first).set(column.subarray(first, end));
    arena.f32(this.value, end - first).set(value.subarray(first, end));
    return to - from;
  }
}

/** What becomes of `count` rows from `from` on: count × width numbers, valid until the next block. */
export type OnBlock = (out: Float32Array, from: number, count: number) => void;

/**
 * Products of sparse rows with a matrix that has a row for few of their columns; see `timesFound` in `assembly/predict/sparse.ts`. In memory of
 * its own: the table, the matrix, and 5 MiB.
 */
export class FoundProduct {
  /** Numbers of a row of the matrix, from the wanted ones on. */
  readonly width: number;
  /** Rows × width, row-major, to be filled. The view stays valid. */
  readonly matrix: Float32Array;
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly input: SparseInput;
  private readonly at: Record<"matrix" | "scratch" | "out", number>;

  /** `rowOf`: for every column its row of the matrix, negative for none. */
  constructor(rowOf: Int32Array, rows: number, columns: number, module = compileCore("release")) {
    // Whole cache lines where there is more than half of one.
    this.width = columns <= 8 ? Math.ceil(columns / 4) * 4 : Math.ceil(columns / 16) * 16;
    this.kernels = instantiateCore(module);
    this.arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.input = new SparseInput(this.arena, rowOf);
    this.at = {
      scratch: this.arena.reserve(8 * BLOCK_ENTRIES),
      out: this.arena.reserve(4 * BLOCK_ROWS * this.width),
      matrix: this.arena.reserveLines(4 * rows * this.width),
    };
    this.matrix = this.arena.f32(this.at.matrix, rows * this.width);
  }

  /** The products of all rows, block by block. O(entries + entries found · width). */
  run(rows: SparseMatrix, onBlock: OnBlock): void {
    const { arena, at, input, kernels, width } = this;
    for (let from = 0; from < rows.rows;) {
      const count = input.write(rows, from);
      kernels.timesFound(
        input.start,
        input.column,
        input.value,
        count,
        input.table,
        at.matrix,
        width,
        at.scratch,
        at.out,
      );
      onBlock(arena.f32(at.out, count * width), from, count);
      from += count;
    }
  }
}

/** Sparse rows by their columns: what a row shares with all of them is found by its own entries. */
export interface Postings {
  /** Columns + 1 ascending offsets. */
  first: Uint32Array;
  /** The row of each entry. */
  row: Uint32Array;
  value: Float32Array;
}

/**
 * Products S·C of inner products S of sparse rows with a set of `others`, and several dense matrices C (others × columns); see
 * `innerProducts` in `assembly/predict/sparse.ts`. In memory of its own: the table, the postings, the matrices, 6 MiB, a block of S
 * and one S·C, and at most 32 MiB for the columns that many of them share.
 */
export class InnerProduct {
  /** Numbers of a row of C, from the wanted ones on. */
  readonly width: number;
  /** Each C, others × width, row-major, to be filled. The views stay valid. */
  readonly matrices: readonly Float32Array[];
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly input: SparseInput;
  private readonly others: number;
  private readonly denseRows: number;
  private readonly at: Record<
    "denseRow" | "dense" | "first" | "row" | "value" | "scratch" | "inner" | "intercept" | "matrix" | "out",
    number
  >;

  /** `columnOf`: for every column its place in the postings, negative for none. */
  constructor(
    columnOf: Int32Array,
    postings: Postings,
    others: number,
    private readonly columns: number,
    count: number,
    module = compileCore("release"),
  ) {
    this.width = padded(columns);
    this.others = Math.ceil(others / PANEL) * PANEL;
    this.kernels = instantiateCore(module);
    const arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.arena = arena;
    this.input = new SparseInput(arena, columnOf);
    const { denseRow, rows, dense } = denseColumns(postings, this.others);
    this.denseRows = rows;
    const size = this.others * this.width;
    this.at = {
      denseRow: arena.write(denseRow),
      dense: arena.write(dense),
      first: arena.write(postings.first),
      row: arena.write(postings.row),
      value: arena.write(postings.value),
      scratch: arena.reserve(4 * BLOCK_ROWS + 8 * BLOCK_ENTRIES),
      inner: arena.reserve(4 * BLOCK_ROWS * this.others),
      out: arena.reserve(4 * BLOCK_ROWS * this.width),
      intercept: arena.reserve(4 * this.width),
      matrix: arena.reserve(4 * count * size),
    };
    this.matrices = Array.from({ length: count }, (_, k) =>
      arena.f32(this.at.matrix + 4 * k * size, others * this.width),
    );
  }

  /**
   * The products of all rows with each matrix in turn, block by block; or, where each matrix has `intercepts`, one a column, the
   * probabilities σ(intercept + product), count × columns. O(pairs of entries that meet + rows · matrices · others · width).
   */
  run(
    rows: SparseMatrix,
    onProduct: (k: number, ...block: Parameters<OnBlock>) => void,
    intercepts?: readonly Float32Array[],
  ): void {
    const { arena, at, columns, denseRows, input, kernels, others, width } = this;
    for (let from = 0; from < rows.rows;) {
      const count = input.write(rows, from);
      kernels.innerProducts(
        input.start,
        input.column,
        input.value,
        count,
        input.table,
        at.denseRow,
        at.dense,
        denseRows,
        at.first,
        at.row,
        at.value,
        others,
        at.scratch,
        at.inner,
      );
      // One matrix at a time: it stays in the cache while the rows pass.
      this.matrices.forEach(({ byteOffset }, k) => {
        kernels.multiply(at.inner, byteOffset, at.out, count, others, width);
        if (intercepts === undefined) {
          onProduct(k, arena.f32(at.out, count * width), from, count);
          return;
        }
        arena.f32(at.intercept, columns).set(intercepts[k]);
        kernels.toProbabilities(at.out, count, width, at.intercept, columns);
        onProduct(k, arena.f32(at.out, count * columns), from, count);
      });
      from += count;
    }
  }
}

/** A column is written out as a whole where more than this share of it is not 0: from there on that is the faster way. */
const DENSE_SHARE = 1 / 16;
/** Numbers of all such columns: 32 MiB; the fullest go first. */
const DENSE_NUMBERS = 1 << 23;

/** The columns that many rows share, each a row of every panel; `denseRow`: of every column, −1 for those that stay sparse. */
function denseColumns({ first, row, value }: Postings, others: number) {
  const columns = first.length - 1;
  const entries = (c: number): number => first[c + 1] - first[c];
  const chosen = Array.from({ length: columns }, (_, c) => c)
    .filter((c) => entries(c) > DENSE_SHARE * others)
    .sort((a, b) => entries(b) - entries(a) || a - b)
    .slice(0, Math.floor(DENSE_NUMBERS / others));
  const rows = chosen.length;
  const denseRow = new Int32Array(columns).fill(-1);
  const dense = new Float32Array(rows * others);
  chosen.forEach((c, at) => {
    denseRow[c] = at;
    for (let k = first[c]; k < first[c + 1]; k++) {
      const panel = Math.floor(row[k] / PANEL);
      dense[(panel * rows + at) * PANEL + (row[k] % PANEL)] = value[k];
    }
  });
  return { denseRow, rows, dense };
}
