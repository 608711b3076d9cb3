import { NGRAM_BUCKETS } from "../../../assembly/layout.js";
import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";
import { BLOCK_TEXTS, TextBlocks } from "./textBlocks.js";

/** A linear map of hashed n-grams to few numbers. */
export interface NgramMatrix {
  /** For each of 2^20 buckets its row of `matrix`, negative for none. */
  rowOf: Int32Array;
  columns: number;
  /** Row-major. */
  matrix: Float32Array;
}

/** Where rows go: row r from `out[r * stride]` on. */
export interface RowTarget {
  out: Float32Array;
  stride: number;
}

export interface TextMaps {
  /** √idf of each of 2^20 buckets: by it a row of `weights` counts, and what the products are divided by. */
  scale: Float32Array;
  /** Only directions count. The scale is in it already. */
  projection?: NgramMatrix;
  /** What sparse rows of the texts are to be multiplied with. */
  weights?: NgramMatrix;
}

/** Columns that the kernel adds side by side. */
const BYTE_CHUNK = 32;
const REAL_CHUNK = 16;
/** In place of a row's number, of 24 bits. */
const NO_ROW = (1 << 24) - 1;
/** Tokens whose sums are kept: 64 bytes and a row each. */
const KEPT_TOKENS = 1 << 14;

/**
 * Maps texts, in lower case, to few numbers without writing their sparse rows: what lies inside a token is added up once and kept;
 * see `assembly/predict/sumTexts.ts`. Keeps copies of its tables in an instance of its own: 8 MiB for the buckets, the matrices, and
 * at 128 dimensions and 12 weights 10 MiB for tokens.
 */
export class TextSums {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly blocks: TextBlocks;
  /** Numbers of a sum. */
  private readonly width: number;
  /** Columns of the two maps, and of their rows in there. */
  private readonly projection: Columns;
  private readonly weights: Columns;
  private readonly rows: Rows;
  private readonly at: Record<"buckets" | "scratch" | "bytes" | "reals" | "kept" | "out", number>;

  constructor(
    { scale, projection, weights }: TextMaps,
    module: WebAssembly.Module = compileCore("release"),
    private readonly keptTokens = KEPT_TOKENS,
  ) {
    const kernels = instantiateCore(module);
    const arena = new Arena(kernels.memory, kernels.heapBase());
    this.kernels = kernels;
    this.arena = arena;
    this.blocks = new TextBlocks(arena);
    this.projection = columnsOf(projection, BYTE_CHUNK);
    this.weights = columnsOf(weights, REAL_CHUNK);
    const widths = [this.projection.width, this.weights.width] as const;
    this.width = widths[0] + widths[1] + 4;
    this.rows = numberRows(projection, weights);
    const stepped = projection && inSteps(projection);
    // Fresh memory is zero, as `kept` and `scratch` have to be.
    this.at = {
      buckets: arena.write(bucketTable(scale, stepped, this.rows)),
      scratch: arena.reserve(kernels.sumScratchBytes(...widths)),
      bytes: writeBytes(stepped, widths[0], this.rows, arena),
      reals: writeReals(weights, scale, widths[1], this.rows, arena),
      kept: arena.reserve(kernels.keptBytes(keptTokens, ...widths)),
      out: arena.reserve(4 * BLOCK_TEXTS * this.width),
    };
  }

  /**
   * Writes the projections of texts, of unit length, or zeros for a text without any n-gram of the map; and the products of
   * the texts' sparse rows with the weights. O(units).
   */
  run(
    texts: readonly string[],
    { projected, products }: { projected?: RowTarget; products?: RowTarget },
  ): void {
    const { arena, at, blocks, kernels, projection, rows, weights, width } = this;
    blocks.forEach(texts, (from, count) => {
      kernels.sumTexts(
        blocks.unit,
        blocks.start,
        count,
        at.buckets,
        at.scratch,
        at.bytes,
        rows.bytes,
        projection.width,
        at.reals,
        rows.firstReal,
        rows.end - rows.firstReal,
        weights.width,
        at.kept,
        this.keptTokens,
        at.out,
      );
      const sums = arena.f32(at.out, count * width);
      if (projected !== undefined) {
        kernels.toUnitLength(at.out, count, projection.width, width);
        copyRows(sums, width, 0, projection.columns, projected, from);
      }
      if (products !== undefined) copyRows(sums, width, projection.width, weights.columns, products, from);
    });
  }
}

/** Copies some columns of a block of sums to the rows from one on. */
function copyRows(
  sums: Float32Array,
  width: number,
  first: number,
  columns: number,
  { out, stride }: RowTarget,
  row: number,
): void {
  for (let at = first; at < sums.length; at += width)
    out.set(sums.subarray(at, at + columns), row++ * stride);
}

