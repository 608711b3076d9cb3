import { Block } from "./block";
import { highLanes, loadColumns, lowLanes } from "./columns";
import { BUCKETS, BUCKET_SHIFT, LANES } from "../layout";

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
 * Returns the number of increments, or −1 at a cost that is negative or NaN, a probability outside 0 … 1, or a
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
    let valid = f32x4.ge(c, zero);
    for (let column = scratch; column < end; column += 32) {
      const nextC = v128.load(column);
      const nextP = v128.load(column, 16);
      const inRange = v128.and(f32x4.ge(nextP, zero), f32x4.le(nextP, one));
      valid = v128.and(valid, v128.and(f32x4.ge(nextC, zero), inRange));
      v128.store(column, v128.and(nextP, f32x4.lt(nextC, infinity)), 16);
      c = f32x4.pmin(c, nextC);
    }
    if (!i32x4.all_true(v128.and(valid, f32x4.lt(c, infinity)))) return -1;

    // Start at the most probable of the cheapest models; stop at the most probable of all models.
    let p = zero;
    let highest = zero;
    for (let column = scratch; column < end; column += 32) {
      const nextP = v128.load(column, 16);
      p = f32x4.pmax(p, v128.and(nextP, f32x4.eq(v128.load(column), c)));
      highest = f32x4.pmax(highest, nextP);
    }
    let cLow = lowLanes(c);
    let cHigh = highLanes(c);
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
      let bestC = c;
      let bestP = p;
      for (let column = scratch; column < end; column += 32) {
        const nextC = v128.load(column);
        const nextP = v128.load(column, 16);
        const slope = f32x4.div(f32x4.sub(nextP, p), f32x4.pmax(f32x4.sub(nextC, c), zero));
        const better = f32x4.gt(slope, best);
        best = f32x4.pmax(best, slope);
        bestC = v128.bitselect(nextC, bestC, better);
        bestP = v128.bitselect(nextP, bestP, better);
      }
      const moved = f32x4.gt(best, zero);
      if (!v128.any_true(moved)) break;
      // Lanes that did not move add zeros to bucket 0.
      last = f32x4.pmin(best, last);
      const bucket = v128.and(i32x4.shr_u(last, BUCKET_SHIFT), moved);
      const bestCLow = lowLanes(bestC);
      const bestCHigh = highLanes(bestC);
      const bestPLow = lowLanes(bestP);
      const bestPHigh = highLanes(bestP);
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
      c = bestC;
      p = bestP;
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
  return steps;
}
