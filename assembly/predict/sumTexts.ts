// Texts to sums of matrix rows.
import { KEPT_TOKEN } from "../layout";
import {
  LIST_BYTES,
  TEXT_BYTES,
  Text,
  forgetToken,
  listAcross,
  listInside,
  readText,
  tokenAt,
  tokenHash,
  tokenPlace,
  tokenUnits,
} from "./ngrams";

/** Bytes of a kept token's key: its length and units, followed by zeros. */
const KEY_BYTES: usize = 2 * (KEPT_TOKEN + 1);
/** The second word of a bucket: a factor in the highest byte, a row in the others. */
const FACTOR_SHIFT: u32 = 24;
const ROW_MASK: u32 = (1 << 24) - 1;
/** Bytes at the end of a sum: the sum of the squared scales, and three unused numbers. */
const SQUARES_BYTES: usize = 16;

/** Offsets in the scratch, after a text's: the lists of buckets and of the rows of either matrix, … */
const LIST_AT: usize = TEXT_BYTES;
const BYTES_AT: usize = LIST_AT + LIST_BYTES;
const REALS_AT: usize = BYTES_AT + LIST_BYTES + 16;
/** … the key of a token, and a sum that is not kept: that of a long token. */
const KEY_AT: usize = (REALS_AT + LIST_BYTES + 15) & ~15;
const SUM_AT: usize = KEY_AT + KEY_BYTES;

/** Two matrices whose rows are summed, and where the sums are written. */
// @ts-ignore: decorator
@unmanaged
export class TextSums {
  /**
   * Per bucket: its scale (float32), then (uint32) its factor 1 … 255 in the highest byte and its row in the others, 2^24 − 1
   * for none. They lie side by side since all are needed at once and the next bucket's lie far away. Rows of both matrices
   * share one numbering: row r is row r of `bytes` if r < `byteCount`, and row r − `firstReal` of `reals` if that is below
   * `realCount`; it may be both.
   */
  buckets: usize = 0;
  /** `sumScratchBytes()`. */
  scratch: usize = 0;
  /** int8, `byteColumns` (a multiple of 32) per row, to be multiplied by the factor. */
  bytes: usize = 0;
  byteCount: i32 = 0;
  byteColumns: i32 = 0;
  /** float32, `realColumns` (a multiple of 16) per row. */
  reals: usize = 0;
  firstReal: i32 = 0;
  realCount: i32 = 0;
  realColumns: i32 = 0;
  /** `keptBytes()`: the sums of tokens that occurred before, `slots` (a power of two) of them. They change no result. */
  kept: usize = 0;
  slots: i32 = 0;
  /** Result: float32, byteColumns + realColumns + 4 per text, of which the last four are for internal use. */
  out: usize = 0;
}

/** Numbers of a sum: the columns of both matrices, and four. */
// @ts-ignore: decorator
@inline
function sumWidth(byteColumns: i32, realColumns: i32): i32 {
  return byteColumns + realColumns + <i32>(SQUARES_BYTES >> 2);
}

/** Bytes of a sum. */
// @ts-ignore: decorator
@inline
function sizeOf(sums: TextSums): usize {
  return <usize>sumWidth(sums.byteColumns, sums.realColumns) << 2;
}

/** Bytes that `sumTexts` needs as `kept`. They must be zeros before the first call. */
export function keptBytes(slots: i32, byteColumns: i32, realColumns: i32): i32 {
  return slots * (<i32>KEY_BYTES + 4 * sumWidth(byteColumns, realColumns));
}

/** Bytes that `sumTexts` needs as `scratch`. They must be zeros before the first call. */
export function sumScratchBytes(byteColumns: i32, realColumns: i32): i32 {
  return <i32>SUM_AT + 4 * sumWidth(byteColumns, realColumns);
}

/**
 * For each text, sums the rows of its n-grams in two matrices. N-grams count as in `sparseTexts`. The first `byteColumns`
 * numbers of a sum come from `bytes`, each row times its factor; the next `realColumns` come from `reals` and are divided by
 * what `sparseTexts` divides by. `bytes` should begin at a cache line: its rows are fetched from far away for every n-gram.
 *
 * `unit`, `start`: as in `sparseTexts`. O(units), and (n-grams of tokens that are not kept) × columns.
 */
