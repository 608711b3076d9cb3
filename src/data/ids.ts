import { randomInt } from "node:crypto";

/** Secret, so that no file can be made whose ids collide. It changes nothing but speed. */
const SEED = randomInt(2 ** 31);

/** Finds repeated names among rows: a hash table of row numbers, a few bytes a row where a Map needs fifty. */
export class IdIndex {
  /** Row + 1; 0: free. */
  private slots = new Int32Array(1024);

  /** `ids` are the names of the rows added so far. */
  constructor(private readonly ids: readonly string[]) {}

  /** The row that is called `id`; if there is none, −1, and `row`, to be called so, is added. */
  findOrAdd(id: string, row: number): number {
    if (2 * row >= this.slots.length) this.grow();
    const { slots, ids } = this;
    const mask = slots.length - 1;
    let at = hash(id) & mask;
    for (; slots[at] > 0; at = (at + 1) & mask) if (ids[slots[at] - 1] === id) return slots[at] - 1;
    slots[at] = row + 1;
    return -1;
  }

  private grow(): void {
    const { ids } = this;
    const before = this.slots;
    const slots = (this.slots = new Int32Array(4 * before.length));
    const mask = slots.length - 1;
    for (const slot of before) {
      if (slot === 0) continue;
      let at = hash(ids[slot - 1]) & mask;
      while (slots[at] > 0) at = (at + 1) & mask;
      slots[at] = slot;
    }
  }
}

function hash(text: string): number {
  let h = SEED;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h;
}
