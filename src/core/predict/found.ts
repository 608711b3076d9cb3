import { PANEL, Postings as PostingsFields, SparseRows } from "../../../assembly/layout.js";
import type { Arena, KeptView } from "../arena.js";
import { Struct, type StructAddress } from "../struct.js";
import { predictSpace, type PredictSpace } from "./space.js";
import { writePlaces } from "./bucketTables.js";
import type { Postings } from "./postings.js";
import { padded } from "./product.js";
import type { SparseMatrix } from "./subspace.js";

/** Some of the columns of sparse rows, in any order, none twice. */
export interface KnownColumns {
  column: Int32Array;
  /** How many columns the rows have. */
  of: number;
}

/** Most rows and entries of one kernel call. A row of any text fits. */
const BLOCK_ROWS = 256;
const BLOCK_ENTRIES = 1 << 18;

/** Copies sparse rows in, block by block. */
class SparseInput {
  private readonly struct: Struct<typeof SparseRows>;
  private readonly start: KeptView<"u32">;
  private readonly column: KeptView<"i32">;
  private readonly value: KeptView<"f32">;

  constructor(arena: Arena) {
    this.start = arena.kept("u32", BLOCK_ROWS + 1);
    this.column = arena.kept("i32", BLOCK_ENTRIES);
    this.value = arena.kept("f32", BLOCK_ENTRIES);
    this.struct = new Struct(arena, SparseRows, {
      rows: 0,
      start: this.start.address,
      column: this.column.address,
      value: this.value.address,
    });
  }

  get address(): StructAddress {
    return this.struct.address;
  }

  /** Copies rows in, beginning with row `from`, as many as there is room for. Returns their number. */
  write({ rows, start, column, value }: SparseMatrix, from: number): number {
    let to = from;
    while (to < rows && to - from < BLOCK_ROWS && start[to + 1] - start[from] <= BLOCK_ENTRIES) to++;
    const first = start[from];
    const starts = this.start.view;
    const columns = this.column.view;
    const values = this.value.view;
    for (let r = from; r <= to; r++) starts[r - from] = start[r] - first;
    for (let k = first; k < start[to]; k++) {
      columns[k - first] = column[k];
      values[k - first] = value[k];
    }
    this.struct.set({ rows: to - from });
    return to - from;
  }
}

/** Receives the results of rows `from` … `from` + `count` − 1: the first count × width numbers, valid until the next block. */
export type OnBlock = (out: Float32Array, from: number, count: number) => void;

/**
 * Products of sparse rows with a matrix that has rows for only some of their columns: `timesFound` in
 * `assembly/predict/sparse.ts`. Takes memory for the table, the matrix, and 5 MiB.
 */
export class FoundProduct {
  /** Numbers per row of the matrix: the wanted columns, rounded up. */
  readonly width: number;
  private readonly input: SparseInput;
  private readonly rows: number;
  private readonly at: Record<"rowOf" | "matrix" | "scratch", number>;
  private readonly out: KeptView<"f32">;

  /** `known`: which column each row of the matrix belongs to, of `known.of` columns. */
  constructor(
    known: KnownColumns,
    columns: number,
    private readonly space: PredictSpace = predictSpace(),
  ) {
    // Whole cache lines if a row takes more than half of one.
    this.width = columns <= 8 ? Math.ceil(columns / 4) * 4 : Math.ceil(columns / 16) * 16;
    this.rows = known.column.length;
    const { arena } = space;
    this.input = new SparseInput(arena);
    this.out = arena.kept("f32", BLOCK_ROWS * this.width);
    this.at = {
      rowOf: writePlaces(known.column, known.of, arena),
      scratch: arena.reserve(8 * BLOCK_ENTRIES),
      matrix: arena.reserveLines(4 * this.rows * this.width),
    };
  }

  /** Rows × width, row-major, for the caller to fill. Valid until the memory grows. */
  get matrix(): Float32Array {
    return this.space.arena.f32(this.at.matrix, this.rows * this.width);
  }

  /** The products of all rows, block by block. O(entries + entries found · width). */
  run(rows: SparseMatrix, onBlock: OnBlock): void {
    const { at, input, out, width } = this;
    for (let from = 0; from < rows.rows;) {
      const count = input.write(rows, from);
      this.space.kernels.timesFound(input.address, at.rowOf, at.matrix, width, at.scratch, out.address);
      onBlock(out.view, from, count);
      from += count;
    }
  }
}

/**
 * Products S·C: S holds the inner products of sparse rows with `others` other rows, and each C is a dense matrix (others ×
 * columns). See `innerProducts` in `assembly/predict/sparse.ts`. Takes memory for the table, the postings, the matrices, a
 * block of S and of one S·C, 6 MiB, and at most 32 MiB for the columns that many rows share.
 */
export class InnerProduct {
  /** Numbers per row of C: the wanted columns, rounded up. */
  readonly width: number;
  private readonly input: SparseInput;
  private readonly others: number;
  private readonly postings: StructAddress;
  private readonly at: Record<"columnOf" | "scratch" | "inner" | "matrix", number>;
  private readonly out: KeptView<"f32">;
  private readonly intercept: KeptView<"f32">;

  /** `known`: which column each column of the postings is, of `known.of` columns. `count`: how many C there are. */
  constructor(
    known: KnownColumns,
    postings: Postings,
    private readonly rows: number,
    private readonly columns: number,
    private readonly count: number,
    private readonly space: PredictSpace = predictSpace(),
  ) {
    const { arena } = space;
    this.width = padded(columns);
    this.others = Math.ceil(rows / PANEL) * PANEL;
    this.input = new SparseInput(arena);
    this.postings = writePostings(arena, postings, this.others);
    this.out = arena.kept("f32", BLOCK_ROWS * this.width);
    this.intercept = arena.kept("f32", this.width);
    this.at = {
      columnOf: writePlaces(known.column, known.of, arena),
      scratch: arena.reserve(4 * BLOCK_ROWS + 8 * BLOCK_ENTRIES),
      inner: arena.reserve(4 * BLOCK_ROWS * this.others),
      matrix: arena.reserve(count * this.matrixBytes),
    };
  }

  private get matrixBytes(): number {
    return 4 * this.others * this.width;
  }

  /** Each C, others × width, row-major, for the caller to fill. Valid until the memory grows. */
  get matrices(): readonly Float32Array[] {
    const { at, count, matrixBytes, rows, space, width } = this;
    return Array.from({ length: count }, (_, k) =>
      space.arena.f32(at.matrix + k * matrixBytes, rows * width),
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
    const { at, input, intercept, matrixBytes, others, out, postings, width } = this;
    const { kernels } = this.space;
    for (let from = 0; from < rows.rows;) {
      const count = input.write(rows, from);
      kernels.innerProducts(input.address, at.columnOf, postings, at.scratch, at.inner);
      // One matrix at a time: it stays in the cache while the rows pass.
      for (let k = 0; k < this.count; k++) {
        kernels.multiply(at.inner, at.matrix + k * matrixBytes, out.address, count, others, width);
        if (intercepts !== undefined) {
          intercept.view.set(intercepts[k]);
          kernels.toProbabilities(out.address, count, width, intercept.address, this.columns);
        }
        onProduct(k, out.view, from, count);
      }
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
