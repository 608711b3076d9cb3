import { TextRows } from "../../../assembly/layout.js";
import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";
import { Struct } from "../struct.js";
import type { SparseMatrix } from "./subspace.js";
import { BLOCK_TEXTS, BLOCK_UNITS, TextBlocks } from "./textBlocks.js";

/** Most n-grams of the texts of one block. */
const BLOCK_ENTRIES = 8 * BLOCK_UNITS + 16 * BLOCK_TEXTS;

/**
 * Turns texts in lower case into sparse rows of hashed n-grams: `assembly/predict/sparseTexts.ts`. Its own memory holds 4 MiB
 * of scales and 6 MiB of buffers, of which short texts touch little.
 */
export class SparseTexts {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly blocks: TextBlocks;
  private readonly struct: Struct<typeof TextRows>;

  /** `scale`: the weights of 2^20 buckets. */
  constructor(scale: Float32Array, module: WebAssembly.Module = compileCore()) {
    const kernels = instantiateCore(module);
    const arena = new Arena(kernels.memory, kernels.heapBase());
    this.kernels = kernels;
    this.arena = arena;
    this.blocks = new TextBlocks(arena);
    // New memory holds zeros, as `scratch` must.
    this.struct = new Struct(arena, TextRows, {
      scale: arena.write(scale),
      scratch: arena.reserve(kernels.sparseScratchBytes()),
      rowStart: arena.reserve(4 * (BLOCK_TEXTS + 1)),
      column: arena.reserve(4 * BLOCK_ENTRIES),
      value: arena.reserve(4 * BLOCK_ENTRIES),
    });
  }

  /** One row per text; a blank text has no entries. The caller owns the new arrays. O(units). */
  rows(texts: readonly string[]): SparseMatrix {
    const { arena, blocks, kernels, struct } = this;
    const start = new Uint32Array(texts.length + 1);
    const columns: Int32Array[] = [];
    const values: Float32Array[] = [];
    let used = 0;
    blocks.forEach(texts, (from, count) => {
      kernels.sparseTexts(struct.address, blocks.unit, blocks.start, count);
      const ends = arena.u32(struct.get("rowStart"), count + 1);
      for (let t = 1; t <= count; t++) start[from + t] = used + ends[t];
      used += ends[count];
      columns.push(arena.i32(struct.get("column"), ends[count]).slice());
      values.push(arena.f32(struct.get("value"), ends[count]).slice());
    });
    return {
      rows: texts.length,
      start,
      column: joined(columns, new Int32Array(used)),
      value: joined(values, new Float32Array(used)),
    };
  }
}

/** Copies the parts into one array, one after another. */
function joined<T extends Int32Array | Float32Array>(parts: T[], all: T): T {
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
