// Texts to sums of matrix rows.
import { KEPT_TOKEN } from "../layout";
import {
  LIST_BYTES,
  TEXT_BYTES,
  forgetToken,
  listAcross,
  listInside,
  readText,
  tokenAt,
  tokenHash,
  tokenPlace,
  tokens,
  tokenUnits,
} from "./ngrams";

/** Bytes of a kept token's key: its length and units, zeros after them. */
const KEY_BYTES: usize = 2 * (KEPT_TOKEN + 1);
/** What the bucket table says of rows: a factor in the highest byte, a row in the others. */
const FACTOR_SHIFT: u32 = 24;
const ROW_MASK: u32 = (1 << 24) - 1;
/** Bytes at the end of a sum: squares of scales, and three numbers that are nothing. */
const SQUARES_BYTES: usize = 16;

/** Where things lie in the scratch, after what reading takes: the lists of buckets and of the rows of either matrix, … */
const LIST_AT: usize = TEXT_BYTES;
const BYTES_AT: usize = LIST_AT + LIST_BYTES;
const REALS_AT: usize = BYTES_AT + LIST_BYTES + 16;
/** … the key of a token, and the sum of one that is not kept, or of what is across. */
const KEY_AT: usize = (REALS_AT + LIST_BYTES + 15) & ~15;
const SUM_AT: usize = KEY_AT + KEY_BYTES;

/** Where the caller's buffers lie, set by each call. */
let bucketTable: usize = 0;
let byteMatrix: usize = 0;
let realMatrix: usize = 0;
/** Rows below this are in the matrix of bytes, so many rows from `realFrom` on in the other one. */
let byteRows: u32 = 0;
let realFrom: u32 = 0;
let realRows: u32 = 0;
/** Bytes of a row of either, and of a sum. */
let byteWidth: usize = 0;
let realBytes: usize = 0;
let sumSize: usize = 0;

/** Numbers of a sum: of either matrix's row, and four. */
// @ts-ignore: decorator
@inline
function sumWidth(byteColumns: i32, realColumns: i32): i32 {
  return byteColumns + realColumns + <i32>(SQUARES_BYTES >> 2);
}

/** Bytes that `sumTexts` needs as `kept`, filled with zeros before the first call. */
export function keptBytes(slots: i32, byteColumns: i32, realColumns: i32): i32 {
  return slots * (<i32>KEY_BYTES + 4 * sumWidth(byteColumns, realColumns));
}

/** Bytes that `sumTexts` needs as `scratch`, filled with zeros before the first call. */
export function sumScratchBytes(byteColumns: i32, realColumns: i32): i32 {
  return <i32>SUM_AT + 4 * sumWidth(byteColumns, realColumns);
}

/**
 * Sums over the n-grams of texts, which count as in `sparseTexts`, of their rows in two matrices; of a text `byteColumns` +
 * `realColumns` + 4 numbers, float32, in `out`. The first come from `bytes`, int8, `byteColumns` (a multiple of 32) a row, each
 * row times a factor of its own, from the start of a cache line on, since a row is fetched from far away for every n-gram. The
 * next come from `reals`, float32, `realColumns` (a multiple of 16) a row, and are divided by what `sparseTexts` divides by. The
 * last four are left over.
 *
 * `buckets`: of each bucket its scale, float32, then, uint32, its factor 1 … 255 in the highest byte and its row in the others,
 * 2^24 − 1 for none: side by side, as all are looked up and lie far from the next bucket's. Rows are numbered through: row r
 * is row r of `bytes` if r < `byteCount`, and row r − `firstReal` of `reals` if that is below `realCount`; it may be both.
 *
 * `kept`: sums of tokens met, `slots` (a power of two) of them, which change the speed but no result. `unit`, `start`:
 * as there. O(units), and n-grams of tokens not kept × columns.
 */
export function sumTexts(
  unit: usize,
  start: usize,
  texts: i32,
  buckets: usize,
  scratch: usize,
  bytes: usize,
  byteCount: i32,
  byteColumns: i32,
  reals: usize,
  firstReal: i32,
  realCount: i32,
  realColumns: i32,
  kept: usize,
  slots: i32,
  out: usize,
): void {
  assert(byteColumns % 32 == 0 && realColumns % 16 == 0 && (slots & (slots - 1)) == 0);
  bucketTable = buckets;
  byteMatrix = bytes;
  realMatrix = reals;
  byteRows = <u32>byteCount;
  realFrom = <u32>firstReal;
  realRows = <u32>realCount;
  byteWidth = <usize>byteColumns;
  realBytes = <usize>realColumns << 2;
  sumSize = <usize>sumWidth(byteColumns, realColumns) << 2;
  for (let t: usize = 0; t < <usize>texts; t++) {
    const from = unit + (<usize>load<u32>(start + (t << 2)) << 1);
    const to = unit + (<usize>load<u32>(start + (t << 2), 4) << 1);
    readText(from, to, scratch);
    sumText(kept, slots, scratch, out + t * sumSize);
  }
}

