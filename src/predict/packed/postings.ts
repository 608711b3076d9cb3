import type { BucketNumbers } from "../../core/predict/bucketTables.js";
import type { Postings } from "../../core/predict/postings.js";
import { sharedFloats } from "../../memory.js";

/**
 * The postings of texts without their values, which follow from the scales: an entry is the scale of its column, added `count`
 * times, times the `unit` of its row.
 */
export interface PackedPostings extends Omit<Postings, "value"> {
  /** One per entry. */
  count: Uint8Array;
  /** One per row. */
  unit: Float64Array;
}

/** The place in `sorted` of each of some numbers, −1 for one that is not there; both lists rise. */
export function placesIn(sorted: Int32Array, numbers: Int32Array): Int32Array {
  const places = new Int32Array(numbers.length);
  for (let k = 0, at = 0; k < numbers.length; k++) {
    while (at < sorted.length && sorted[at] < numbers[k]) at++;
    places[k] = sorted[at] === numbers[k] ? at : -1;
  }
  return places;
}

/** The numbers of some buckets, both lists rising. */
export function numbersAt({ bucket, value, rest }: BucketNumbers, wanted: Int32Array): Float32Array {
  const places = placesIn(bucket, wanted);
  const numbers = new Float32Array(wanted.length);
  for (let k = 0; k < wanted.length; k++) numbers[k] = places[k] < 0 ? rest : value[places[k]];
  return numbers;
}

/** Undefined for values that do not follow from the scales exactly, such as those of vectors. */
export function packPostings(
  { first, row, value }: Postings,
  rows: number,
  scale: Float32Array,
): PackedPostings | undefined {
  const count = new Uint8Array(row.length);
  const once = new Float64Array(rows).fill(Infinity);
  const [low, high] = [new Float64Array(rows), new Float64Array(rows).fill(Infinity)];
  forEachEntry(first, (k, c) => (once[row[k]] = Math.min(once[row[k]], value[k] / scale[c])));
  let fits = true;
  forEachEntry(first, (k, c) => {
    const r = row[k];
    const times = Math.round(value[k] / scale[c] / once[r]);
    if (!(times >= 1 && times <= 255)) fits = false;
    count[k] = times;
    const added = sumOf(scale[c], count[k]);
    const half = 2 ** (Math.floor(Math.log2(value[k])) - 24);
    low[r] = Math.max(low[r], (value[k] - half) / added);
    high[r] = Math.min(high[r], (value[k] + half) / added);
  });
  const unit = low.map((least, r) => (high[r] === Infinity ? 1 : (least + high[r]) / 2));
  const packed = { first, row, count, unit };
  if (!fits) return undefined;
  const again = unpackPostings(packed, scale).value;
  return value.every((x, k) => x === again[k]) ? packed : undefined;
}

/** The postings again, the values in shared memory. Numbers that do not fit give values that are not finite. */
export function unpackPostings({ first, row, count, unit }: PackedPostings, scale: Float32Array): Postings {
  const value = sharedFloats(row.length);
  for (let c = 0; c + 1 < first.length; c++) {
    const [end, one] = [Math.min(first[c + 1], row.length), scale[c]];
    for (let k = first[c]; k < end; k++) {
      value[k] = (count[k] === 1 ? one : sumOf(one, count[k])) * unit[row[k]];
    }
  }
  return { first, row, value };
}

function forEachEntry(first: Uint32Array, visit: (k: number, column: number) => void): void {
  for (let c = 0; c + 1 < first.length; c++) for (let k = first[c]; k < first[c + 1]; k++) visit(k, c);
}

/** As `assembly/predict/sparseTexts.ts` adds: rounded each time. */
function sumOf(scale: number, count: number): number {
  let sum = scale;
  for (let k = 1; k < count; k++) sum = Math.fround(sum + scale);
  return sum;
}
