import { MAX_UNITS } from "../../../assembly/layout.js";
import type { Arena, KeptView } from "../arena.js";

/** Most texts and units of one block. A text of any length fits. */
export const BLOCK_TEXTS = 256;
export const BLOCK_UNITS = 1 << 16;

/** Copies texts in, block by block, for kernels that read them. Only the first 8,001 units of each text are read. */
export class TextBlocks {
  private readonly units: KeptView<"u16">;
  private readonly starts: KeptView<"u32">;

  constructor(arena: Arena) {
    this.units = arena.kept("u16", BLOCK_UNITS);
    this.starts = arena.kept("u32", BLOCK_TEXTS + 1);
  }

  /** Addresses, for the kernels. */
  get unit(): number {
    return this.units.address;
  }
  get start(): number {
    return this.starts.address;
  }

  /** After each block is copied, calls back with its first text and the number of its texts. */
  forEach(texts: readonly string[], onBlock: (from: number, count: number) => void): void {
    for (let from = 0; from < texts.length;) {
      const count = this.write(texts, from);
      onBlock(from, count);
      from += count;
    }
  }

  /** Copies texts in, beginning with text `from`, as many as there is room for. Returns their number. */
  private write(texts: readonly string[], from: number): number {
    const unit = this.units.view;
    const start = this.starts.view;
    let used = 0;
    let count = 0;
    for (; from + count < texts.length && count < BLOCK_TEXTS; count++) {
      const text = texts[from + count];
      const length = Math.min(text.length, MAX_UNITS);
      if (used + length > BLOCK_UNITS) break;
      start[count] = used;
      for (let i = 0; i < length; i++) unit[used + i] = text.charCodeAt(i);
      used += length;
    }
    start[count] = used;
    return count;
  }
}
