// Costs of more digits than float32 holds. Kernels walk and screen along float32 differences from the cheapest model, which
// tell near costs apart; sums, and what float32 leaves open, are of the float64 costs themselves.
import { Block } from "./block";
import { LANES, LEAST_COST, MOST_COST } from "../layout";

/** A difference up to which the cost itself is surely below MOST_COST. */
const USUAL: f32 = 5e11;
/** A decimal of this many units or fewer is told from its neighbours by its float64. */
const MOST_UNITS: f64 = 1e15;

/**
 * Checks a block of float64 costs and writes what the other kernels walk along: each query's lowest cost, and float32 costs
 * above it, in dollars. Returns whether every value is valid and every query has a model. `rows`: queries, rows of zeros
 * included. O(rows × models).
 */
export function narrow(block: Block, rows: i32): bool {
  const models = block.models;
  const quads = models & ~(LANES - 1);
  let wide = block.wide;
  let cost = block.cost;
  let probability = block.probability;
  let leastOfAll = f64x2.splat(Infinity);
  let mostOfLeast = f64x2.splat(0);
  // As whole numbers: the bits of NaN and of negative numbers are larger than those of any other.
  let mostC = i32x4.splat(0);
  let mostP = mostC;
  for (let row = 0; row < rows; row++) {
    let pair = f64x2.splat(Infinity);
    let other = pair;
    for (let m = 0; m < quads; m += LANES) {
      pair = f64x2.pmin(pair, v128.load(wide + (<usize>m << 3)));
      other = f64x2.pmin(other, v128.load(wide + (<usize>m << 3), 16));
    }
    for (let m = quads; m < models; m++) pair = f64x2.pmin(pair, v128.load64_splat(wide + (<usize>m << 3)));
    pair = f64x2.pmin(pair, other);
    const least = f64x2.pmin(pair, v128.shuffle<i64>(pair, pair, 1, 0));
    v128.store64_lane(block.least + (<usize>row << 3), least, 0);
    leastOfAll = f64x2.pmin(leastOfAll, least);
    mostOfLeast = f64x2.pmax(mostOfLeast, least);
    for (let m = 0; m < quads; m += LANES) {
      const low = f64x2.sub(v128.load(wide + (<usize>m << 3)), least);
      const high = f64x2.sub(v128.load(wide + (<usize>m << 3), 16), least);
      const c = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
      v128.store(cost + (<usize>m << 2), c);
      mostC = i32x4.max_u(mostC, c);
      mostP = i32x4.max_u(mostP, v128.load(probability + (<usize>m << 2)));
    }
    for (let m = quads; m < models; m++) {
      const c = f32x4.demote_f64x2_zero(f64x2.sub(v128.load64_splat(wide + (<usize>m << 3)), least));
      v128.store32_lane(cost + (<usize>m << 2), c, 0);
      mostC = i32x4.max_u(mostC, c);
      mostP = i32x4.max_u(mostP, v128.load32_zero(probability + (<usize>m << 2)));
    }
    wide += <usize>models << 3;
    cost += <usize>models << 2;
    probability += <usize>models << 2;
  }
  return areValid(block, rows, mostC, mostP, leastOfAll, mostOfLeast);
}

/**
 * Whether every value is valid and every query has a model. `mostC`, `mostP`: the largest bits of differences from a
 * query's lowest cost and of probabilities, by lane; `leastOfAll`, `mostOfLeast`: of the lowest costs, the least and the
 * most. Only where these are not usual, all values are checked.
 */
function areValid(block: Block, rows: i32, mostC: v128, mostP: v128, leastOfAll: v128, mostOfLeast: v128): bool {
  const isUsual =
    i32x4.all_true(i32x4.le_u(mostC, i32x4.splat(reinterpret<i32>(USUAL)))) &&
    i32x4.all_true(i32x4.le_u(mostP, i32x4.splat(reinterpret<i32>(<f32>1)))) &&
    f64x2.extract_lane(leastOfAll, 0) >= LEAST_COST;
  if (isUsual) return true;
  if (f64x2.extract_lane(mostOfLeast, 0) == Infinity) return false;
  let isGood = i32x4.splat(-1);
  for (let option: usize = 0; option < <usize>(rows * block.models); option += LANES) {
    const wide = block.wide + (option << 3);
    const p = v128.load(block.probability + (option << 2));
    isGood = v128.and(isGood, v128.and(isInRange(v128.load(wide)), isInRange(v128.load(wide, 16))));
    isGood = v128.and(isGood, v128.and(f32x4.ge(p, f32x4.splat(0)), f32x4.le(p, f32x4.splat(1))));
  }
  return i32x4.all_true(isGood);
}

/** The lanes that are costs which a problem may have: 0, LEAST_COST … MOST_COST, or infinite. */
// @ts-ignore: decorator
@inline
function isInRange(c: v128): v128 {
  const isUsual = v128.and(f64x2.ge(c, f64x2.splat(LEAST_COST)), f64x2.le(c, f64x2.splat(MOST_COST)));
  const isOther = v128.or(f64x2.eq(c, f64x2.splat(0)), f64x2.eq(c, f64x2.splat(Infinity)));
  return v128.or(isUsual, isOther);
}

/** 10ᵖˡᵃᶜᵉˢ, exact: `places` is at most 18. */
export function unitsPerDollar(places: i32): f64 {
  let units: f64 = 1;
  for (let k = 0; k < places; k++) units *= 10;
  return units;
}

/** Costs in whole units. */
// @ts-ignore: decorator
@inline
export function inUnits(cost: v128, perDollar: v128): v128 {
  return f64x2.nearest(f64x2.mul(cost, perDollar));
}

/** Whether a cost is the float64 of a decimal of `units`. */
// @ts-ignore: decorator
@inline
export function isWhole(units: f64, perDollar: f64, cost: f64): bool {
  return units / perDollar == cost && units <= MOST_UNITS;
}

/** The lanes whose cost is the float64 of a decimal: the quotient of two exact numbers is rounded as the decimal is. */
// @ts-ignore: decorator
@inline
export function areWhole(units: v128, perDollar: v128, cost: v128): v128 {
  return v128.and(f64x2.eq(f64x2.div(units, perDollar), cost), f64x2.le(units, f64x2.splat(MOST_UNITS)));
}
