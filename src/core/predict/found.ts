import { PANEL, Postings as PostingsFields, SparseRows } from "../../../assembly/layout.js";
import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";
import { Struct, type StructAddress } from "../struct.js";
import { padded } from "./product.js";
import type { SparseMatrix } from "./subspace.js";

/** Most rows and entries of one kernel call. A row of any text fits. */
const BLOCK_ROWS = 256;
const BLOCK_ENTRIES = 1 << 18;

/** Copies sparse rows in, block by block. */
class SparseInput {
  private readonly struct: Struct<typeof SparseRows>;

  constructor(private readonly arena: Arena) {
    this.struct = new Struct(arena, SparseRows, {
      rows: 0,
      start: arena.reserve(4 * (BLOCK_ROWS + 1)),
      column: arena.reserve(4 * BLOCK_ENTRIES),
      value: arena.reserve(4 * BLOCK_ENTRIES),
    });
  }

  get address(): StructAddress {
    return this.struct.address;
  }

  /** Copies rows in, beginning with row `from`, as many as there is room for. Returns their number. */
  write({ rows, start, column, value }: SparseMatrix, from: number): number {
    const { arena, struct } = this;
    let to = from;
    while (to < rows && to - from < BLOCK_ROWS && start[to + 1] - start[from] <= BLOCK_ENTRIES) to++;
    const [first, end] = [start[from], start[to]];
    const starts = arena.u32(struct.get("start"), to - from + 1);
    for (let r = from; r <= to; r++) starts[r - from] = start[r] - first;
    arena.i32(struct.get("column"), end - first).set(column.subarray(first, end));
    arena.f32(struct.get("value"), end - first).set(value.subarray(first, end));
    struct.set({ rows: to - from });
    return to - from;
  }
}

/** Receives the results of rows `from` … `from` + `count` − 1: count × width numbers, valid until the next block. */
export type OnBlock = (out: Float32Array, from: number, count: number) => void;

/**
 * Products of sparse rows with a matrix that has rows for only some of their columns: `timesFound` in
 * `assembly/predict/sparse.ts`. Its own memory holds the table, the matrix, and 5 MiB.
 */
export class FoundProduct {
  /** Numbers per row of the matrix: the wanted columns, rounded up. */
  readonly width: number;
  /** Rows × width, row-major, for the caller to fill. The view stays valid. */
  readonly matrix: Float32Array;
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly input: SparseInput;
  private readonly at: Record<"rowOf" | "matrix" | "scratch" | "out", number>;

  /** `rowOf`: per column its row of the matrix, or negative if there is none. */
  constructor(rowOf: Int32Array, rows: number, columns: number, module = compileCore()) {
    // Whole cache lines if a row takes more than half of one.
    this.width = columns <= 8 ? Math.ceil(columns / 4) * 4 : Math.ceil(columns / 16) * 16;
    this.kernels = instantiateCore(module);
    this.arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.input = new SparseInput(this.arena);
    this.at = {
      rowOf: this.arena.write(rowOf),
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
      kernels.timesFound(input.address, at.rowOf, at.matrix, width, at.scratch, at.out);
      onBlock(arena.f32(at.out, count * width), from, count);
      from += count;
    }
  }
}

/** Sparse rows, listed by column: the entries of a row lead to all rows that share a column with it. */
export interface Postings {
  /** Columns + 1 ascending offsets. */
  first: Uint32Array;
  /** Per entry. */
  row: Uint32Array;
  value: Float32Array;
}

/**
 * Products S·C: S holds the inner products of sparse rows with `others` other rows, and each C is a dense matrix (others ×
 * columns). See `innerProducts` in `assembly/predict/sparse.ts`. Its own memory holds the table, the postings, the matrices, a
 * block of S and of one S·C, 6 MiB, and at most 32 MiB for the columns that many rows share.
 */
export class InnerProduct {
  /** Numbers per row of C: the wanted columns, rounded up. */
  readonly width: number;
  /** Each C, others × width, row-major, for the caller to fill. The views stay valid. */
  readonly matrices: readonly Float32Array[];
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly input: SparseInput;
  private readonly others: number;
  private readonly postings: StructAddress;
  private readonly at: Record<"columnOf" | "scratch" | "inner" | "intercept" | "matrix" | "out", number>;

  /** `columnOf`: per column its column of the postings, or negative if there is none. */
  constructor(
    columnOf: Int32Array,
    postings: Postings,
    others: number,
    private readonly columns: number,
    count: number,
    module = compileCore(),
  ) {
    this.width = padded(columns);
    this.others = Math.ceil(others / PANEL) * PANEL;
    this.kernels = instantiateCore(module);
    const arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.arena = arena;
    this.input = new SparseInput(arena);
    this.postings = writePostings(arena, postings, this.others);
    const size = this.others * this.width;
    this.at = {
      columnOf: arena.write(columnOf),
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
   * The products of all rows with each matrix in turn, block by block. If each matrix has `intercepts`, one per column, the
   * results are probabilities σ(intercept + product), count × columns.
   * O(pairs of entries that meet + rows · matrices · others · width).
   */
  run(
    rows: SparseMatrix,
    onProduct: (k: number, ...block: Parameters<OnBlock>) => void,
    intercepts?: readonly Float32Array[],
  ): void {
    const { arena, at, columns, input, kernels, others, postings, width } = this;
    for (let from = 0; from < rows.rows;) {
      const count = input.write(rows, from);
      kernels.innerProducts(input.address, at.columnOf, postings, at.scratch, at.inner);
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

/** A column is stored dense if more than this share of it is not 0: dense columns are faster from there on. */
const DENSE_SHARE = 1 / 16;
/** Most numbers in dense columns: 32 MiB. The fullest columns are chosen first. */
const DENSE_NUMBERS = 1 << 23;

/** Copies postings in, with the columns that many rows share as dense ones. `others`: rows, a multiple of PANEL. */
function writePostings(arena: Arena, postings: Postings, others: number): StructAddress {
  const { denseRow, rows, dense } = denseColumns(postings, others);
  return new Struct(arena, PostingsFields, {
    denseRow: arena.write(denseRow),
    dense: arena.write(dense),
    denseRows: rows,
    first: arena.write(postings.first),
    row: arena.write(postings.row),
    value: arena.write(postings.value),
    others,
  }).address;
}

/** The dense columns: each is one row of every panel. `denseRow`: per column its row, −1 for columns that stay sparse. */
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
