import { Block } from "./block";
import { isUsual } from "./check";
import { highLanes, loadColumns, lowLanes } from "./columns";
import { BUCKETS, BUCKET_SHIFT, INVALID, LANES, NOT_WHOLE } from "../layout";
import { areWhole, inUnits, narrow, unitsPerDollar } from "./wide";

/** Adds an increment (Δcost, Δprobability) to its efficiency bucket. */
// @ts-ignore: decorator
@inline
function addToBucket(buckets: usize, bucket: i32, step: v128): void {
  assert(<u32>bucket < <u32>BUCKETS);
  const at = buckets + (<usize>bucket << 4);
  v128.store(at, f64x2.add(v128.load(at), step));
}

/**
 * Walks the upper-left hull of every query and adds its increments to their efficiency buckets.
 *
 * `rows`: queries, a multiple of LANES (rows of zeros included).
 * `buckets`: BUCKETS pairs of float64 (Δcost, Δprobability); the weighted increments are added.
 * `total`: two float64; the cost and the probability of the cheapest allocation are added.
 * Returns the number of increments, or INVALID at a cost that is negative or NaN, a probability outside 0 … 1, or a
 * row whose costs are all infinite; the contents of `buckets` and `total` are then useless.
 *
 * Four queries run side by side; lanes do not affect each other. Ties: among equally cheap models the walk starts at the
 * more probable one; among equal slopes it takes the lower index, and the farther model follows with an efficiency
 * that is not higher. Within a query an efficiency never exceeds the one before it, however float32 rounds.
 *
 * O(rows × models × hull) time, no extra memory: the gift wrapping of [Jarvis1973] on the convex hull. Supported
 * allocations use nothing else [SinhaZoltners1979].
 */
export function sumHulls(block: Block, rows: i32, buckets: usize, total: usize): i32 {
  return walkHulls(block, rows, buckets, total, false);
}

/**
 * `sumHulls` of float64 costs: the walk is along the float32 differences of `narrow`, everything summed is of the float64
 * costs, in the block's units. Returns NOT_WHOLE if a cost that is summed is no whole number of units.
 */
export function sumWideHulls(block: Block, rows: i32, buckets: usize, total: usize): i32 {
  return narrow(block, rows) ? walkHulls(block, rows, buckets, total, true) : INVALID;
}

/** Four lanes, each from the column that stands so many bytes behind the first. */
// @ts-ignore: decorator
@inline
function pick(columns: usize, column0: usize, column1: usize, column2: usize, column3: usize): v128 {
  let lanes = v128.load32_zero(columns + column0);
  lanes = v128.load_lane<f32>(columns + column1, lanes, 1, 4);
  lanes = v128.load_lane<f32>(columns + column2, lanes, 2, 8);
  return v128.load_lane<f32>(columns + column3, lanes, 3, 12);
}

/** Two float64 costs. */
// @ts-ignore: decorator
@inline
function pickWide(cost0: usize, cost1: usize): v128 {
  return v128.load_lane<f64>(cost1, v128.load64_zero(cost0), 1);
}

/** Whether the costs of four queries are in range, at least one of each query is finite, and none is NaN. */
function areInRange(scratch: usize, end: usize): bool {
  const zero = f32x4.splat(0);
  const infinity = f32x4.splat(Infinity);
  let isGood = i32x4.splat(-1);
  let isAnswered = i32x4.splat(0);
  for (let column = scratch; column < end; column += 32) {
    const c = v128.load(column);
    const isFinite = v128.or(isUsual(c), f32x4.eq(c, zero));
    isAnswered = v128.or(isAnswered, isFinite);
    isGood = v128.and(isGood, v128.or(isFinite, f32x4.eq(c, infinity)));
  }
  return i32x4.all_true(v128.and(isGood, isAnswered));
}

