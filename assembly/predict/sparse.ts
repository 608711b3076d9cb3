// Products of sparse rows with dense matrices. Dense matrices are float32, row-major, with `width` columns, a multiple of 4.
import { PANEL } from "../layout";

/** Columns that are summed side by side: eight vectors stay in registers. */
const CHUNK = 32;

/** A sparse matrix X. */
// @ts-ignore: decorator
@unmanaged
export class SparseRows {
  rows: i32 = 0;
  /** uint32, rows + 1 ascending offsets: row r has the entries start[r] … start[r + 1] − 1. */
  start: usize = 0;
  /** Per entry: int32, float32. */
  column: usize = 0;
  value: usize = 0;
}

/** The first entry of a row; that of the next row is the end. */
// @ts-ignore: decorator
@inline
function firstOf(x: SparseRows, row: i32): u32 {
  return load<u32>(x.start + (<usize>row << 2));
}

/**
 * X·M: every sparse row times a dense matrix.
 *
 * `matrix`: M, columns × width; entries with a negative column are skipped. `out`: rows × width. Sums are float32, in the
 * order of the entries. O(entries × width).
 */
export function timesMatrix(x: SparseRows, matrix: usize, width: i32, out: usize): void {
  assert(width % 4 == 0);
  for (let r = 0; r < x.rows; r++) {
    const sum = out + <usize>r * (<usize>width << 2);
    let d = 0;
    for (; d + CHUNK <= width; d += CHUNK) sumChunk(x, r, matrix, width, d, sum);
    for (; d < width; d += 4) sumVector(x, r, matrix, width, d, sum);
  }
}

