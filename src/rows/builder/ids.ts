import { randomInt } from "node:crypto";
import { ROW_LIMIT } from "../limits.js";

/** Secret, so that no file can be crafted whose ids collide. It affects speed only. */
const SEED = randomInt(2 ** 31);
const ROW = ROW_LIMIT - 1;
const TAKEN = 2 ** 31;

/** Finds repeated names among rows: a hash table of row numbers, a few bytes a row where a Map needs fifty. */
export class IdIndex {
  /** A row, of 24 bits, below 7 bits of its name's hash and one that is set; 0: free. At most half are taken. */
  private slots = new Uint32Array(1024);
  /** The line of each row. */
  private lines = new Uint32Array(512);

  /** `ids` are the names of the rows added so far. */
  constructor(private readonly ids: readonly string[]) {}

  /** The line of the row that is called `id`; if there is none, 0, and `row`, to be called so, is added. */
  findOrAdd(id: string, row: number, line: number): number {
    if (row >= this.lines.length) this.grow();
    const { slots, ids } = this;
    const h = hash(id);
    let at = this.place(h);
    for (const tag = tagOf(h); slots[at] > 0; at = (at + 1) & (slots.length - 1)) {
      const other = slots[at] & ROW;
      // Most other rows are ruled out here, without comparing names.
      if (slots[at] - other === tag && ids[other] === id) return this.lines[other];
    }
    slots[at] = tagOf(h) + row;
    this.lines[row] = line;
    return 0;
  }

  private place(h: number): number {
    return h & (this.slots.length - 1);
  }

  private grow(): void {
    const { ids } = this;
    const slots = (this.slots = new Uint32Array(2 * this.slots.length));
    // In the order of rows, as the names lie in memory.
    for (let row = 0; row < ids.length; row++) {
      const h = hash(ids[row]);
      let at = this.place(h);
      while (slots[at] > 0) at = (at + 1) & (slots.length - 1);
      slots[at] = tagOf(h) + row;
    }
    const { lines } = this;
    this.lines = new Uint32Array(2 * lines.length);
    this.lines.set(lines);
  }
}

function tagOf(h: number): number {
  return ((h & ~ROW) | TAKEN) >>> 0;
}

function hash(text: string): number {
  let h = SEED;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h;
}
