import { MAX_UNITS, NGRAM_BUCKETS } from "../../assembly/layout.js";
import { Arena } from "./arena.js";
import { compileCore, instantiateCore, type Kernels } from "./module.js";

/** A linear map of hashed n-grams to few dimensions. */
export interface NgramMatrix {
  /** For each of 2^20 buckets its row, −1 for none. */
  columnOf: Int32Array;
  /** A multiple of 4. */
  dimensions: number;
  /** Row-major. */
  projection: Float32Array;
}

/** Texts of one call, and room for their units. */
const BLOCK_TEXTS = 1024;
const BLOCK_UNITS = 1 << 17;
/** Tokens whose sums are kept: 64 bytes and a row each. */
const KEPT_TOKENS = 1 << 14;

/**
 * Turns texts into dense rows; see `assembly/texts.ts`. Keeps a copy of the matrix in an instance of its own, with some
 * 17 MiB beside it at 128 dimensions.
 */
export class TextProjector {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly dimensions: number;
  private readonly at: Record<
    "unit" | "start" | "columnOf" | "matrix" | "logarithm" | "kept" | "scratch" | "out",
    number
  >;

  constructor(
    { columnOf, dimensions, projection }: NgramMatrix,
    module: WebAssembly.Module = compileCore("release"),
    private readonly keptTokens = KEPT_TOKENS,
  ) {
    const kernels = instantiateCore(module);
    const arena = new Arena(kernels.memory, kernels.heapBase());
    this.kernels = kernels;
    this.arena = arena;
    this.dimensions = dimensions;
    // Fresh memory is zero, as `kept` and `scratch` have to be.
    this.at = {
      unit: arena.reserve(2 * BLOCK_UNITS),
      start: arena.reserve(4 * (BLOCK_TEXTS + 1)),
      columnOf: arena.write(columnOf.subarray(0, NGRAM_BUCKETS)),
      matrix: arena.write(projection),
      logarithm: arena.write(Float32Array.from({ length: MAX_UNITS + 1 }, (_, c) => 1 + Math.log(c || 1))),
      kept: arena.reserve(kernels.keptBytes(keptTokens, dimensions)),
      scratch: arena.reserve(kernels.textScratchBytes(dimensions)),
      out: arena.reserve(4 * BLOCK_TEXTS * dimensions),
    };
  }

  /**
   * Writes one row of unit length for each text to `out`, row r from `out[r * stride]` on; zeros for a text without any
   * n-gram of the matrix. Texts are in lower case; beyond 8,001 units they are not read.
   */
  project(texts: readonly string[], out: Float32Array, stride: number): void {
    for (let from = 0; from < texts.length;) {
      const to = this.writeTexts(texts, from);
      this.projectBlock(to - from, out.subarray(from * stride), stride);
      from = to;
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

  private projectBlock(texts: number, out: Float32Array, stride: number): void {
    const { arena, at, dimensions, kernels } = this;
    kernels.projectTexts(
      at.unit,
      at.start,
      texts,
      at.columnOf,
      at.matrix,
      dimensions,
      at.logarithm,
      at.kept,
      this.keptTokens,
      at.scratch,
      at.out,
    );
    kernels.toUnitLength(at.out, texts, dimensions, dimensions);
    const rows = arena.f32(at.out, texts * dimensions);
    if (stride === dimensions) out.set(rows);
    else {
      for (let r = 0; r < texts; r++) {
        out.set(rows.subarray(r * dimensions, (r + 1) * dimensions), r * stride);
      }
    }
  }
}