/** `isWide` is a constant. */
// @ts-ignore: decorator
@inline
function walkHulls(block: Block, rows: i32, buckets: usize, total: usize, isWide: bool): i32 {
  const cost = block.cost;
  const probability = block.probability;
  const weight = block.weight;
  const models = block.models;
  const scratch = block.scratch;
  assert(rows % LANES == 0 && models > 0);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const infinity = f32x4.splat(Infinity);
  const rowBytes = <usize>models << 2;
  const end = scratch + (<usize>models << 5);
  const isWhole = isWide && block.places >= 0;
  const perDollar = f64x2.splat(isWhole ? unitsPerDollar(block.places) : 1);
  let areAllWhole = i64x2.splat(-1);
  let steps = 0;
  let startLow = f64x2.splat(0);
  let startHigh = f64x2.splat(0);
  let gainLow = f64x2.splat(0);
  let gainHigh = f64x2.splat(0);
  let weightLow = f64x2.splat(1);
  let weightHigh = f64x2.splat(1);
  for (let row = 0; row < rows; row += LANES) {
    const at = <usize>row * rowBytes;
    loadColumns(cost + at, models, scratch);
    loadColumns(probability + at, models, scratch + 16);

    // Check the values, find the lowest cost, and set the probability of forbidden models to 0: they gain nothing.
    let c = v128.load(scratch);
    let valid = i32x4.splat(-1);
    let usual = valid;
    for (let column = scratch; column < end; column += 32) {
      const nextC = v128.load(column);
      const nextP = v128.load(column, 16);
      if (!isWide) {
        usual = v128.and(usual, isUsual(nextC));
        valid = v128.and(valid, v128.and(f32x4.ge(nextP, zero), f32x4.le(nextP, one)));
      }
      v128.store(column, v128.and(nextP, f32x4.lt(nextC, infinity)), 16);
      c = f32x4.pmin(c, nextC);
    }
    if (!isWide) {
      if (!i32x4.all_true(valid)) return INVALID;
      if (!i32x4.all_true(usual) && !areInRange(scratch, end)) return INVALID;
    }

    // Start at the most probable of the cheapest models; stop at the most probable of all models.
    let p = zero;
    let highest = zero;
    for (let column = scratch; column < end; column += 32) {
      const nextP = v128.load(column, 16);
      p = f32x4.pmax(p, v128.and(nextP, f32x4.eq(v128.load(column), c)));
      highest = f32x4.pmax(highest, nextP);
    }
    const least = block.least + (<usize>row << 3);
    const wide0 = block.wide + 2 * at;
    // Float64 costs in dollars.
    let dollarsLow = isWide ? v128.load(least) : f64x2.splat(0);
    let dollarsHigh = isWide ? v128.load(least, 16) : f64x2.splat(0);
    let cLow = isWide ? dollarsLow : lowLanes(c);
    let cHigh = isWide ? dollarsHigh : highLanes(c);
    if (isWhole) {
      cLow = inUnits(dollarsLow, perDollar);
      cHigh = inUnits(dollarsHigh, perDollar);
      areAllWhole = v128.and(areAllWhole, areWhole(cLow, perDollar, dollarsLow));
      areAllWhole = v128.and(areAllWhole, areWhole(cHigh, perDollar, dollarsHigh));
    }
    let pLow = lowLanes(p);
    let pHigh = highLanes(p);
    if (weight != 0) {
      const w = v128.load(weight + (<usize>row << 2));
      weightLow = lowLanes(w);
      weightHigh = highLanes(w);
    }
    startLow = f64x2.add(startLow, f64x2.mul(weightLow, cLow));
    startHigh = f64x2.add(startHigh, f64x2.mul(weightHigh, cHigh));
    gainLow = f64x2.add(gainLow, f64x2.mul(weightLow, pLow));
    gainHigh = f64x2.add(gainHigh, f64x2.mul(weightHigh, pHigh));

    let last = infinity;
    while (!i32x4.all_true(f32x4.ge(p, highest))) {
      // Find the model with the best slope. One that gains at no extra cost has slope ∞; comparisons with 0 / 0 are false.
      let best = zero;
      let bestColumn = i32x4.splat(0);
      let here = bestColumn;
      for (let column = scratch; column < end; column += 32) {
        const nextC = v128.load(column);
        const nextP = v128.load(column, 16);
        const slope = f32x4.div(f32x4.sub(nextP, p), f32x4.pmax(f32x4.sub(nextC, c), zero));
        const better = f32x4.gt(slope, best);
        best = f32x4.pmax(best, slope);
        bestColumn = v128.bitselect(here, bestColumn, better);
        here = i32x4.add(here, i32x4.splat(32));
      }
      const moved = f32x4.gt(best, zero);
      if (!v128.any_true(moved)) break;
      // Lanes that did not move add zeros to bucket 0.
      last = f32x4.pmin(best, last);
      const bucket = v128.and(i32x4.shr_u(last, BUCKET_SHIFT), moved);
      const column0 = <usize>i32x4.extract_lane(bestColumn, 0);
      const column1 = <usize>i32x4.extract_lane(bestColumn, 1);
      const column2 = <usize>i32x4.extract_lane(bestColumn, 2);
      const column3 = <usize>i32x4.extract_lane(bestColumn, 3);
      // A lane that did not move keeps its model.
      c = v128.bitselect(pick(scratch, column0, column1, column2, column3), c, moved);
      p = v128.bitselect(pick(scratch + 16, column0, column1, column2, column3), p, moved);
      let bestCLow = lowLanes(c);
      let bestCHigh = highLanes(c);
      if (isWide) {
        const wide1 = wide0 + 2 * rowBytes;
        const wide2 = wide1 + 2 * rowBytes;
        const low = pickWide(wide0 + (column0 >> 2), wide1 + (column1 >> 2));
        const high = pickWide(wide2 + (column2 >> 2), wide2 + 2 * rowBytes + (column3 >> 2));
        dollarsLow = v128.bitselect(low, dollarsLow, i64x2.extend_low_i32x4_s(moved));
        dollarsHigh = v128.bitselect(high, dollarsHigh, i64x2.extend_high_i32x4_s(moved));
        bestCLow = dollarsLow;
        bestCHigh = dollarsHigh;
        if (isWhole) {
          bestCLow = inUnits(dollarsLow, perDollar);
          bestCHigh = inUnits(dollarsHigh, perDollar);
          areAllWhole = v128.and(areAllWhole, areWhole(bestCLow, perDollar, dollarsLow));
          areAllWhole = v128.and(areAllWhole, areWhole(bestCHigh, perDollar, dollarsHigh));
        }
      }
      const bestPLow = lowLanes(p);
      const bestPHigh = highLanes(p);
      let dCLow = f64x2.sub(bestCLow, cLow);
      let dCHigh = f64x2.sub(bestCHigh, cHigh);
      let dPLow = f64x2.sub(bestPLow, pLow);
      let dPHigh = f64x2.sub(bestPHigh, pHigh);
      if (weight != 0) {
        dCLow = f64x2.mul(weightLow, dCLow);
        dCHigh = f64x2.mul(weightHigh, dCHigh);
        dPLow = f64x2.mul(weightLow, dPLow);
        dPHigh = f64x2.mul(weightHigh, dPHigh);
      }
      addToBucket(buckets, i32x4.extract_lane(bucket, 0), v128.shuffle<i64>(dCLow, dPLow, 0, 2));
      addToBucket(buckets, i32x4.extract_lane(bucket, 1), v128.shuffle<i64>(dCLow, dPLow, 1, 3));
      addToBucket(buckets, i32x4.extract_lane(bucket, 2), v128.shuffle<i64>(dCHigh, dPHigh, 0, 2));
      addToBucket(buckets, i32x4.extract_lane(bucket, 3), v128.shuffle<i64>(dCHigh, dPHigh, 1, 3));
      steps += popcnt(i32x4.bitmask(moved));
      cLow = bestCLow;
      cHigh = bestCHigh;
      pLow = bestPLow;
      pHigh = bestPHigh;
    }
  }
  const start = f64x2.add(startLow, startHigh);
  const gain = f64x2.add(gainLow, gainHigh);
  const sums = f64x2.add(v128.shuffle<i64>(start, gain, 0, 2), v128.shuffle<i64>(start, gain, 1, 3));
  v128.store(total, f64x2.add(v128.load(total), sums));
  if (isWhole && !i64x2.all_true(areAllWhole)) return NOT_WHOLE;
  return steps;
}
