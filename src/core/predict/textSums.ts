import { NGRAM_BUCKETS, TextSums as TextSumsFields } from "../../../assembly/layout.js";
import type { Arena, KeptView } from "../arena.js";
import { Struct } from "../struct.js";
import { predictSpace, type PredictSpace } from "./space.js";
import { BLOCK_TEXTS, TextBlocks } from "./textBlocks.js";

/** A linear map from hashed n-grams to a few numbers. */
export interface NgramMatrix {
  /** For each of 2^20 buckets its row of `matrix`, or negative if there is none. */
  rowOf: Int32Array;
  columns: number;
  /** Row-major. */
  matrix: Float32Array;
}

/** Where rows are written: row r begins at `out[r * stride]`. */
export interface RowTarget {
  out: Float32Array;
  stride: number;
}

export interface TextMaps {
  /** √idf of each of 2^20 buckets: a factor of its row of `weights`, and of the length by which the products are divided. */
  scale: Float32Array;
  /** Only the directions of the results count. It includes the scale. */
  projection?: NgramMatrix;
  /** The matrix by which the sparse rows of the texts are multiplied. */
  weights?: NgramMatrix;
}

/** Columns that the kernel sums side by side. */
const BYTE_CHUNK = 32;
const REAL_CHUNK = 16;
/** In place of a row number (24 bits): the bucket has no row. */
const NO_ROW = (1 << 24) - 1;
/** Tokens whose sums are kept: each takes 64 bytes and a sum. */
const KEPT_TOKENS = 1 << 14;

/**
 * Maps texts in lower case to a few numbers without writing their sparse rows. The sum over the n-grams inside a token is
 * computed once and kept: `assembly/predict/sumTexts.ts`. Takes copies of its tables: 8 MiB for the buckets, the
 * matrices, and for 128 dimensions and 12 weights 10 MiB for tokens.
 */
export class TextSums {
  private readonly blocks: TextBlocks;
  /** Numbers per sum. */
  private readonly width: number;
  /** Columns of the two maps, and of their rows in there. */
  private readonly projection: Columns;
  private readonly weights: Columns;
  private readonly struct: Struct<typeof TextSumsFields>;
  private readonly sums: KeptView<"f32">;

  /** `space`: an own one, whose memory still holds zeros, as `kept` and `scratch` must. */
  constructor(
    { scale, projection, weights }: TextMaps,
    private readonly space: PredictSpace = predictSpace(),
    keptTokens = KEPT_TOKENS,
  ) {
    const { arena, kernels } = space;
    this.blocks = new TextBlocks(arena);
    this.projection = columnsOf(projection, BYTE_CHUNK);
    this.weights = columnsOf(weights, REAL_CHUNK);
    const widths = [this.projection.width, this.weights.width] as const;
    this.width = widths[0] + widths[1] + 4;
    const rows = numberRows(projection, weights);
    const stepped = projection && inSteps(projection);
    this.sums = arena.kept("f32", BLOCK_TEXTS * this.width);
    this.struct = new Struct(arena, TextSumsFields, {
      buckets: writeBuckets(scale, stepped, rows, arena),
      scratch: arena.reserve(kernels.sumScratchBytes(...widths)),
      bytes: writeBytes(stepped, widths[0], rows, arena),
      byteCount: rows.bytes,
      byteColumns: widths[0],
      reals: writeReals(weights, scale, widths[1], rows, arena),
      firstReal: rows.firstReal,
      realCount: rows.end - rows.firstReal,
      realColumns: widths[1],
      kept: arena.reserve(kernels.keptBytes(keptTokens, ...widths)),
      slots: keptTokens,
      out: this.sums.address,
    });
  }

  /**
   * Writes the projections of texts, scaled to unit length (zeros for a text without an n-gram of the map), and the
   * products of their sparse rows with the weights. O(units).
   */
  run(
    texts: readonly string[],
    { projected, products }: { projected?: RowTarget; products?: RowTarget },
  ): void {
    const { blocks, projection, struct, sums, weights, width } = this;
    const { kernels } = this.space;
    blocks.forEach(texts, (from, count) => {
      kernels.sumTexts(struct.address, blocks.unit, blocks.start, count);
      if (projected !== undefined) {
        kernels.toUnitLength(sums.address, count, projection.width, width);
        this.copyRows(count, 0, projection.columns, projected, from);
      }
      if (products !== undefined) this.copyRows(count, projection.width, weights.columns, products, from);
    });
  }

  /** Copies some columns of the sums of a block to consecutive rows of a target, beginning with `row`. */
  private copyRows(
    count: number,
    first: number,
    columns: number,
    { out, stride }: RowTarget,
    row: number,
  ): void {
    const { width } = this;
    const sums = this.sums.view;
    for (let r = 0; r < count; r++) {
      const from = r * width + first;
      const to = (row + r) * stride;
      for (let c = 0; c < columns; c++) out[to + c] = sums[from + c];
    }
  }
}

