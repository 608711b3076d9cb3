import { NGRAM_BUCKETS, TextSums as TextSumsFields } from "../../../assembly/layout.js";
import type { Arena, KeptView } from "../arena.js";
import { Struct } from "../struct.js";
import { predictSpace, type PredictSpace } from "./space.js";
import type { BucketNumbers } from "./bucketTables.js";
import type { SteppedMatrix } from "./steppedMatrix.js";
import { BLOCK_TEXTS, TextBlocks } from "./textBlocks.js";

/** A linear map from hashed n-grams to a few numbers. */
export interface NgramMatrix {
  /** The bucket of each row of `matrix`. */
  bucket: Int32Array;
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
  /** √idf of each bucket: a factor of its row of `weights`, and of the length by which the products are divided. */
  scale: BucketNumbers;
  /** Only the directions of the results count. It includes the scale. */
  projection?: SteppedMatrix;
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
    const { buckets, rows } = writeBuckets({ scale, projection, weights }, arena);
    this.sums = arena.kept("f32", BLOCK_TEXTS * this.width);
    this.struct = new Struct(arena, TextSumsFields, {
      buckets,
      scratch: arena.reserve(kernels.sumScratchBytes(...widths)),
      bytes: writeBytes(projection, widths[0], rows, arena),
      byteCount: rows.bytes,
      byteColumns: widths[0],
      reals: writeReals(weights, buckets, widths[1], rows, arena),
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

function columnsOf(map: { columns: number } | undefined, chunk: number): Columns {
  const columns = map?.columns ?? 0;
  return { columns, width: Math.ceil(columns / chunk) * chunk };
}

/** One numbering of all rows: those of buckets that have only a row of the projection, then both, then of weights only. */
interface Rows {
  /** Numbers of the rows of the projection, below `bytes`. */
  ofBytes: Int32Array;
  /** Numbers of the rows of weights, at or above `firstReal`. */
  ofReals: Int32Array;
  bytes: number;
  firstReal: number;
  end: number;
}

/**
 * Writes per bucket its scale (float32), and its factor and row number in one uint32 of 8 and 24 bits, side by side. Returns
 * their address, and the numbers.
 */
function writeBuckets(
  { scale, projection, weights }: TextMaps,
  arena: Arena,
): { buckets: number; rows: Rows } {
  const buckets = arena.reserve(8 * NGRAM_BUCKETS);
  const table = arena.u32(buckets, 2 * NGRAM_BUCKETS);
  const scales = arena.f32(buckets, 2 * NGRAM_BUCKETS);
  scales[0] = scale.rest;
  table[1] = NO_ROW;
  // Doubling copies in place of a million single writes.
  for (let done = 2; done < table.length; done *= 2) table.copyWithin(done, 0, done);
  const { bucket, value } = scale;
  for (let k = 0; k < bucket.length; k++) scales[2 * bucket[k]] = value[k];
  return { buckets, rows: numberRows(table, projection, weights) };
}

/** Writes factors and numbers to a table of `NO_ROW`. A bucket that is listed twice, as in a forged file, is harmless. */
function numberRows(table: Uint32Array, projection?: SteppedMatrix, weights?: NgramMatrix): Rows {
  const [projected, weighed] = [projection?.bucket ?? NONE, weights?.bucket ?? NONE];
  const [ofBytes, ofReals] = [new Int32Array(projected.length), new Int32Array(weighed.length)];
  for (let r = 0; r < weighed.length; r++) table[2 * weighed[r] + 1] = WEIGHED;
  let firstReal = 0;
  for (let r = 0; r < projected.length; r++) if (table[2 * projected[r] + 1] !== WEIGHED) firstReal++;
  let [only, both] = [0, firstReal];
  for (let r = 0; r < projected.length; r++) {
    ofBytes[r] = table[2 * projected[r] + 1] === WEIGHED ? both++ : only++;
  }
  for (let r = 0; r < projected.length; r++) {
    table[2 * projected[r] + 1] = ofBytes[r] | (projection!.factor[r] << 24);
  }
  const bytes = projected.length;
  let end = bytes;
  for (let r = 0; r < weighed.length; r++) {
    const at = 2 * weighed[r] + 1;
    if (table[at] === WEIGHED) table[at] = end++;
    ofReals[r] = table[at] & NO_ROW;
  }
  return { ofBytes, ofReals, bytes, firstReal, end };
}

const NONE = new Int32Array(0);
/** In place of a row number, for a while: the bucket has a row of weights. */
const WEIGHED = NO_ROW - 1;

/** Writes the projection, beginning at a cache line. Returns its address. */
function writeBytes(map: SteppedMatrix | undefined, width: number, rows: Rows, arena: Arena): number {
  const address = arena.reserveLines(rows.bytes * width);
  if (map === undefined) return address;
  const to = arena.u32(address, (rows.bytes * width) / 4);
  // Rows are whole words in both: the columns are a multiple of 4.
  const { buffer, byteOffset, length } = map.byte.byteOffset % 4 === 0 ? map.byte : map.byte.slice();
  const words = new Uint32Array(buffer, byteOffset, length / 4);
  const [columns, stride] = [map.columns / 4, width / 4];
  const { ofBytes } = rows;
  for (let r = 0, i = 0; r < ofBytes.length; r++) {
    for (let at = ofBytes[r] * stride, end = i + columns; i < end; i++) to[at++] = words[i];
  }
  return address;
}

/** Writes the weights times the scales of their buckets. Returns their address. */
function writeReals(
  map: NgramMatrix | undefined,
  scaleAt: number,
  width: number,
  { ofReals, firstReal, end }: Rows,
  arena: Arena,
): number {
  const count = (end - firstReal) * width;
  const address = arena.reserveLines(4 * count);
  if (map === undefined) return address;
  const to = arena.f32(address, count);
  const scales = arena.f32(scaleAt, 2 * NGRAM_BUCKETS);
  const { bucket, columns, matrix } = map;
  for (let r = 0; r < bucket.length; r++) {
    const base = (ofReals[r] - firstReal) * width;
    const scale = scales[2 * bucket[r]];
    for (let k = 0; k < columns; k++) to[base + k] = scale * matrix[r * columns + k];
  }
  return address;
}
