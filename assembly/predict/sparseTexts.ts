// Texts to sparse rows.
import { LIST_BYTES, TEXT_BYTES, forgetToken, listAcross, listInside, readText, tokenAt, tokens } from "./ngrams";

/** Places for the distinct buckets of one text: a power of two, twice as many as there can be or more. */
const PLACES = 131072;

/** Where things lie in the scratch, after what reading takes: the list of buckets, and the places of distinct ones. */
const LIST_AT: usize = TEXT_BYTES;
const PLACES_AT: usize = (LIST_AT + LIST_BYTES + 15) & ~15;

/** Bytes that `sparseTexts` needs as `scratch`, filled with zeros before the first call. */
export function sparseScratchBytes(): i32 {
  return <i32>PLACES_AT + 4 * PLACES;
}

/** Of the row at hand: its entries, and the squares of what was added to them. */
let distinct: usize = 0;
let squares: f64 = 0;

/**
 * Sparse rows of texts: an entry for each distinct bucket, in order of first appearance (of the n-grams inside tokens, token by
 * token, then of those across). Each n-gram adds its bucket's `scale`, float32: those inside a token once for all of the token's
 * places, those across each time. Rows are divided by the root of the sum of the squares of all that was added, so that they have
 * about unit length: a bucket met more than once counts there as if it were several.
 *
 * `unit`: uint16; `start`: texts + 1 ascending offsets into it, at most MAX_UNITS units apart. `rowStart`: uint32, texts + 1
 * offsets, written; `column`, `value`: int32 and float32, with room for 8 · units + 16 · texts entries. O(units).
 */
export function sparseTexts(
  unit: usize,
  start: usize,
  texts: i32,
  scale: usize,
  scratch: usize,
  rowStart: usize,
  column: usize,
  value: usize,
): void {
  const list = scratch + LIST_AT;
  store<u32>(rowStart, 0);
  let entries: usize = 0;
  for (let t: usize = 0; t < <usize>texts; t++) {
    const from = unit + (<usize>load<u32>(start + (t << 2)) << 1);
    const to = unit + (<usize>load<u32>(start + (t << 2), 4) << 1);
    const rowColumn = column + (entries << 2);
    const rowValue = value + (entries << 2);
    readText(from, to, scratch);
    const most = <u32>((to - from) >> 1) * 8 + 16;
    const mask = <u32>min<u32>(PLACES, <u32>1 << (33 - clz(most))) - 1;
    memory.fill(scratch + PLACES_AT, 0, <usize>(mask + 1) << 2);
    distinct = 0;
    squares = 0;
    for (let k = 0; k < tokens; k++) {
      const token = tokenAt(k, scratch);
      add(list, listInside(token, list), scale, rowColumn, rowValue, scratch + PLACES_AT, mask);
      forgetToken(token);
    }
    add(list, listAcross(scratch, list), scale, rowColumn, rowValue, scratch + PLACES_AT, mask);
    const toUnit = 1 / sqrt<f64>(squares);
    for (let k: usize = 0; k < distinct << 2; k += 4) {
      store<f32>(rowValue + k, <f32>(<f64>load<f32>(rowValue + k) * toUnit));
    }
    entries += distinct;
    store<u32>(rowStart + (t << 2), <u32>entries, 4);
  }
}

/** Adds the listed buckets' scales to a row; distinct ones are found by linear probing. */
function add(
  list: usize,
  end: usize,
  scale: usize,
  column: usize,
  value: usize,
  places: usize,
  mask: u32,
): void {
  for (; list < end; list += 4) {
    const bucket = load<u32>(list);
    const more = <f64>load<f32>(scale + (<usize>bucket << 2));
    squares += more * more;
    let slot = bucket & mask;
    for (;;) {
      const place = places + (<usize>slot << 2);
      const number = <usize>load<u32>(place);
      const at = (number - 1) << 2;
      if (number == 0) {
        store<u32>(column + (distinct << 2), bucket);
        store<f32>(value + (distinct << 2), <f32>more);
        store<u32>(place, <u32>++distinct);
        break;
      }
      if (load<u32>(column + at) == bucket) {
        store<f32>(value + at, <f32>(<f64>load<f32>(value + at) + more));
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
}
