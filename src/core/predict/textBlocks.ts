import { MAX_UNITS } from "../../../assembly/layout.js";
import type { Arena } from "../arena.js";

/** Most texts and units of one block. A text of any length fits. */
export const BLOCK_TEXTS = 256;
export const BLOCK_UNITS = 1 << 16;

/** Copies texts in, block by block, for kernels that read them. Only the first 8,001 units of each text are read. */
export class TextBlocks {
  readonly unit: number;
  readonly start: number;

  constructor(private readonly arena: Arena) {
    this.unit = arena.reserve(2 * BLOCK_UNITS);
    this.start = arena.reserve(4 * (BLOCK_TEXTS + 1));
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
    const unit = this.arena.u16(this.unit, BLOCK_UNITS);
    const start = this.arena.u32(this.start, BLOCK_TEXTS + 1);
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
