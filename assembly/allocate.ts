import { highLanes, loadColumns, lowLanes } from "./columns";
import { LANES } from "./layout";

/** Writes the model indices of four queries. */
// @ts-ignore: decorator
@inline
function storeGroup(allocation: usize, models: v128): void {
  store<u8>(allocation, <u8>i32x4.extract_lane(models, 0));
  store<u8>(allocation, <u8>i32x4.extract_lane(models, 1), 1);
  store<u8>(allocation, <u8>i32x4.extract_lane(models, 2), 2);
  store<u8>(allocation, <u8>i32x4.extract_lane(models, 3), 3);
}

/**
 * Gives every query its cheapest model; of equally cheap ones the most probable, then the lower index.
 *
 * `cost`, `probability`: float32, rows × models, row-major, `rows` a multiple of LANES; `scratch`: GROUP_BYTES;
 * `allocation`: one byte a row. O(rows × models).
 */
export function allocateCheapest(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  scratch: usize,
  allocation: usize,
): void {
  assert(rows % LANES == 0);
  const rowBytes = <usize>models << 2;
  for (let row = 0; row < rows; row += LANES) {
    const at = <usize>row * rowBytes;
    loadColumns(cost + at, models, scratch);
    loadColumns(probability + at, models, scratch + 16);
    let bestC = v128.load(scratch);
    let bestP = v128.load(scratch, 16);
    let best = i32x4.splat(0);
    for (let m = 1; m < models; m++) {
      const c = v128.load(scratch + (<usize>m << 5));
      const p = v128.load(scratch + (<usize>m << 5), 16);
      const better = v128.or(f32x4.lt(c, bestC), v128.and(f32x4.eq(c, bestC), f32x4.gt(p, bestP)));
      best = v128.bitselect(i32x4.splat(m), best, better);
      bestC = v128.bitselect(c, bestC, better);
      bestP = v128.bitselect(p, bestP, better);
    }
    storeGroup(allocation + row, best);
  }
}

/**
 * Gives every query its most probable model that has a finite cost; of equally probable ones the cheapest, then the
 * lower index. As `allocateCheapest` otherwise.
 */
export function allocateMostProbable(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  scratch: usize,
  allocation: usize,
): void {
  assert(rows % LANES == 0);
  const infinity = f32x4.splat(Infinity);
  const rowBytes = <usize>models << 2;
  for (let row = 0; row < rows; row += LANES) {
    const at = <usize>row * rowBytes;
    loadColumns(cost + at, models, scratch);
    loadColumns(probability + at, models, scratch + 16);
    let bestC = infinity;
    let bestP = f32x4.splat(-1);
    let best = i32x4.splat(0);
    for (let m = 0; m < models; m++) {
      const c = v128.load(scratch + (<usize>m << 5));
      const p = v128.load(scratch + (<usize>m << 5), 16);
      const isAhead = v128.or(f32x4.gt(p, bestP), v128.and(f32x4.eq(p, bestP), f32x4.lt(c, bestC)));
      const better = v128.and(isAhead, f32x4.lt(c, infinity));
      best = v128.bitselect(i32x4.splat(m), best, better);
      bestC = v128.bitselect(c, bestC, better);
      bestP = v128.bitselect(p, bestP, better);
    }
    storeGroup(allocation + row, best);
  }
}

/**
 * Gives every query the model of largest probability − λ·cost, in float64: all increments whose efficiency is at
 * least λ, the optimum for its own total cost [Everett1963].
 *
 * `lambda`: probability per dollar, finite, > 0; a model of infinite cost is never taken.
 * Ties: the more probable model, then the lower index. As `allocateCheapest` otherwise.
 */
export function allocateAtPrice(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  lambda: f64,
  scratch: usize,
  allocation: usize,
): void {
  assert(rows % LANES == 0 && lambda > 0 && lambda < Infinity);
  const price = f64x2.splat(lambda);
  const lowest = f64x2.splat(-f64.MAX_VALUE);
  const rowBytes = <usize>models << 2;
  for (let row = 0; row < rows; row += LANES) {
    const at = <usize>row * rowBytes;
    loadColumns(cost + at, models, scratch);
    loadColumns(probability + at, models, scratch + 16);
    let bestLow = lowest;
    let bestHigh = lowest;
    let modelLow = i64x2.splat(0);
    let modelHigh = i64x2.splat(0);
    let ties = i64x2.splat(0);
    for (let m = 0; m < models; m++) {
      const c = v128.load(scratch + (<usize>m << 5));
      const p = v128.load(scratch + (<usize>m << 5), 16);
      const low = f64x2.sub(lowLanes(p), f64x2.mul(price, lowLanes(c)));
      const high = f64x2.sub(highLanes(p), f64x2.mul(price, highLanes(c)));
      ties = v128.or(ties, v128.or(f64x2.eq(low, bestLow), f64x2.eq(high, bestHigh)));
      const index = i64x2.splat(m);
      modelLow = v128.bitselect(index, modelLow, f64x2.gt(low, bestLow));
      modelHigh = v128.bitselect(index, modelHigh, f64x2.gt(high, bestHigh));
      bestLow = f64x2.pmax(bestLow, low);
      bestHigh = f64x2.pmax(bestHigh, high);
    }
    if (v128.any_true(ties)) settleTies(cost + at, probability + at, models, lambda, allocation + row);
    else storeGroup(allocation + row, v128.shuffle<i32>(modelLow, modelHigh, 0, 2, 4, 6));
  }
}