/** Columns d … d + 31 of one row of X·M. */
function sumChunk(x: SparseRows, row: i32, matrix: usize, width: i32, d: i32, sum: usize): void {
  const column = x.column;
  const value = x.value;
  const to = firstOf(x, row + 1);
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
  for (let k = firstOf(x, row); k < to; k++) {
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

/** Columns d … d + 3 of one row of X·M. */
function sumVector(x: SparseRows, row: i32, matrix: usize, width: i32, d: i32, sum: usize): void {
  const column = x.column;
  const value = x.value;
  const to = firstOf(x, row + 1);
  let s = f32x4.splat(0);
  const base = matrix + (<usize>d << 2);
  for (let k = firstOf(x, row); k < to; k++) {
    const c = load<i32>(column + (<usize>k << 2));
    if (c < 0) continue;
    const v = v128.load32_splat(value + (<usize>k << 2));
    s = f32x4.add(s, f32x4.mul(v, v128.load(base + ((<usize>c * <usize>width) << 2))));
  }
  v128.store(sum + (<usize>d << 2), s);
}

/**
 * Adds Xᵀ·Y to `out`. `matrix`: Y, rows × width; `out`: columns × width. The columns of X are not negative. Sums are
 * float32, in the order of the rows. O(entries × width).
 */
export function addTransposedTimes(x: SparseRows, matrix: usize, width: i32, out: usize): void {
  assert(width % 4 == 0);
  const column = x.column;
  const value = x.value;
  const rowBytes = <usize>width << 2;
  for (let r = 0; r < x.rows; r++) {
    const to = firstOf(x, r + 1);
    const row = matrix + <usize>r * rowBytes;
    for (let k = firstOf(x, r); k < to; k++) {
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
 * X·M, where M has rows for only some of X's columns: `rowOf[column]` (int32) is the row, or negative if there is none.
 *
 * `matrix`: M, with `width` columns; `scratch`: 8 bytes for each entry of the longest row; `out`: rows × width. Each row of
 * X first finds its rows of M and then adds them up, so that the processor fetches many of them at a time. Sums are
 * float32, in the order of the entries. O(entries + entries found × width).
 */
export function timesFound(
  x: SparseRows,
  rowOf: usize,
  matrix: usize,
  width: i32,
  scratch: usize,
  out: usize,
): void {
  assert(width % 4 == 0);
  const column = x.column;
  const value = x.value;
  const rowBytes = <usize>width << 2;
  for (let r = 0; r < x.rows; r++) {
    const to = firstOf(x, r + 1);
    let end = scratch;
    for (let k = firstOf(x, r); k < to; k++) {
      const found = load<i32>(rowOf + (<usize>load<u32>(column + (<usize>k << 2)) << 2));
      // Always written, and kept only if there is a row: no branch to mispredict.
      store<u32>(end, <u32>(matrix + <usize>found * rowBytes));
      store<f32>(end, load<f32>(value + (<usize>k << 2)), 4);
      end += select<usize>(8, 0, found >= 0);
    }
    sumFound(scratch, end, rowBytes, out + <usize>r * rowBytes);
  }
}

/**
 * Writes the sum of some rows, each times its factor. From `found` to `end`: the addresses of the rows (uint32), each
 * followed by its factor (float32). `bytes`: the size of a row, a multiple of 16.
 */
export function sumFound(found: usize, end: usize, bytes: usize, sum: usize): void {
  memory.fill(sum, 0, bytes);
  let d: usize = 0;
  for (; d + 4 * PANEL <= bytes; d += 4 * PANEL) addFoundChunk(found, end, d, sum + d);
  for (; d < bytes; d += 16) addFoundVector(found, end, d, sum + d);
}

/** Adds 16 columns of the found rows, those `d` bytes after their beginning, to a sum. */
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

/** The same for 4 columns. */
function addFoundVector(found: usize, end: usize, d: usize, sum: usize): void {
  let s = v128.load(sum);
  for (; found < end; found += 8) {
    s = f32x4.add(s, f32x4.mul(v128.load32_splat(found, 4), v128.load(<usize>load<u32>(found) + d)));
  }
  v128.store(sum, s);
}

/** Another sparse matrix, given by its columns: each is either dense or a list of entries. */
// @ts-ignore: decorator
@unmanaged
export class Postings {
  /** int32 per column: the row of every panel of `dense` that holds the column, or negative if it is a list. */
  denseRow: usize = 0;
  /** float32, others / PANEL panels, each denseRows × PANEL. */
  dense: usize = 0;
  denseRows: i32 = 0;
  /** uint32, columns + 1 ascending offsets: the list of column c is the entries first[c] … first[c + 1] − 1. */
  first: usize = 0;
  /** Per entry: uint32, float32. */
  row: usize = 0;
  value: usize = 0;
  /** Rows of this matrix, a multiple of PANEL. */
  others: i32 = 0;
}

/**
 * Inner products of the rows of X with the rows of another sparse matrix.
 *
 * `columnOf[column]` (int32): the column of the other matrix, or negative if there is none; `scratch`: 8 bytes per entry of
 * X and 4 per row; `out`: float32, rows × others. All rows use a panel before the next one, so that it stays in the
 * cache. Sums are float32: lists before dense columns, each in the order of X's entries.
 * O(entries + pairs of entries that meet in lists + (entries in dense columns + rows) × others).
 */
export function innerProducts(
  x: SparseRows,
  columnOf: usize,
  postings: Postings,
  scratch: usize,
  out: usize,
): void {
  const rows = x.rows;
  const column = x.column;
  const value = x.value;
  const denseRow = postings.denseRow;
  const dense = postings.dense;
  const denseRows = postings.denseRows;
  const first = postings.first;
  const other = postings.row;
  const otherValue = postings.value;
  const others = postings.others;
  assert(others % PANEL == 0);
  const rowBytes = <usize>others << 2;
  const found = scratch;
  const foundEnd = scratch + (<usize>firstOf(x, rows) << 3);
  memory.fill(out, 0, <usize>rows * rowBytes);
  for (let r = 0; r < rows; r++) {
    const sum = out + <usize>r * rowBytes;
    const from = firstOf(x, r);
    const to = firstOf(x, r + 1);
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
      const from = found + (<usize>firstOf(x, r) << 3);
      const end = <usize>load<u32>(foundEnd + (<usize>r << 2));
      addFoundChunk(from, end, panel, out + <usize>r * rowBytes + d);
    }
  }
}

/** Adds the entries of a list, times a factor, to their places in a sum. */
// @ts-ignore: decorator
@inline
function addEntries(sum: usize, factor: f32, first: usize, other: usize, otherValue: usize): void {
  const end = <usize>load<u32>(first, 4) << 2;
  for (let at = <usize>load<u32>(first) << 2; at < end; at += 4) {
    const place = sum + (<usize>load<u32>(other + at) << 2);
    store<f32>(place, load<f32>(place) + factor * load<f32>(otherValue + at));
  }
}
