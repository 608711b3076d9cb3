import { MAX_UNITS, NGRAM_BUCKETS } from "../../assembly/layout.js";
import { Arena } from "./arena.js";
import { compileCore, instantiateCore, type Kernels } from "./module.js";
import type { SparseMatrix } from "./subspace.js";

/** A linear map of hashed n-grams to few dimensions. */
export interface NgramMatrix {
  /** For each of 2^20 buckets its row, −1 for none. */
  columnOf: Int32Array;
  /** A multiple of 4. */
  dimensions: number;
  /** Row-major. Only directions count: it is taken in steps of its largest number / 32,767. */
  projection: Float32Array;
}

/** Where dense rows go: row r from `out[r * stride]` on. */
export interface DenseTarget {
  out: Float32Array;
  stride: number;
}

/** Texts of one call, and room for their units; at least one text of any length fits. */
const BLOCK_TEXTS = 256;
const BLOCK_UNITS = 1 << 16;
/** N-grams of the texts of one call, at most. */
const BLOCK_ENTRIES = 8 * BLOCK_UNITS + 16 * BLOCK_TEXTS;
/** Tokens whose sums are kept: 64 bytes and a row each. */
const KEPT_TOKENS = 1 << 14;

/**
 * Turns texts into sparse rows, dense rows or both, hashing them once; see `assembly/texts.ts`. Keeps copies of its tables
 * in an instance of its own: 8 MiB for the buckets, the matrix, with some 8 MiB beside it at 128 dimensions; and 10 MiB of
 * which short texts touch little.
 *
 * Texts are in lower case; beyond 8,001 units they are not read.
 */
export class TextReader {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly dimensions: number;
  /** Of a row in there: the dimensions, and zeros up to a multiple of 8. */
  private readonly width: number;
  private readonly at: Record<
    | "unit"
    | "start"
    | "logarithm"
    | "scratch"
    | "buckets"
    | "rowStart"
    | "column"
    | "value"
    | "matrix"
    | "kept"
    | "out",
    number
  >;

  /** `scale`: weight of each of 2^20 buckets, for sparse rows; `matrix`: for dense ones. */
  constructor(
    { scale, matrix }: { scale?: Float32Array; matrix?: NgramMatrix },
    module: WebAssembly.Module = compileCore("release"),
    private readonly keptTokens = KEPT_TOKENS,
  ) {
    const kernels = instantiateCore(module);
    const arena = new Arena(kernels.memory, kernels.heapBase());
    const dimensions = matrix?.dimensions ?? 0;
    const width = Math.ceil(dimensions / 8) * 8;
    this.kernels = kernels;
    this.arena = arena;
    this.dimensions = dimensions;
    this.width = width;
    const entryBytes = scale === undefined ? 0 : 4 * BLOCK_ENTRIES;
    // Fresh memory is zero, as `kept` and `scratch` have to be.
    this.at = {
      unit: arena.reserve(2 * BLOCK_UNITS),
      start: arena.reserve(4 * (BLOCK_TEXTS + 1)),
      logarithm: arena.write(Float64Array.from({ length: MAX_UNITS + 1 }, (_, c) => 1 + Math.log(c || 1))),
      scratch: arena.reserve(kernels.textScratchBytes(width)),
      buckets: arena.write(bucketTable(scale, matrix)),
      rowStart: arena.reserve(4 * (BLOCK_TEXTS + 1)),
      column: arena.reserve(entryBytes),
      value: arena.reserve(entryBytes),
      matrix: matrix === undefined ? 0 : writeMatrix(matrix, width, arena),
      kept: matrix === undefined ? 0 : arena.reserve(kernels.keptBytes(keptTokens, width)),
      out: arena.reserve(4 * BLOCK_TEXTS * width),
    };
  }

