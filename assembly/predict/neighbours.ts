import { LANES } from "../layout";
import { sumLanes } from "../solve/columns";

// @ts-ignore: decorator
@inline
function addProduct(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** The inner products of two queries with all rows. Each is summed lane by lane in the same order, alone or side by side. */
function compareTwo(query: usize, other: usize, row: usize, rows: i32, columns: i32, out: usize, otherOut: usize): void {
  const bytes = <usize>columns << 2;
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const row0 = row + <usize>r * bytes;
    const row1 = row0 + bytes;
    const row2 = row1 + bytes;
    const row3 = row2 + bytes;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    for (let at: usize = 0; at < bytes; at += 16) {
      const a = v128.load(query + at);
      const b = v128.load(other + at);
      const x0 = v128.load(row0 + at);
      a0 = addProduct(a0, a, x0);
      b0 = addProduct(b0, b, x0);
      const x1 = v128.load(row1 + at);
      a1 = addProduct(a1, a, x1);
      b1 = addProduct(b1, b, x1);
      const x2 = v128.load(row2 + at);
      a2 = addProduct(a2, a, x2);
      b2 = addProduct(b2, b, x2);
      const x3 = v128.load(row3 + at);
      a3 = addProduct(a3, a, x3);
      b3 = addProduct(b3, b, x3);
    }
    const to = <usize>r << 2;
    store<f32>(out + to, sumLanes(a0));
    store<f32>(out + to, sumLanes(a1), 4);
    store<f32>(out + to, sumLanes(a2), 8);
    store<f32>(out + to, sumLanes(a3), 12);
    store<f32>(otherOut + to, sumLanes(b0));
    store<f32>(otherOut + to, sumLanes(b1), 4);
    store<f32>(otherOut + to, sumLanes(b2), 8);
    store<f32>(otherOut + to, sumLanes(b3), 12);
  }
  for (; r < rows; r++) {
    const x = row + <usize>r * bytes;
    let a = f32x4.splat(0);
    let b = a;
    for (let at: usize = 0; at < bytes; at += 16) {
      a = addProduct(a, v128.load(query + at), v128.load(x + at));
      b = addProduct(b, v128.load(other + at), v128.load(x + at));
    }
    store<f32>(out + (<usize>r << 2), sumLanes(a));
    store<f32>(otherOut + (<usize>r << 2), sumLanes(b));
  }
}

/** The inner products of one query with all rows, summed in the same order. Eight sums at a time hide the time of an addition. */
function compareOne(query: usize, row: usize, rows: i32, columns: i32, out: usize): void {
  const bytes = <usize>columns << 2;
  let r = 0;
  for (; r + 8 <= rows; r += 8) {
    const row0 = row + <usize>r * bytes;
    const row1 = row0 + bytes;
    const row2 = row1 + bytes;
    const row3 = row2 + bytes;
    const row4 = row3 + bytes;
    const row5 = row4 + bytes;
    const row6 = row5 + bytes;
    const row7 = row6 + bytes;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let a4 = a0;
    let a5 = a0;
    let a6 = a0;
    let a7 = a0;
    for (let at: usize = 0; at < bytes; at += 16) {
      const a = v128.load(query + at);
      a0 = addProduct(a0, a, v128.load(row0 + at));
      a1 = addProduct(a1, a, v128.load(row1 + at));
      a2 = addProduct(a2, a, v128.load(row2 + at));
      a3 = addProduct(a3, a, v128.load(row3 + at));
      a4 = addProduct(a4, a, v128.load(row4 + at));
      a5 = addProduct(a5, a, v128.load(row5 + at));
      a6 = addProduct(a6, a, v128.load(row6 + at));
      a7 = addProduct(a7, a, v128.load(row7 + at));
    }
    const to = out + (<usize>r << 2);
    store<f32>(to, sumLanes(a0));
    store<f32>(to, sumLanes(a1), 4);
    store<f32>(to, sumLanes(a2), 8);
    store<f32>(to, sumLanes(a3), 12);
    store<f32>(to, sumLanes(a4), 16);
    store<f32>(to, sumLanes(a5), 20);
    store<f32>(to, sumLanes(a6), 24);
    store<f32>(to, sumLanes(a7), 28);
  }
  for (; r < rows; r++) {
    const x = row + <usize>r * bytes;
    let a = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) a = addProduct(a, v128.load(query + at), v128.load(x + at));
    store<f32>(out + (<usize>r << 2), sumLanes(a));
  }
}

/** Keeps the `k` most similar rows, most similar first; among equal ones the lower index comes first. */
function keepNearest(similarity: usize, rows: i32, k: i32, nearest: usize, index: usize): void {
  let kept = 0;
  for (let r = 0; r < rows; r++) {
    const s = load<f32>(similarity + (<usize>r << 2));
    if (kept == k && !(s > load<f32>(nearest + (<usize>(k - 1) << 2)))) continue;
    let place = kept < k ? kept : k - 1;
    for (; place > 0; place--) {
      const at = <usize>(place - 1) << 2;
      const before = load<f32>(nearest + at);
      if (before >= s) break;
      store<f32>(nearest + at, before, 4);
      store<u32>(index + at, load<u32>(index + at), 4);
    }
    store<f32>(nearest + (<usize>place << 2), s);
    store<u32>(index + (<usize>place << 2), r);
    if (kept < k) kept++;
  }
}

/** The rows to search, and where the nearest ones are written. */
// @ts-ignore: decorator
@unmanaged
export class Neighbours {
  /** float32, rows × columns, row-major, finite; `columns` a multiple of LANES. */
  row: usize = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  /** Rows wanted: 1 … rows. */
  k: i32 = 0;
  /** Results, `k` per query: inner products (float32) and rows (uint32). */
  nearest: usize = 0;
  index: usize = 0;
  /** Scratch: 2 × rows float32. */
  scratch: usize = 0;
}

/**
 * The `k` rows with the largest inner product with each query, largest first, equal ones by rising index: exact search.
 *
 * `query`: float32, queries × columns, row-major, finite. Products are summed in float32, each in a fixed order.
 * O(queries × rows × (columns / LANES + moves)); two queries share the loads of the rows.
 */
export function findNearest(neighbours: Neighbours, query: usize, queries: i32): void {
  const row = neighbours.row;
  const rows = neighbours.rows;
  const columns = neighbours.columns;
  const k = neighbours.k;
  const nearest = neighbours.nearest;
  const index = neighbours.index;
  const scratch = neighbours.scratch;
  assert(columns % LANES == 0 && k >= 1 && k <= rows);
  const bytes = <usize>columns << 2;
  const kBytes = <usize>k << 2;
  const otherScratch = scratch + (<usize>rows << 2);
  for (let q = 0; q < queries; q += 2) {
    const isPair = q + 1 < queries;
    const first = query + <usize>q * bytes;
    if (isPair) compareTwo(first, first + bytes, row, rows, columns, scratch, otherScratch);
    else compareOne(first, row, rows, columns, scratch);
    keepNearest(scratch, rows, k, nearest + <usize>q * kBytes, index + <usize>q * kBytes);
    if (!isPair) break;
    const next = <usize>(q + 1) * kBytes;
    keepNearest(otherScratch, rows, k, nearest + next, index + next);
  }
}