/**
 * `allocateAtPrice` at two prices at once, which shares loading and widening: `high` ≥ `low` > 0, both finite.
 * `atHigh`, `atLow`: one byte a row each.
 */
export function allocateAtPrices(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  high: f64,
  low: f64,
  scratch: usize,
  atHigh: usize,
  atLow: usize,
): void {
  assert(rows % LANES == 0 && low > 0 && high >= low && high < Infinity);
  const highPrice = f64x2.splat(high);
  const lowPrice = f64x2.splat(low);
  const lowest = f64x2.splat(-f64.MAX_VALUE);
  const rowBytes = <usize>models << 2;
  for (let row = 0; row < rows; row += LANES) {
    const at = <usize>row * rowBytes;
    loadColumns(cost + at, models, scratch);
    loadColumns(probability + at, models, scratch + 16);
    let best0 = lowest;
    let best1 = lowest;
    let best2 = lowest;
    let best3 = lowest;
    let model0 = i64x2.splat(0);
    let model1 = model0;
    let model2 = model0;
    let model3 = model0;
    let ties = model0;
    for (let m = 0; m < models; m++) {
      const c = v128.load(scratch + (<usize>m << 5));
      const p = v128.load(scratch + (<usize>m << 5), 16);
      const index = i64x2.splat(m);
      const cLow = lowLanes(c);
      const pLow = lowLanes(p);
      const value0 = f64x2.sub(pLow, f64x2.mul(highPrice, cLow));
      const value2 = f64x2.sub(pLow, f64x2.mul(lowPrice, cLow));
      const cHigh = highLanes(c);
      const pHigh = highLanes(p);
      const value1 = f64x2.sub(pHigh, f64x2.mul(highPrice, cHigh));
      const value3 = f64x2.sub(pHigh, f64x2.mul(lowPrice, cHigh));
      ties = v128.or(ties, v128.or(f64x2.eq(value0, best0), f64x2.eq(value1, best1)));
      ties = v128.or(ties, v128.or(f64x2.eq(value2, best2), f64x2.eq(value3, best3)));
      model0 = v128.bitselect(index, model0, f64x2.gt(value0, best0));
      model1 = v128.bitselect(index, model1, f64x2.gt(value1, best1));
      model2 = v128.bitselect(index, model2, f64x2.gt(value2, best2));
      model3 = v128.bitselect(index, model3, f64x2.gt(value3, best3));
      best0 = f64x2.pmax(best0, value0);
      best1 = f64x2.pmax(best1, value1);
      best2 = f64x2.pmax(best2, value2);
      best3 = f64x2.pmax(best3, value3);
    }
    if (v128.any_true(ties)) {
      settleTies(cost + at, probability + at, models, high, atHigh + row);
      settleTies(cost + at, probability + at, models, low, atLow + row);
    } else {
      storeGroup(atHigh + row, v128.shuffle<i32>(model0, model1, 0, 2, 4, 6));
      storeGroup(atLow + row, v128.shuffle<i32>(model2, model3, 0, 2, 4, 6));
    }
  }
}

/** `allocateAtPrice` of four rows where values were equal: the rare case, one query after another. */
function settleTies(cost: usize, probability: usize, models: i32, lambda: f64, allocation: usize): void {
  for (let row = 0; row < LANES; row++) {
    let best = 0;
    let bestValue = -Infinity;
    let bestP: f64 = -1;
    for (let m = 0; m < models; m++) {
      const at = <usize>(row * models + m) << 2;
      const p = <f64>load<f32>(probability + at);
      const value = p - lambda * <f64>load<f32>(cost + at);
      if (value > bestValue || (value == bestValue && value > -Infinity && p > bestP)) {
        best = m;
        bestValue = value;
        bestP = p;
      }
    }
    store<u8>(allocation + row, <u8>best);
  }
}