  /**
   * The sparse rows: for each distinct bucket (1 + ln count) · scale, of unit length together; no entry for a blank text. With
   * `dense` also writes rows of the matrix's dimensions there, of unit length, or zeros for a text without any n-gram of the matrix.
   * Fresh and owned by the caller.
   */
  rows(texts: readonly string[], dense?: DenseTarget): SparseMatrix {
    const start = new Uint32Array(texts.length + 1);
    const columns: Int32Array[] = [];
    const values: Float32Array[] = [];
    let used = 0;
    this.read(texts, true, dense, (from, count) => {
      const ends = this.arena.u32(this.at.rowStart, count + 1);
      for (let t = 1; t <= count; t++) start[from + t] = used + ends[t];
      used += ends[count];
      columns.push(this.arena.i32(this.at.column, ends[count]).slice());
      values.push(this.arena.f32(this.at.value, ends[count]).slice());
    });
    return {
      rows: texts.length,
      start,
      column: columns.length === 1 ? columns[0] : joined(columns, new Int32Array(used)),
      value: values.length === 1 ? values[0] : joined(values, new Float32Array(used)),
    };
  }

  /** The dense rows alone. */
  project(texts: readonly string[], out: Float32Array, stride: number): void {
    this.read(texts, false, { out, stride }, () => {});
  }

  /** Reads texts block by block; `onBlock` gets the block's first text and how many there are. */
  private read(
    texts: readonly string[],
    isSparse: boolean,
    dense: DenseTarget | undefined,
    onBlock: (from: number, count: number) => void,
  ): void {
    const { at, kernels, width } = this;
    for (let from = 0; from < texts.length;) {
      const count = this.writeTexts(texts, from) - from;
      kernels.readTexts(
        at.unit,
        at.start,
        count,
        at.logarithm,
        at.scratch,
        at.buckets,
        at.rowStart,
        isSparse ? at.column : 0,
        at.value,
        dense === undefined ? 0 : at.matrix,
        width,
        at.kept,
        this.keptTokens,
        at.out,
      );
      if (dense !== undefined) this.copyDense(from, count, dense);
      onBlock(from, count);
      from += count;
    }
  }

  /** Copies in as many texts as there is room for; returns the first that is left. */
  private writeTexts(texts: readonly string[], from: number): number {
    const { arena, at } = this;
    const unit = arena.u16(at.unit, BLOCK_UNITS);
    const start = arena.u32(at.start, BLOCK_TEXTS + 1);
    let used = 0;
    let t = from;
    for (; t < texts.length && t - from < BLOCK_TEXTS; t++) {
      const text = texts[t];
      const length = Math.min(text.length, MAX_UNITS);
      if (used + length > BLOCK_UNITS) break;
      start[t - from] = used;
      for (let i = 0; i < length; i++) unit[used + i] = text.charCodeAt(i);
      used += length;
    }
    start[t - from] = used;
    return t;
  }

  private copyDense(from: number, count: number, { out, stride }: DenseTarget): void {
    const { arena, at, dimensions, width } = this;
    this.kernels.toUnitLength(at.out, count, width, width);
    const rows = arena.f32(at.out, count * width);
    for (let r = 0; r < count; r++) {
      out.set(rows.subarray(r * width, r * width + dimensions), (from + r) * stride);
    }
  }
}

/** Of every bucket what it weighs and its row of the matrix, side by side: float32 and int32. */
function bucketTable(scale: Float32Array | undefined, matrix: NgramMatrix | undefined): Int32Array {
  const table = new Int32Array(2 * NGRAM_BUCKETS);
  const scales = new Float32Array(table.buffer);
  const columnOf = matrix?.columnOf;
  for (let b = 0; b < NGRAM_BUCKETS; b++) {
    scales[2 * b] = scale === undefined ? 0 : scale[b];
    table[2 * b + 1] = columnOf === undefined ? -1 : columnOf[b];
  }
  return table;
}

/** The matrix as whole numbers, each row at a multiple of 8 of them, the first at a cache line; its address. */
function writeMatrix({ projection, dimensions }: NgramMatrix, width: number, arena: Arena): number {
  const rows = projection.length / dimensions;
  const address = arena.reserveLines(2 * rows * width);
  const whole = arena.i16(address, rows * width);
  let most = 0;
  for (let i = 0; i < projection.length; i++) most = Math.max(most, Math.abs(projection[i]));
  const steps = most === 0 ? 0 : 32_767 / most;
  for (let r = 0, i = 0; r < rows; r++) {
    for (let to = r * width; to < r * width + dimensions; to++)
      whole[to] = Math.round(projection[i++] * steps);
  }
  return address;
}

/** Copies the parts one after another. */
function joined<T extends Int32Array | Float32Array>(parts: T[], all: T): T {
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
