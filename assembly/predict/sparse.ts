// Products of sparse rows with dense matrices. A sparse row r owns the entries start[r] … start[r + 1] − 1, each a
// column (int32) and a value (float32). Dense matrices are float32, row-major, `width` numbers a row, a multiple of 4.
import { PANEL } from "../layout";

/** Numbers of a row that are summed side by side: eight vectors stay in registers. */
const CHUNK = 32;

/**
 * X·M: every sparse row times a dense matrix.
 *
 * `start`: rows + 1 ascending offsets; `column`: each below the rows of `matrix`, or negative for an entry to pass over;
 * `matrix`: columns × width; `out`: `rows` rows, `stride` numbers (at least `width`) apart, of which the first `width`
 * are written. Sums are float32, in the order of the entries. O(entries × width).
 */
export function timesMatrix(
  start: usize,
  column: usize,
  value: usize,
  rows: i32,
  matrix: usize,
  width: i32,
  out: usize,
  stride: i32,
): void {
  assert(width % 4 == 0 && stride >= width);
  for (let r = 0; r < rows; r++) {
    const from = load<u32>(start + (<usize>r << 2));
    const to = load<u32>(start + (<usize>r << 2), 4);
    const sum = out + <usize>r * (<usize>stride << 2);
    let d = 0;
    for (; d + CHUNK <= width; d += CHUNK) sumChunk(column, value, from, to, matrix, width, d, sum);
    for (; d < width; d += 4) sumVector(column, value, from, to, matrix, width, d, sum);
  }
}

/** Numbers d … d + 31 of one row of X·M. */
function sumChunk(
  column: usize,
  value: usize,
  from: u32,
  to: u32,
  matrix: usize,
  width: i32,
  d: i32,
  sum: usize,
): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  const base = matrix + (<usize>d << 2);
  const rowBytes = <usize>width << 2;
  for (let k = from; k < to; k++) {
    const c = load<i32>(column + (<usize>k << 2));
    if (c < 0) continue;
    const v = v128.load32_splat(value + (<usize>k << 2));
    const at = base + <usize>c * rowBytes;
    s0 = f32x4.add(s0, f32x4.mul(v, v128.load(at)));
    s1 = f32x4.add(s1, f32x4.mul(v, v128.load(at, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v, v128.load(at, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v, v128.load(at, 48)));
    s4 = f32x4.add(s4, f32x4.mul(v, v128.load(at, 64)));
    s5 = f32x4.add(s5, f32x4.mul(v, v128.load(at, 80)));
    s6 = f32x4.add(s6, f32x4.mul(v, v128.load(at, 96)));
    s7 = f32x4.add(s7, f32x4.mul(v, v128.load(at, 112)));
  }
  const to0 = sum + (<usize>d << 2);
  v128.store(to0, s0);
  v128.store(to0, s1, 16);
  v128.store(to0, s2, 32);
  v128.store(to0, s3, 48);
  v128.store(to0, s4, 64);
  v128.store(to0, s5, 80);
  v128.store(to0, s6, 96);
  v128.store(to0, s7, 112);
}

/** Numbers d … d + 3 of one row of X·M. */
function sumVector(
  column: usize,
  value: usize,
  from: u32,
  to: u32,
  matrix: usize,
  width: i32,
  d: i32,
  sum: usize,
): void {
  let s = f32x4.splat(0);
  const base = matrix + (<usize>d << 2);
  for (let k = from; k < to; k++) {
    const c = load<i32>(column + (<usize>k << 2));
    if (c < 0) continue;
    const v = v128.load32_splat(value + (<usize>k << 2));
    s = f32x4.add(s, f32x4.mul(v, v128.load(base + ((<usize>c * <usize>width) << 2))));
  }
  v128.store(sum + (<usize>d << 2), s);
}

/**
 * Adds Xᵀ·Y to `out`. `matrix`: Y, rows × width; `out`: columns × width, zeroed by the caller. Columns are not negative.
 * Sums are float32, in the order of the rows. O(entries × width).
 */
export function addTransposedTimes(
  start: usize,
  column: usize,
  value: usize,
  rows: i32,
  matrix: usize,
  width: i32,
  out: usize,
): void {
  assert(width % 4 == 0);
  const rowBytes = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    const from = load<u32>(start + (<usize>r << 2));
    const to = load<u32>(start + (<usize>r << 2), 4);
    const row = matrix + <usize>r * rowBytes;
    for (let k = from; k < to; k++) {
      const c = load<i32>(column + (<usize>k << 2));
      assert(c >= 0);
      const v = v128.load32_splat(value + (<usize>k << 2));
      const at = out + <usize>c * rowBytes;
      for (let d: usize = 0; d < rowBytes; d += 16) {
        v128.store(at + d, f32x4.add(v128.load(at + d), f32x4.mul(v, v128.load(row + d))));
      }
    }
  }
}

/**
 * X·M where M has a row for few of X's columns: `rowOf[column]` (int32) is that row, or negative for an entry to pass over.
 *
 * `matrix`: row-major, `width` numbers (a multiple of 4) a row; `scratch`: 8 bytes for each entry of the longest row; `out`: rows × width.
 * Where a row's entries lead is found first and added up then, so that the processor fetches many rows of M at a time.
 * Sums are float32, in the order of the entries. O(entries + entries found × width).
 */
