import { BUCKETS, NgramCounter } from "./ngrams.js";
import type { SparseRows } from "./sparse.js";

/**
 * Weighs hashed n-grams: (1 + ln count) · √idf, rows scaled to unit length; a blank text is an empty row.
 *
 * idf = 1 + ln((1 + texts) / (1 + texts that hold the n-gram)). Its square root is used, so that the inner product of
 * two rows carries one idf a shared n-gram: within labelled rows this had the lower log-loss on all three real
 * sets (0.2545, 0.4158, 0.5664 against 0.2547, 0.4309, 0.5700 with the whole idf). N-grams never met in fitting count
 * towards the length of a row, so that a strange text leans towards the base rate.
 */
export class TfIdf {
  /** √idf of every bucket, in shared memory: all there is to save. */
  readonly scale: Float32Array;
  private readonly counter = new NgramCounter();

  /** From texts, fits the document frequencies: O(characters). From the `scale` of a fitted one, takes it as it is. */
  constructor(fitted: Iterable<string> | Float32Array) {
    if (fitted instanceof Float32Array) {
      this.scale = fitted;
      return;
    }
    const frequencies = new DocumentFrequencies();
    for (const text of fitted) frequencies.add(text);
    this.scale = frequencies.scale();
  }

  /** Rows of texts[from … to − 1], columns 0 … BUCKETS − 1. O(characters) time, 8 bytes an entry. */
  rows(texts: readonly string[], from = 0, to = texts.length): SparseRows {
    const { counter } = this;
    const start = new Uint32Array(to - from + 1);
    let column = new Int32Array(1 << 14);
    let value = new Float32Array(1 << 14);
    for (let r = from; r < to; r++) {
      const used = start[r - from];
      const distinct = counter.count(texts[r]);
      if (used + distinct > column.length) {
        const length = 2 * column.length + distinct;
        column = extend(new Int32Array(length), column);
        value = extend(new Float32Array(length), value);
      }
      this.writeRow(column.subarray(used), value.subarray(used));
      start[r - from + 1] = used + distinct;
    }
    const used = start[to - from];
    return {
      rows: to - from,
      columns: BUCKETS,
      start,
      column: column.subarray(0, used),
      value: value.subarray(0, used),
    };
  }

  /** Writes the row of the text just counted. */
  private writeRow(column: Int32Array, value: Float32Array): void {
    const { buckets, counts, distinct } = this.counter;
    const { scale } = this;
    let squares = 0;
    for (let k = 0; k < distinct; k++) {
      const bucket = buckets[k];
      const count = counts[bucket];
      const v = count === 1 ? scale[bucket] : (1 + Math.log(count)) * scale[bucket];
      column[k] = bucket;
      value[k] = v;
      squares += v * v;
    }
    const toUnit = 1 / Math.sqrt(squares);
    for (let k = 0; k < distinct; k++) value[k] *= toUnit;
  }
}

/** Counts in how many texts each bucket occurs; 4 MiB besides the counter. */
export class DocumentFrequencies {
  readonly holders = new Uint32Array(BUCKETS);
  texts = 0;
  private readonly counter = new NgramCounter();

  /** Counts one text; returns its number of distinct buckets. */
  add(text: string): number {
    const { counter, holders } = this;
    const distinct = counter.count(text);
    for (let k = 0; k < distinct; k++) holders[counter.buckets[k]]++;
    this.texts++;
    return distinct;
  }

  /** √idf of every bucket, fresh, in shared memory. */
  scale(): Float32Array<SharedArrayBuffer> {
    const scale = new Float32Array(new SharedArrayBuffer(4 * BUCKETS));
    for (let b = 0; b < BUCKETS; b++) {
      scale[b] = Math.sqrt(1 + Math.log((1 + this.texts) / (1 + this.holders[b])));
    }
    return scale;
  }
}

function extend<T extends Int32Array | Float32Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}