export function sumTexts(sums: TextSums, unit: usize, start: usize, texts: i32): void {
  assert(sums.byteColumns % 32 == 0 && sums.realColumns % 16 == 0 && (sums.slots & (sums.slots - 1)) == 0);
  const text = changetype<Text>(sums.scratch);
  const size = sizeOf(sums);
  for (let t: usize = 0; t < <usize>texts; t++) {
    readText(text, unit, start, t);
    sumText(sums, text, sums.out + t * size);
  }
}

function sumText(sums: TextSums, text: Text, sum: usize): void {
  const size = sizeOf(sums);
  const list = sums.scratch + LIST_AT;
  sumRows(sums, listAcross(text, list), sum);
  const squaresAt = size - SQUARES_BYTES;
  for (let k = 0; k < text.tokens; k++) {
    const token = tokenAt(text, k);
    const inside = sumInside(sums, text, token);
    forgetToken(token);
    for (let d: usize = 0; d < size; d += 16) {
      v128.store(sum + d, f32x4.add(v128.load(sum + d), v128.load(inside + d)));
    }
  }
  const squares = load<f32>(sum + squaresAt);
  if (squares == 0) return;
  const toUnit = f32x4.splat(1 / sqrt<f32>(squares));
  for (let d = <usize>sums.byteColumns << 2; d < squaresAt; d += 16) {
    v128.store(sum + d, f32x4.mul(v128.load(sum + d), toUnit));
  }
}

/** The address of the sum over the n-grams inside a token: kept from before, or computed now. */
function sumInside(sums: TextSums, text: Text, token: usize): usize {
  const scratch = sums.scratch;
  const list = scratch + LIST_AT;
  const units = <usize>tokenUnits(token);
  if (units > <usize>KEPT_TOKEN) {
    const sum = scratch + SUM_AT;
    sumRows(sums, listInside(text, token, list), sum);
    return sum;
  }
  const key = scratch + KEY_AT;
  const zero = i64x2.splat(0);
  for (let k: usize = 0; k < KEY_BYTES; k += 16) v128.store(key + k, zero);
  store<u16>(key, <u16>units);
  memory.copy(key + 2, tokenPlace(token), units << 1);
  const slot = sums.kept + <usize>(tokenHash(token) & <u32>(sums.slots - 1)) * (KEY_BYTES + sizeOf(sums));
  const sum = slot + KEY_BYTES;
  if (!isSameKey(slot, key)) {
    memory.copy(slot, key, KEY_BYTES);
    sumRows(sums, listInside(text, token, list), sum);
  }
  return sum;
}

function isSameKey(a: usize, b: usize): bool {
  let differs = v128.xor(v128.load(a), v128.load(b));
  for (let k: usize = 16; k < KEY_BYTES; k += 16) {
    differs = v128.or(differs, v128.xor(v128.load(a + k), v128.load(b + k)));
  }
  return !v128.any_true(differs);
}

/**
 * Writes the sum over the buckets in the list, and the sum of their squared scales. Rows lie far apart in memory: finding
 * all of them first lets the processor fetch many at a time, where adding each as it is found waits for one after another.
 */
function sumRows(sums: TextSums, listEnd: usize, sum: usize): void {
  const bucketTable = sums.buckets;
  const byteRows = <u32>sums.byteCount;
  const realFrom = <u32>sums.firstReal;
  const realRows = <u32>sums.realCount;
  const byteColumns = <usize>sums.byteColumns;
  const bytes = sums.scratch + BYTES_AT;
  const reals = sums.scratch + REALS_AT;
  let bytesEnd = bytes;
  let realsEnd = reals;
  let squares: f32 = 0;
  for (let list = sums.scratch + LIST_AT; list < listEnd; list += 4) {
    const entry = bucketTable + (<usize>load<u32>(list) << 3);
    const scale = load<f32>(entry);
    const factorAndRow = load<u32>(entry, 4);
    const row = factorAndRow & ROW_MASK;
    squares += scale * scale;
    // Always written, and kept only if there is a row: no branch to mispredict.
    store<u32>(bytesEnd, factorAndRow);
    bytesEnd += select<usize>(4, 0, row < byteRows);
    store<u32>(realsEnd, row - realFrom);
    realsEnd += select<usize>(4, 0, row - realFrom < realRows);
  }
  touch(sums.bytes, byteColumns, bytes, bytesEnd);
  touch(sums.reals, <usize>sums.realColumns << 2, reals, realsEnd);
  // Rows are added in pairs: the partner of a single last row may be the row itself, times 0.
  store<u32>(bytesEnd, load<u32>(bytesEnd - 4) & ROW_MASK);
  sumBytes(sums, bytes, bytesEnd, sum);
  sumReals(sums, reals, realsEnd, sum + (byteColumns << 2));
  store<f32>(sum + sizeOf(sums) - SQUARES_BYTES, squares);
}

