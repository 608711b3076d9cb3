import { NGRAM_BUCKETS } from "../../../assembly/layout.js";
import type { Arena } from "../arena.js";

/** A number for each of 2^20 buckets of hashed n-grams, most of them the same. */
export interface BucketNumbers {
  /** The buckets that have a number of their own. */
  bucket: Int32Array;
  /** One per listed bucket. */
  value: Float32Array;
  /** The number of every other bucket. */
  rest: number;
}

/** The same number for all buckets. */
export function evenBuckets(rest: number): BucketNumbers {
  return { bucket: new Int32Array(0), value: new Float32Array(0), rest };
}

/** A number per bucket. `table`: where they are written. */
export function numbersOf(
  { bucket, value, rest }: BucketNumbers,
  table: Float32Array = new Float32Array(NGRAM_BUCKETS),
): Float32Array {
  table.fill(rest);
  for (let k = 0; k < bucket.length; k++) table[bucket[k]] = value[k];
  return table;
}

/** Writes a float32 per bucket. Returns their address. */
export function writeNumbers(numbers: BucketNumbers, arena: Arena): number {
  const address = arena.reserve(4 * NGRAM_BUCKETS);
  numbersOf(numbers, arena.f32(address, NGRAM_BUCKETS));
  return address;
}

/** Writes a table of `size` columns: the place of each listed one in the list, −1 for the others. Returns its address. */
export function writePlaces(listed: Int32Array, size: number, arena: Arena): number {
  const address = arena.reserve(4 * size);
  const table = arena.i32(address, size).fill(-1);
  for (let k = 0; k < listed.length; k++) table[listed[k]] = k;
  return address;
}
