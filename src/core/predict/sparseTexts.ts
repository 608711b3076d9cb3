import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";
import type { SparseMatrix } from "./subspace.js";
import { BLOCK_TEXTS, BLOCK_UNITS, TextBlocks } from "./textBlocks.js";

/** N-grams of the texts of one block, at most. */
const BLOCK_ENTRIES = 8 * BLOCK_UNITS + 16 * BLOCK_TEXTS;

/**
 * Turns texts, in lower case, into sparse rows of hashed n-grams; see `assembly/predict/sparseTexts.ts`. In memory of its own: 4 MiB for the
 * scales, and 6 MiB of which short texts touch little.
 */
export class SparseTexts {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly blocks: TextBlocks;
  private readonly at: Record<"scale" | "scratch" | "rowStart" | "column" | "value", number>;

  /** `scale`: weight of each of 2^20 buckets. */
  constructor(scale: Float32Array, module: WebAssembly.Module = compileCore("release")) {
    const kernels = instantiateCore(module);
    const arena = new Arena(kernels.memory, kernels.heapBase());
    this.kernels = kernels;
    this.arena = arena;
    this.blocks = new TextBlocks(arena);
    // Fresh memory is zero, as `scratch` has to be.
    this.at = {
      scale: arena.write(scale),
      scratch: arena.reserve(kernels.sparseScratchBytes()),
      rowStart: arena.reserve(4 * (BLOCK_TEXTS + 1)),
      column: arena.reserve(4 * BLOCK_ENTRIES),
      value: arena.reserve(4 * BLOCK_ENTRIES),
    };
  }

  /** A row a text; no entry for a blank one. Fresh and owned by the caller. O(units). */
  rows(texts: readonly string[]): SparseMatrix {
    const { arena, at, blocks, kernels } = this;
    const start = new Uint32Array(texts.length + 1);
    const columns: Int32Array[] = [];
    const values: Float32Array[] = [];
    let used = 0;
    blocks.forEach(texts, (from, count) => {
      kernels.sparseTexts(
        blocks.unit,
        blocks.start,
        count,
        at.scale,
        at.scratch,
        at.rowStart,
        at.column,
        at.value,
      );
      const ends = arena.u32(at.rowStart, count + 1);
      for (let t = 1; t <= count; t++) start[from + t] = used + ends[t];
      used += ends[count];
      columns.push(arena.i32(at.column, ends[count]).slice());
      values.push(arena.f32(at.value, ends[count]).slice());
    });
    return {
      rows: texts.length,
      start,
      column: joined(columns, new Int32Array(used)),
      value: joined(values, new Float32Array(used)),
    };
  }
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