export function timesFound(
  start: usize,
  column: usize,
  value: usize,
  rows: i32,
  rowOf: usize,
  matrix: usize,
  width: i32,
  scratch: usize,
  out: usize,
): void {
  assert(width % 4 == 0);
  const rowBytes = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    const from = load<u32>(start + (<usize>r << 2));
    const to = load<u32>(start + (<usize>r << 2), 4);
    let end = scratch;
    for (let k = from; k < to; k++) {
      const found = load<i32>(rowOf + (<usize>load<u32>(column + (<usize>k << 2)) << 2));
      // Written in any case, and kept only if there is a row.
      store<u32>(end, <u32>(matrix + <usize>found * rowBytes));
      store<f32>(end, load<f32>(value + (<usize>k << 2)), 4);
      end += select<usize>(8, 0, found >= 0);
    }
    sumFound(scratch, end, rowBytes, out + <usize>r * rowBytes);
  }
}

/**
 * Writes the sum of rows of `bytes` bytes, a multiple of 16, each times its factor. From `found` to `end`: addresses of rows (uint32),
 * each followed by its factor (float32).
 */
export function sumFound(found: usize, end: usize, bytes: usize, sum: usize): void {
  memory.fill(sum, 0, bytes);
  let d: usize = 0;
  for (; d + 4 * PANEL <= bytes; d += 4 * PANEL) addFoundChunk(found, end, d, sum + d);
  for (; d < bytes; d += 16) addFoundVector(found, end, d, sum + d);
}

/** Adds to 16 numbers the products of those that lie `d` beyond the addresses found with their factors. */
function addFoundChunk(found: usize, end: usize, d: usize, sum: usize): void {
  let s0 = v128.load(sum);
  let s1 = v128.load(sum, 16);
  let s2 = v128.load(sum, 32);
  let s3 = v128.load(sum, 48);
  for (; found < end; found += 8) {
    const at = <usize>load<u32>(found) + d;
    const v = v128.load32_splat(found, 4);
    s0 = f32x4.add(s0, f32x4.mul(v, v128.load(at)));
    s1 = f32x4.add(s1, f32x4.mul(v, v128.load(at, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v, v128.load(at, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v, v128.load(at, 48)));
  }
  v128.store(sum, s0);
  v128.store(sum, s1, 16);
  v128.store(sum, s2, 32);
  v128.store(sum, s3, 48);
}

/** The same with 4 numbers. */
function addFoundVector(found: usize, end: usize, d: usize, sum: usize): void {
  let s = v128.load(sum);
  for (; found < end; found += 8) {
    s = f32x4.add(s, f32x4.mul(v128.load32_splat(found, 4), v128.load(<usize>load<u32>(found) + d)));
  }
  v128.store(sum, s);
}

/**
 * Inner products of sparse rows X with the rows of another sparse matrix, which is given by its columns. Column c is dense where
 * denseRow[c] is not negative: the row denseRow[c] of every panel of `dense`; else it is the entries first[c] … first[c + 1] − 1
 * of `other` (uint32, a row) and `otherValue` (float32).
 *
 * `columnOf[column]`: the column c, or negative for an entry to pass over; `others`: rows of the other matrix, a multiple of
 * 16; `dense`: float32, others / 16 panels, each `denseRows` rows of 16 numbers; `scratch`: 8 bytes an entry of X and 4 a row;
 * `out`: float32, rows × others. A panel is used by all rows before the next, so that it stays in the cache. Sums are float32,
 * sparse columns before dense ones, each in the order of X's entries.
 * O(entries + pairs of entries that meet in sparse columns + (entries in dense columns + rows) × others).
 */
export function innerProducts(
  start: usize,
  column: usize,
  value: usize,
  rows: i32,
  columnOf: usize,
  denseRow: usize,
  dense: usize,
  denseRows: i32,
  first: usize,
  other: usize,
  otherValue: usize,
  others: i32,
  scratch: usize,
  out: usize,
): void {
  assert(others % PANEL == 0);
  const rowBytes = <usize>others << 2;
  const found = scratch;
  const foundEnd = scratch + (<usize>load<u32>(start + (<usize>rows << 2)) << 3);
  memory.fill(out, 0, <usize>rows * rowBytes);
  for (let r = 0; r < rows; r++) {
    const sum = out + <usize>r * rowBytes;
    const from = load<u32>(start + (<usize>r << 2));
    const to = load<u32>(start + (<usize>r << 2), 4);
    let end = found + (<usize>from << 3);
    for (let k = from; k < to; k++) {
      const c = load<i32>(columnOf + (<usize>load<u32>(column + (<usize>k << 2)) << 2));
      if (c < 0) continue;
      const v = load<f32>(value + (<usize>k << 2));
      const row = load<i32>(denseRow + (<usize>c << 2));
      if (row < 0) {
        addEntries(sum, v, first + (<usize>c << 2), other, otherValue);
        continue;
      }
      store<u32>(end, <u32>row * (4 * PANEL));
      store<f32>(end, v, 4);
      end += 8;
    }
    store<u32>(foundEnd + (<usize>r << 2), <u32>end);
  }
  const panelBytes = <usize>denseRows * (4 * PANEL);
  for (let d: usize = 0, panel = dense; d < rowBytes; d += 4 * PANEL, panel += panelBytes) {
    for (let r = 0; r < rows; r++) {
      const from = found + (<usize>load<u32>(start + (<usize>r << 2)) << 3);
      const end = <usize>load<u32>(foundEnd + (<usize>r << 2));
      addFoundChunk(from, end, panel, out + <usize>r * rowBytes + d);
    }
  }
}

// @ts-ignore: decorator
@inline
function addEntries(sum: usize, factor: f32, first: usize, other: usize, otherValue: usize): void {
  const end = <usize>load<u32>(first, 4) << 2;
  for (let at = <usize>load<u32>(first) << 2; at < end; at += 4) {
    const place = sum + (<usize>load<u32>(other + at) << 2);
    store<f32>(place, load<f32>(place) + factor * load<f32>(otherValue + at));
  }
}
