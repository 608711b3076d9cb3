// Texts to sparse rows.
import { LIST_BYTES, TEXT_BYTES, Text, forgetToken, listAcross, listInside, readText, tokenAt } from "./ngrams";

/** Most slots for the distinct buckets of one text: a power of two, at least twice as many as there can be. */
const PLACES = 131072;

/** Offsets in the scratch, after a text's: the list of buckets, the row that is being written, and the slots of its buckets. */
const LIST_AT: usize = TEXT_BYTES;
const ROW_AT: usize = (LIST_AT + LIST_BYTES + 15) & ~15;
const PLACES_AT: usize = ROW_AT + 32;

/** Bytes that `sparseTexts` needs as `scratch`. They must be zeros before the first call. */
export function sparseScratchBytes(): i32 {
  return <i32>PLACES_AT + 4 * PLACES;
}

/** Where the sparse rows of texts are written. */
// @ts-ignore: decorator
@unmanaged
export class TextRows {
  /** float32 per bucket. */
  scale: usize = 0;
  /** `sparseScratchBytes()`. */
  scratch: usize = 0;
  /** Result: uint32, texts + 1 offsets. */
  rowStart: usize = 0;
  /** Results, int32 and float32 per entry: room for 8 · units + 16 · texts. */
  column: usize = 0;
  value: usize = 0;
}

/** The row of one text, while it is written. */
// @ts-ignore: decorator
@unmanaged
class Row {
  scale: usize = 0;
  column: usize = 0;
  value: usize = 0;
  /** Number of slots − 1. */
  mask: u32 = 0;
  /** Entries. */
  distinct: usize = 0;
  /** Σ of the squares of all numbers added to them. */
  squares: f64 = 0;
}

/**
 * Sparse rows of texts: an entry for each distinct bucket, in order of first appearance (n-grams inside tokens, token by
 * token, then those across tokens). Each n-gram adds its bucket's `scale`; n-grams inside a token count once, however often
 * the token occurs, those across tokens each time. Rows are divided by the root of the sum of the squares of all numbers
 * added, so that they have about unit length: a bucket that occurs several times counts as several buckets there.
 *
 * `unit`: uint16; `start`: uint32, texts + 1 ascending offsets into it, at most MAX_UNITS apart. O(units).
 */
export function sparseTexts(rows: TextRows, unit: usize, start: usize, texts: i32): void {
  const scratch = rows.scratch;
  const text = changetype<Text>(scratch);
  const row = changetype<Row>(scratch + ROW_AT);
  const list = scratch + LIST_AT;
  const places = scratch + PLACES_AT;
  const rowStart = rows.rowStart;
  row.scale = rows.scale;
  row.column = rows.column;
  row.value = rows.value;
  store<u32>(rowStart, 0);
  let entries: usize = 0;
  for (let t: usize = 0; t < <usize>texts; t++) {
    readText(text, unit, start, t);
    const units = load<u32>(start + (t << 2), 4) - load<u32>(start + (t << 2));
    const most = units * 8 + 16;
    row.mask = min<u32>(PLACES, <u32>1 << (33 - clz(most))) - 1;
    memory.fill(places, 0, <usize>(row.mask + 1) << 2);
    row.distinct = 0;
    row.squares = 0;
    for (let k = 0; k < text.tokens; k++) {
      const token = tokenAt(text, k);
      add(row, places, list, listInside(text, token, list));
      forgetToken(token);
    }
    add(row, places, list, listAcross(text, list));
    const toUnit = 1 / sqrt<f64>(row.squares);
    const bytes = row.distinct << 2;
    for (let k: usize = 0; k < bytes; k += 4) {
      store<f32>(row.value + k, <f32>(<f64>load<f32>(row.value + k) * toUnit));
    }
    row.column += bytes;
    row.value += bytes;
    entries += row.distinct;
    store<u32>(rowStart + (t << 2), <u32>entries, 4);
  }
}

/** Adds the scales of the listed buckets to a row. `places`: a hash table with linear probing from a bucket to its entry. */
function add(row: Row, places: usize, list: usize, end: usize): void {
  const scale = row.scale;
  const column = row.column;
  const value = row.value;
  const mask = row.mask;
  let distinct = row.distinct;
  let squares = row.squares;
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
  row.distinct = distinct;
  row.squares = squares;
}
