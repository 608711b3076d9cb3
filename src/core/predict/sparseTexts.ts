import { TextRows } from "../../../assembly/layout.js";
import type { KeptView } from "../arena.js";
import { Struct } from "../struct.js";
import { predictSpace, type PredictSpace } from "./space.js";
import { writeNumbers, type BucketNumbers } from "./bucketTables.js";
import type { SparseMatrix } from "./subspace.js";
import { BLOCK_TEXTS, BLOCK_UNITS, TextBlocks } from "./textBlocks.js";

/** Most n-grams of the texts of one block. */
const BLOCK_ENTRIES = 8 * BLOCK_UNITS + 16 * BLOCK_TEXTS;

/**
 * Turns texts in lower case into sparse rows of hashed n-grams: `assembly/predict/sparseTexts.ts`. Takes 4 MiB of
 * scales and 6 MiB of buffers, of which short texts touch little.
 */
export class SparseTexts {
  private readonly blocks: TextBlocks;
  private readonly struct: Struct<typeof TextRows>;
  private readonly rowStart: KeptView<"u32">;
  private readonly column: KeptView<"i32">;
  private readonly value: KeptView<"f32">;

  /** `scale`: the weights of the buckets. `space`: an own one, whose memory still holds zeros. */
  constructor(
    scale: BucketNumbers,
    private readonly space: PredictSpace = predictSpace(),
  ) {
    const { arena, kernels } = space;
    this.blocks = new TextBlocks(arena);
    this.rowStart = arena.kept("u32", BLOCK_TEXTS + 1);
    this.column = arena.kept("i32", BLOCK_ENTRIES);
    this.value = arena.kept("f32", BLOCK_ENTRIES);
    this.struct = new Struct(arena, TextRows, {
      scale: writeNumbers(scale, arena),
      scratch: arena.reserve(kernels.sparseScratchBytes()),
      rowStart: this.rowStart.address,
      column: this.column.address,
      value: this.value.address,
    });
  }

  /** One row per text; a blank text has no entries. The caller owns the new arrays. O(units). */
  rows(texts: readonly string[]): SparseMatrix {
    const { blocks, struct } = this;
    const { kernels } = this.space;
    const start = new Uint32Array(texts.length + 1);
    const columns: Int32Array[] = [];
    const values: Float32Array[] = [];
    let used = 0;
    blocks.forEach(texts, (from, count) => {
      kernels.sparseTexts(struct.address, blocks.unit, blocks.start, count);
      const ends = this.rowStart.view;
      for (let t = 1; t <= count; t++) start[from + t] = used + ends[t];
      used += ends[count];
      columns.push(this.column.view.slice(0, ends[count]));
      values.push(this.value.view.slice(0, ends[count]));
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