function sumText(kept: usize, slots: i32, scratch: usize, sum: usize): void {
  const list = scratch + LIST_AT;
  sumRows(list, listAcross(scratch, list), scratch, sum);
  const squaresAt = sumSize - SQUARES_BYTES;
  for (let k = 0; k < tokens; k++) {
    const token = tokenAt(k, scratch);
    const inside = sumInside(token, kept, slots, scratch);
    forgetToken(token);
    for (let d: usize = 0; d < sumSize; d += 16) {
      v128.store(sum + d, f32x4.add(v128.load(sum + d), v128.load(inside + d)));
    }
  }
  const squares = load<f32>(sum + squaresAt);
  if (squares == 0) return;
  const toUnit = f32x4.splat(1 / sqrt<f32>(squares));
  for (let d = byteWidth << 2; d < squaresAt; d += 16) {
    v128.store(sum + d, f32x4.mul(v128.load(sum + d), toUnit));
  }
}

/** The address of the sum over the n-grams inside a token: kept from before, or added up now. */
function sumInside(token: usize, kept: usize, slots: i32, scratch: usize): usize {
  const list = scratch + LIST_AT;
  const units = <usize>tokenUnits(token);
  if (units > <usize>KEPT_TOKEN) {
    const sum = scratch + SUM_AT;
    sumRows(list, listInside(token, list), scratch, sum);
    return sum;
  }
  const key = scratch + KEY_AT;
  const zero = i64x2.splat(0);
  for (let k: usize = 0; k < KEY_BYTES; k += 16) v128.store(key + k, zero);
  store<u16>(key, <u16>units);
  memory.copy(key + 2, tokenPlace(token), units << 1);
  const slot = kept + <usize>(tokenHash(token) & <u32>(slots - 1)) * (KEY_BYTES + sumSize);
  const sum = slot + KEY_BYTES;
  if (!isSameKey(slot, key)) {
    memory.copy(slot, key, KEY_BYTES);
    sumRows(list, listInside(token, list), scratch, sum);
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
 * Writes the sum over the listed buckets, and the squares of their scales. Rows lie far apart in memory: to have found all of them first
 * lets the processor fetch many at a time, where adding each as it is found waits for one after another.
 */
function sumRows(list: usize, listEnd: usize, scratch: usize, sum: usize): void {
  const bytes = scratch + BYTES_AT;
  const reals = scratch + REALS_AT;
  let bytesEnd = bytes;
  let realsEnd = reals;
  let squares: f32 = 0;
  for (; list < listEnd; list += 4) {
    const entry = bucketTable + (<usize>load<u32>(list) << 3);
    const scale = load<f32>(entry);
    const factorAndRow = load<u32>(entry, 4);
    const row = factorAndRow & ROW_MASK;
    squares += scale * scale;
    // Written in any case, and kept only if there is a row: no branch to guess wrong.
    store<u32>(bytesEnd, factorAndRow);
    bytesEnd += select<usize>(4, 0, row < byteRows);
    store<u32>(realsEnd, row - realFrom);
    realsEnd += select<usize>(4, 0, row - realFrom < realRows);
  }
  touch(byteMatrix, byteWidth, bytes, bytesEnd);
  touch(realMatrix, realBytes, reals, realsEnd);
  // Rows go in pairs: the last one's partner may be itself, times 0.
  store<u32>(bytesEnd, load<u32>(bytesEnd - 4) & ROW_MASK);
  sumBytes(bytes, bytesEnd, sum);
  sumReals(reals, realsEnd, sum + (byteWidth << 2));
  store<f32>(sum + sumSize - SQUARES_BYTES, squares);
}

/**
 * Loads a word of every cache line that will be added, nothing else between, so that the processor has many under way at a
 * time: where it also adds, it gets ahead of itself by a few rows alone.
 */
function touch(matrix: usize, rowBytes: usize, rows: usize, end: usize): void {
  let word: u32 = 0;
  for (let d: usize = 0; d < rowBytes; d += 64) {
    for (let at = rows; at < end; at += 4) {
      word |= load<u32>(matrix + d + <usize>(load<u32>(at) & ROW_MASK) * rowBytes);
    }
  }
  // Kept, or the loads would be dropped.
  store<u32>(end, word);
}

/**
 * Thirty-two columns at a time, which stay in registers. Whole numbers are added up exactly: as many bytes times factors as a text has
 * n-grams stay below 2^31.
 */
function sumBytes(rows: usize, end: usize, sum: usize): void {
  const width = byteWidth;
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

/** The factors of two rows in turn, int16. */
// @ts-ignore: decorator
@inline
function pairOf(a: u32, b: u32): v128 {
  return i32x4.splat(<i32>((a >> FACTOR_SHIFT) | ((b >> FACTOR_SHIFT) << 16)));
}

/** Bytes 0 … 7 of two vectors in turn. */
// @ts-ignore: decorator
@inline
function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Bytes 8 … 15. */
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

/** The last four. */
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

/** Sixteen columns at a time, a cache line of each row; in the order of the rows. */
function sumReals(rows: usize, end: usize, sum: usize): void {
  const bytes = realBytes;
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
