import { Sweep } from "./rebuild";
import { BUCKETS, BUCKET_SHIFT } from "../layout";

/** Where the points of a front are written, float64: total cost, expected accuracy, and the price λ of each point. */
// @ts-ignore: decorator
@unmanaged
export class FrontLists {
  cost: usize = 0;
  accuracy: usize = 0;
  lambda: usize = 0;
}

/**
 * Appends a point to a front of `n` points and returns the new number. Costs come in rising order. A point that adds no
 * cost in float64 replaces the one before it; a point that adds no accuracy is left out.
 */
// @ts-ignore: decorator
@inline
function appendPoint(n: i32, c: f64, a: f64, lambda: f64, cost: usize, accuracy: usize, lambdas: usize): i32 {
  if (n > 0) {
    const before = <usize>(n - 1) << 3;
    if (a <= load<f64>(accuracy + before)) return n;
    if (c <= load<f64>(cost + before)) n--;
  }
  const at = <usize>n << 3;
  store<f64>(cost + at, c);
  store<f64>(accuracy + at, a);
  store<f64>(lambdas + at, lambda);
  return n + 1;
}

/** Whether nothing but zeros has been added to a bucket. */
// @ts-ignore: decorator
@inline
function isEmpty(buckets: usize, bucket: i32): bool {
  const sums = v128.load(buckets + (<usize>bucket << 4));
  return !v128.any_true(f64x2.ne(sums, f64x2.splat(0)));
}

/** The lowest bucket that is not empty, or BUCKETS. `buckets`: the sums of `sumHulls`. O(BUCKETS). */
export function firstBucket(buckets: usize): i32 {
  let bucket = 0;
  while (bucket < BUCKETS && isEmpty(buckets, bucket)) bucket++;
  return bucket;
}

/** The highest bucket that is not empty, or −1. `buckets`: the sums of `sumHulls`. O(BUCKETS). */
export function lastBucket(buckets: usize): i32 {
  let bucket = BUCKETS - 1;
  while (bucket >= 0 && isEmpty(buckets, bucket)) bucket--;
  return bucket;
}

/**
 * Scans efficiency buckets from the top: the front at `buckets` resolution.
 *
 * `buckets`: the sums of `sumHulls` for `count` buckets, `first` the lowest; all others are empty. `total`: cost and gain
 * of the cheapest allocation, from `sumHulls`. `weight`: the total weight of all queries, which turns a gain into a mean.
 * `front`: room for count + 1; a point's λ is the price at which it is optimal (the lower border of its bucket; ∞ for
 * the cheapest allocation). Returns the number of points. O(count).
 */
export function scanBuckets(
  buckets: usize,
  first: i32,
  count: i32,
  total: usize,
  weight: f64,
  front: FrontLists,
): i32 {
  const cost = front.cost;
  const accuracy = front.accuracy;
  const lambda = front.lambda;
  assert(first >= 0 && count >= 0 && first + count <= BUCKETS);
  let c = load<f64>(total);
  let gain = load<f64>(total, 8);
  let n = appendPoint(0, c, gain / weight, Infinity, cost, accuracy, lambda);
  for (let k = count - 1; k >= 0; k--) {
    const dCost = load<f64>(buckets + (<usize>k << 4));
    const dGain = load<f64>(buckets + (<usize>k << 4), 8);
    if (dCost == 0 && dGain == 0) continue;
    c += dCost;
    gain += dGain;
    const border = <f64>reinterpret<f32>(<u32>(first + k) << BUCKET_SHIFT);
    n = appendPoint(n, c, gain / weight, border, cost, accuracy, lambda);
  }
  return n;
}

/** Efficiency, Δcost and Δprobability of an increment. */
const RECORD_BYTES: usize = 24;
/** Increments fetched together: they stay in the cache. */
const BATCH = 512;

/**
 * Applies sorted increments one after another: the front at `full` resolution. Increments of equal
 * efficiency make one point, since the points between them lie on a straight line.
 *
 * `order`: uint32, increments by falling efficiency; `record`: float64 (efficiency, Δcost, Δprobability) per increment,
 * side by side since records are fetched in random order; `total`, `weight`: as in `scanBuckets`; `front`: room for
 * steps + 1. Returns the number of points. O(steps).
 */
export function scanSteps(
  steps: i32,
  order: usize,
  record: usize,
  total: usize,
  weight: f64,
  front: FrontLists,
): i32 {
  const cost = front.cost;
  const accuracy = front.accuracy;
  const lambda = front.lambda;
  let c = load<f64>(total);
  let gain = load<f64>(total, 8);
  let n = 0;
  let price = Infinity;
  for (let first = 0; first < steps; first += BATCH) {
    // Fetch a batch into the outputs, beyond the points written so far: these loads do not wait for one another.
    const end = min(first + BATCH, steps);
    for (let k = first; k < end; k++) {
      const at = record + <usize>load<u32>(order + (<usize>k << 2)) * RECORD_BYTES;
      const to = <usize>k << 3;
      store<f64>(lambda + to, load<f64>(at), 8);
      store<f64>(cost + to, load<f64>(at, 8), 8);
      store<f64>(accuracy + to, load<f64>(at, 16), 8);
    }
    for (let k = first; k < end; k++) {
      const at = <usize>k << 3;
      const dCost = load<f64>(cost + at, 8);
      const dGain = load<f64>(accuracy + at, 8);
      const efficiency = load<f64>(lambda + at, 8);
      if (efficiency != price) {
        n = appendPoint(n, c, gain / weight, price, cost, accuracy, lambda);
        price = efficiency;
      }
      c += dCost;
      gain += dGain;
    }
  }
  return appendPoint(n, c, gain / weight, price, cost, accuracy, lambda);
}

/**
 * The points of a front at some prices only, to the bit those of `scanSteps`; the first is the cheapest allocation.
 *
 * `price`: float64, falling, each the efficiency of some increment; `total`, `weight`: as in `scanBuckets`; `front`: room
 * for prices + 1. Returns the number of points. O(steps + prices).
 */
export function scanPrices(
  sweep: Sweep,
  price: usize,
  prices: i32,
  total: usize,
  weight: f64,
  front: FrontLists,
): i32 {
  const efficiency = sweep.efficiency;
  const dCost = sweep.dCost;
  const dGain = sweep.dGain;
  const cost = front.cost;
  const accuracy = front.accuracy;
  const lambda = front.lambda;
  let c = load<f64>(total);
  let gain = load<f64>(total, 8);
  let n = appendPoint(0, c, gain / weight, Infinity, cost, accuracy, lambda);
  let at: usize = 0;
  const end = <usize>sweep.steps << 3;
  for (let i = 0; i < prices; i++) {
    const least = load<f64>(price + (<usize>i << 3));
    for (; at < end && load<f64>(efficiency + at) >= least; at += 8) {
      c += load<f64>(dCost + at);
      gain += load<f64>(dGain + at);
    }
    n = appendPoint(n, c, gain / weight, least, cost, accuracy, lambda);
  }
  return n;
}