interface Columns {
  columns: number;
  width: number;
}

function columnsOf(map: NgramMatrix | undefined, chunk: number): Columns {
  const columns = map?.columns ?? 0;
  return { columns, width: Math.ceil(columns / chunk) * chunk };
}

/** One numbering of all rows: buckets that have only a row of the projection, then those with both, then with weights only. */
interface Rows {
  /** Per bucket its number, −1 if it has no row. */
  rowOf: Int32Array;
  /** Numbers below this have a row of the projection. */
  bytes: number;
  /** Numbers at or above this have a row of weights. */
  firstReal: number;
  end: number;
}

function numberRows(projection?: NgramMatrix, weights?: NgramMatrix): Rows {
  // 0: no row, 1: one of the projection, 2: one of weights, 3: both.
  const kind = new Uint8Array(NGRAM_BUCKETS);
  const mark = ({ rowOf }: NgramMatrix, by: number): void => {
    for (let b = 0; b < NGRAM_BUCKETS; b++) if (rowOf[b] >= 0) kind[b] += by;
  };
  if (projection !== undefined) mark(projection, 1);
  if (weights !== undefined) mark(weights, 2);
  const count = [0, 0, 0, 0];
  for (let b = 0; b < NGRAM_BUCKETS; b++) count[kind[b]]++;
  const next = [0, 0, count[1] + count[3], count[1]];
  const rowOf = new Int32Array(NGRAM_BUCKETS).fill(-1);
  for (let b = 0; b < NGRAM_BUCKETS; b++) if (kind[b] !== 0) rowOf[b] = next[kind[b]]++;
  return { rowOf, firstReal: count[1], bytes: count[1] + count[3], end: count[1] + count[2] + count[3] };
}

/**
 * Writes per bucket its scale (float32), and its factor and row number in one uint32 of 8 and 24 bits, side by side. Returns
 * their address.
 */
function writeBuckets(
  scale: Float32Array,
  projection: SteppedMatrix | undefined,
  { rowOf }: Rows,
  arena: Arena,
): number {
  const address = arena.reserve(8 * NGRAM_BUCKETS);
  const table = arena.u32(address, 2 * NGRAM_BUCKETS);
  const scales = arena.f32(address, 2 * NGRAM_BUCKETS);
  for (let b = 0; b < NGRAM_BUCKETS; b++) {
    scales[2 * b] = scale[b];
    table[2 * b + 1] = rowOf[b] < 0 ? NO_ROW : rowOf[b];
  }
  if (projection === undefined) return address;
  const { rowOf: projected, factor } = projection;
  for (let b = 0; b < NGRAM_BUCKETS; b++) {
    if (projected[b] >= 0) table[2 * b + 1] |= factor[projected[b]] << 24;
  }
  return address;
}

/** A matrix whose rows become bytes: a byte of a row stands for its factor, 1 … 255, times `step`. */
interface SteppedMatrix extends NgramMatrix {
  factor: Uint8Array;
  step: number;
}

function inSteps(map: NgramMatrix): SteppedMatrix {
  const { columns, matrix } = map;
  const most = new Float64Array(matrix.length / columns);
  for (let r = 0, i = 0; r < most.length; r++) {
    let greatest = 0;
    for (const end = i + columns; i < end; i++) greatest = Math.max(greatest, Math.abs(matrix[i]));
    most[r] = greatest;
  }
  const greatest = most.reduce((a, b) => Math.max(a, b), 0);
  const step = greatest / (127 * 255);
  const factor = Uint8Array.from(most, (m) => Math.max(1, Math.ceil((255 * m) / greatest)));
  return { ...map, factor, step };
}

/** Writes the projection as bytes, beginning at a cache line. Returns their address. */
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
  for (let b = 0; b < NGRAM_BUCKETS; b++) {
    const row = map.rowOf[b];
    if (row < 0) continue;
    const toBytes = step === 0 ? 0 : 1 / (factor[row] * step);
    const base = rowOf[b] * width;
    for (let k = 0; k < columns; k++) to[base + k] = Math.round(matrix[row * columns + k] * toBytes);
  }
  return address;
}

/** Writes the weights times the scales of their buckets. Returns their address. */
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
  for (let b = 0; b < NGRAM_BUCKETS; b++) {
    const row = map.rowOf[b];
    if (row < 0) continue;
    const base = (rowOf[b] - firstReal) * width;
    for (let k = 0; k < columns; k++) to[base + k] = scale[b] * matrix[row * columns + k];
  }
  return address;
}