/**
 * Loads a word from every cache line that will be added, with nothing in between, so that the processor fetches many lines
 * at a time. While it also adds, it gets only a few rows ahead.
 */
function touch(matrix: usize, rowBytes: usize, rows: usize, end: usize): void {
  let word: u32 = 0;
  for (let d: usize = 0; d < rowBytes; d += 64) {
    for (let at = rows; at < end; at += 4) {
      word |= load<u32>(matrix + d + <usize>(load<u32>(at) & ROW_MASK) * rowBytes);
    }
  }
  // Stored, or the compiler would remove the loads.
  store<u32>(end, word);
}

/**
 * Sums rows of `bytes`, 32 columns at a time, which stay in registers. Integers are added exactly: bytes times factors,
 * summed over the n-grams of a text, stay below 2^31.
 */
function sumBytes(sums: TextSums, rows: usize, end: usize, sum: usize): void {
  const byteMatrix = sums.bytes;
  const width = <usize>sums.byteColumns;
  for (let d: usize = 0; d < width; d += 32) {
    const base = byteMatrix + d;
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    for (let at = rows; at < end; at += 8) {
      const a = load<u32>(at);
      const b = load<u32>(at, 4);
      const factors = pairOf(a, b);
      const first = base + <usize>(a & ROW_MASK) * width;
      const second = base + <usize>(b & ROW_MASK) * width;
      const p = v128.load(first);
      const q = v128.load(second);
      const low = lowPairs(p, q);
      const high = highPairs(p, q);
      s0 = addLow(s0, low, factors);
      s1 = addHigh(s1, low, factors);
      s2 = addLow(s2, high, factors);
      s3 = addHigh(s3, high, factors);
      const r = v128.load(first, 16);
      const t = v128.load(second, 16);
      const lower = lowPairs(r, t);
      const higher = highPairs(r, t);
      s4 = addLow(s4, lower, factors);
      s5 = addHigh(s5, lower, factors);
      s6 = addLow(s6, higher, factors);
      s7 = addHigh(s7, higher, factors);
    }
    const to = sum + 4 * d;
    storeWhole(to, s0, s1);
    storeWhole(to + 32, s2, s3);
    storeWhole(to + 64, s4, s5);
    storeWhole(to + 96, s6, s7);
  }
}

/** The factors of two rows, alternating, int16. */
// @ts-ignore: decorator
@inline
function pairOf(a: u32, b: u32): v128 {
  return i32x4.splat(<i32>((a >> FACTOR_SHIFT) | ((b >> FACTOR_SHIFT) << 16)));
}

/** Bytes 0 … 7 of two vectors, alternating. */
// @ts-ignore: decorator
@inline
function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Bytes 8 … 15 of two vectors, alternating. */
// @ts-ignore: decorator
@inline
function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Adds the first four pairs, each number times its factor. */
// @ts-ignore: decorator
@inline
function addLow(sum: v128, pairs: v128, factors: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(pairs), factors));
}

/** Adds the last four pairs, each number times its factor. */
// @ts-ignore: decorator
@inline
function addHigh(sum: v128, pairs: v128, factors: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(pairs), factors));
}

// @ts-ignore: decorator
@inline
function storeWhole(sum: usize, low: v128, high: v128): void {
  v128.store(sum, f32x4.convert_i32x4_s(low));
  v128.store(sum, f32x4.convert_i32x4_s(high), 16);
}

/** Sums rows of `reals` in their order, 16 columns at a time: one cache line of each row. */
function sumReals(sums: TextSums, rows: usize, end: usize, sum: usize): void {
  const realMatrix = sums.reals;
  const bytes = <usize>sums.realColumns << 2;
  for (let d: usize = 0; d < bytes; d += 64) {
    const base = realMatrix + d;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let at = rows; at < end; at += 4) {
      const row = base + <usize>load<u32>(at) * bytes;
      s0 = f32x4.add(s0, v128.load(row));
      s1 = f32x4.add(s1, v128.load(row, 16));
      s2 = f32x4.add(s2, v128.load(row, 32));
      s3 = f32x4.add(s3, v128.load(row, 48));
    }
    v128.store(sum + d, s0);
    v128.store(sum + d, s1, 16);
    v128.store(sum + d, s2, 32);
    v128.store(sum + d, s3, 48);
  }
}