interface Columns {
  columns: number;
  width: number;
}

function columnsOf(map: NgramMatrix | undefined, chunk: number): Columns {
  const columns = map?.columns ?? 0;
  return { columns, width: Math.ceil(columns / chunk) * chunk };
}

/** The buckets numbered through: first those that have a row of the projection alone, then of both, then of weights alone. */
interface Rows {
  /** Number of each bucket, −1 for none. */
  rowOf: Int32Array;
  /** Numbers below this have a row of the projection. */
  bytes: number;
  /** Numbers from this on have a row of weights. */
  firstReal: number;
  end: number;
}

function numberRows(projection?: NgramMatrix, weights?: NgramMatrix): Rows {
  const rowOf = new Int32Array(NGRAM_BUCKETS).fill(-1);
  let end = 0;
  const number = (isProjected: boolean, isWeighed: boolean): number => {
    for (let b = 0; b < NGRAM_BUCKETS; b++) {
      if (has(projection, b) === isProjected && has(weights, b) === isWeighed) rowOf[b] = end++;
    }
    return end;
  };
  const firstReal = number(true, false);
  const bytes = number(true, true);
  return { rowOf, firstReal, bytes, end: number(false, true) };
}

function has(map: NgramMatrix | undefined, bucket: number): boolean {
  return map !== undefined && map.rowOf[bucket] >= 0;
}

/** Of every bucket what it weighs, its factor and its number, side by side: float32, and a uint32 of 8 and 24 bits. */
function bucketTable(
  scale: Float32Array,
  projection: SteppedMatrix | undefined,
  { rowOf }: Rows,
): Uint32Array {
  const table = new Uint32Array(2 * NGRAM_BUCKETS);
  const scales = new Float32Array(table.buffer);
  for (let b = 0; b < NGRAM_BUCKETS; b++) {
    scales[2 * b] = scale[b];
    table[2 * b + 1] = rowOf[b] < 0 ? NO_ROW : rowOf[b];
  }
  if (projection === undefined) return table;
  forEachRow(projection, (b, row) => (table[2 * b + 1] |= projection.factor[row] << 24));
  return table;
}

/** With how its numbers become bytes: a row's are taken in steps of its factor, 1 … 255, times `step`. */
interface SteppedMatrix extends NgramMatrix {
  factor: Uint8Array;
  step: number;
}

function inSteps(map: NgramMatrix): SteppedMatrix {
  const { columns, matrix } = map;
  const most = new Float64Array(matrix.length / columns);
  for (let r = 0, i = 0; r < most.length; r++) {
    for (const end = i + columns; i < end; i++) most[r] = Math.max(most[r], Math.abs(matrix[i]));
  }
  const greatest = most.reduce((a, b) => Math.max(a, b), 0);
  const step = greatest / (127 * 255);
  const factor = Uint8Array.from(most, (m) => Math.max(1, Math.ceil((255 * m) / greatest)));
  return { ...map, factor, step };
}

/** The projection as bytes, the first at a cache line; their address. */
function writeBytes(
  map: SteppedMatrix | undefined,
  width: number,
  { rowOf, bytes }: Rows,
  arena: Arena,
): number {
  const address = arena.reserveLines(bytes * width);
  if (map === undefined) return address;
  const to = arena.i8(address, bytes * width);
  const { columns, matrix, factor, step } = map;
  forEachRow(map, (b, row) => {
    const toBytes = step === 0 ? 0 : 1 / (factor[row] * step);
    const base = rowOf[b] * width;
    for (let k = 0; k < columns; k++) to[base + k] = Math.round(matrix[row * columns + k] * toBytes);
  });
  return address;
}

/** The weights times their buckets' scales; their address. */
function writeReals(
  map: NgramMatrix | undefined,
  scale: Float32Array,
  width: number,
  { rowOf, firstReal, end }: Rows,
  arena: Arena,
): number {
  const count = (end - firstReal) * width;
  const address = arena.reserveLines(4 * count);
  if (map === undefined) return address;
  const to = arena.f32(address, count);
  const { columns, matrix } = map;
  forEachRow(map, (b, row) => {
    const base = (rowOf[b] - firstReal) * width;
    for (let k = 0; k < columns; k++) to[base + k] = scale[b] * matrix[row * columns + k];
  });
  return address;
}

/** Calls back with each bucket that has a row, and the row. */
function forEachRow({ rowOf }: NgramMatrix, visit: (bucket: number, row: number) => void): void {
  for (let b = 0; b < NGRAM_BUCKETS; b++) if (rowOf[b] >= 0) visit(b, rowOf[b]);
}
