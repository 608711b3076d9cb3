import { Block } from "./block";
import { loadColumns } from "./columns";
import { LANES } from "../layout";

/** Writes the models of four queries. */
// @ts-ignore: decorator
@inline
function storeGroup(allocation: usize, models: v128): void {
  store<u8>(allocation, <u8>i32x4.extract_lane(models, 0));
  store<u8>(allocation, <u8>i32x4.extract_lane(models, 1), 1);
  store<u8>(allocation, <u8>i32x4.extract_lane(models, 2), 2);
  store<u8>(allocation, <u8>i32x4.extract_lane(models, 3), 3);
}

/**
 * Gives every query its cheapest model; among equally cheap ones the most probable, then the lower index.
 *
 * `cost`, `probability`: float32, rows × models, row-major, `rows` a multiple of LANES; `scratch`: GROUP_BYTES;
 * `allocation`: one byte per row. O(rows × models).
 */
export function allocateCheapest(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  scratch: usize,
  allocation: usize,
): void {
  takeFirst(cost, probability, 0, rows, models, scratch, allocation, true);
}

/**
 * Gives every query its most probable model that has a finite cost; among equally probable ones the cheapest, then the
 * lower index. Otherwise as `allocateCheapest`.
 */
export function allocateMostProbable(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  scratch: usize,
  allocation: usize,
): void {
  takeFirst(cost, probability, 0, rows, models, scratch, allocation, false);
}

/**
 * Gives every query its best model at a price, by float64 costs: the cheapest at ∞ and wherever the price is so high, the
 * most probable at 0, otherwise the largest probability − λ · cost above the lowest. The block is one that `narrow` has
 * filled: its float32 costs decide where they can, as they do in `allocateCheapest`, `allocateMostProbable` and
 * `allocateAtPrice`, with the same ties. `allocation`: one byte per row. O(rows × models).
 */
export function allocateWide(block: Block, rows: i32, lambda: f64, allocation: usize): void {
  assert(lambda >= 0);
  const cost = block.cost;
  const probability = block.probability;
  const models = block.models;
  if (lambda == Infinity) takeFirst(cost, probability, block.wide, rows, models, block.scratch, allocation, true);
  else if (lambda == 0) takeFirst(cost, probability, block.wide, rows, models, block.scratch, allocation, false);
  else takeAtPrice(cost, probability, block.wide, rows, models, lambda, allocation);
}

/**
 * Gives every query the model that comes first by cost, or by probability; `isByCost` is a constant. `wide`: the float64
 * costs, or 0. Only the lowest of them is 0 above the lowest, but others may differ where the float32 do not.
 */
// @ts-ignore: decorator
@inline
function takeFirst(
  cost: usize,
  probability: usize,
  wide: usize,
  rows: i32,
  models: i32,
  scratch: usize,
  allocation: usize,
  isByCost: bool,
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
    let tied = best;
    for (let m = 0; m < models; m++) {
      const c = v128.load(scratch + (<usize>m << 5));
      const p = v128.load(scratch + (<usize>m << 5), 16);
      const better = isByCost
        ? v128.or(f32x4.lt(c, bestC), v128.and(f32x4.eq(c, bestC), f32x4.gt(p, bestP)))
        : v128.and(
            v128.or(f32x4.gt(p, bestP), v128.and(f32x4.eq(p, bestP), f32x4.lt(c, bestC))),
            f32x4.lt(c, infinity),
          );
      if (!isByCost) tied = v128.or(tied, v128.and(f32x4.eq(p, bestP), f32x4.eq(c, bestC)));
      best = v128.bitselect(i32x4.splat(m), best, better);
      bestC = v128.bitselect(c, bestC, better);
      bestP = v128.bitselect(p, bestP, better);
    }
    storeGroup(allocation + row, best);
    if (!isByCost && wide != 0 && v128.any_true(tied))
      settle(cost + at, probability + at, wide + 2 * at, LANES, models, 0, allocation + row);
  }
}

/** Prices outside this range are handled in float64 alone: they might overflow or vanish in float32. */
const LEAST_PRICE: f64 = 1e-30;
const MOST_PRICE: f64 = 1e30;
/** Twice the distance that rounding may take from two values: if they are farther apart, float32 orders them as float64 does. */
const MARGIN: f32 = 0.0000019073486328125; // 2⁻¹⁹

/**
 * Gives every query the model with the largest probability − λ·cost, in float64: this takes all increments whose
 * efficiency is at least λ, the optimum for its own total cost [Everett1963].
 *
 * `cost`, `probability`: float32, rows × models, row-major; up to three more elements are read. `lambda`: probability
 * per dollar, finite, > 0; its product with any finite cost must be finite. A model with infinite cost is never taken.
 * `allocation`: one byte per row. Ties: the more probable model, then the cheaper, then the lower index.
 *
 * O(rows × models). Queries one after another, the models of a query side by side in float32; if more than one comes
 * near the best, which is rare, float64 decides.
 */
export function allocateAtPrice(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  lambda: f64,
  allocation: usize,
): void {
  takeAtPrice(cost, probability, 0, rows, models, lambda, allocation);
}

/** `allocateAtPrice`; `wide`: the float64 costs, or 0. */
function takeAtPrice(
  cost: usize,
  probability: usize,
  wide: usize,
  rows: i32,
  models: i32,
  lambda: f64,
  allocation: usize,
): void {
  assert(models > 0 && lambda > 0 && lambda < Infinity);
  if (lambda < LEAST_PRICE || lambda > MOST_PRICE) {
    settle(cost, probability, wide, rows, models, lambda, allocation);
  } else if (models <= 4) takeBest(cost, probability, wide, rows, models, lambda, allocation, 1);
  else if (models <= 8) takeBest(cost, probability, wide, rows, models, lambda, allocation, 2);
  else if (models <= 12) takeBest(cost, probability, wide, rows, models, lambda, allocation, 3);
  else if (models <= 16) takeBest(cost, probability, wide, rows, models, lambda, allocation, 4);
  else takeBestOfMany(cost, probability, wide, rows, models, lambda, allocation);
}

/** `allocateAtPrice` for up to four vectors of models, whose values stay in registers; `vectors` is a constant. */
// @ts-ignore: decorator
@inline
function takeBest(
  cost: usize,
  probability: usize,
  wide: usize,
  rows: i32,
  models: i32,
  lambda: f64,
  allocation: usize,
  vectors: i32,
): void {
  const price = f32x4.splat(<f32>lambda);
  const none = f32x4.splat(-Infinity);
  const last = lastLanes(models);
  const rowBytes = <usize>models << 2;
  for (let row = 0; row < rows; row++) {
    const a = valuesOf(cost, probability, price, 0, vectors, last);
    const b = vectors > 1 ? valuesOf(cost, probability, price, 1, vectors, last) : none;
    const c = vectors > 2 ? valuesOf(cost, probability, price, 2, vectors, last) : none;
    const d = vectors > 3 ? valuesOf(cost, probability, price, 3, vectors, last) : none;
    let best = a;
    if (vectors > 1) best = f32x4.pmax(best, b);
    if (vectors > 2) best = f32x4.pmax(best, c);
    if (vectors > 3) best = f32x4.pmax(best, d);
    // One bit for each model that comes near the best.
    const least = leastNear(best);
    const ab = i16x8.narrow_i32x4_s(f32x4.ge(a, least), vectors > 1 ? f32x4.ge(b, least) : i32x4.splat(0));
    const cd = i16x8.narrow_i32x4_s(
      vectors > 2 ? f32x4.ge(c, least) : i32x4.splat(0),
      vectors > 3 ? f32x4.ge(d, least) : i32x4.splat(0),
    );
    const near = i8x16.bitmask(i8x16.narrow_i16x8_s(ab, cd));
    if ((near & (near - 1)) == 0) store<u8>(allocation + row, <u8>ctz(near));
    else settle(cost, probability, wide == 0 ? 0 : wide + 2 * (<usize>row * rowBytes), 1, models, lambda, allocation + row);
    cost += rowBytes;
    probability += rowBytes;
  }
}

/** `allocateAtPrice` for any number of models: the best and the second best of each lane, then over the lanes. */
function takeBestOfMany(
  cost: usize,
  probability: usize,
  wide: usize,
  rows: i32,
  models: i32,
  lambda: f64,
  allocation: usize,
): void {
  const price = f32x4.splat(<f32>lambda);
  const none = f32x4.splat(-Infinity);
  const last = lastLanes(models);
  const rowBytes = <usize>models << 2;
  const vectors = (models + LANES - 1) / LANES;
  for (let row = 0; row < rows; row++) {
    let best = none;
    let second = none;
    let here = i32x4(0, 1, 2, 3);
    let index = here;
    for (let k = 0; k < vectors; k++) {
      const values = valuesOf(cost, probability, price, k, vectors, last);
      index = v128.bitselect(here, index, f32x4.gt(values, best));
      second = f32x4.pmax(second, f32x4.pmin(best, values));
      best = f32x4.pmax(best, values);
      here = i32x4.add(here, i32x4.splat(LANES));
    }
    const least = leastNear(best);
    const isNear = f32x4.ge(best, least);
    const near = i32x4.bitmask(isNear);
    const isOne = (near & (near - 1)) == 0 && !v128.any_true(f32x4.ge(second, least));
    const taken = v128.and(index, isNear);
    const pair = v128.or(taken, v128.shuffle<i64>(taken, taken, 1, 0));
    const model = i32x4.extract_lane(pair, 0) | i32x4.extract_lane(pair, 1);
    if (isOne) store<u8>(allocation + row, <u8>model);
    else settle(cost, probability, wide == 0 ? 0 : wide + 2 * (<usize>row * rowBytes), 1, models, lambda, allocation + row);
    cost += rowBytes;
    probability += rowBytes;
  }
}

/** A mask of the lanes in a row's last vector that are models. */
// @ts-ignore: decorator
@inline
function lastLanes(models: i32): v128 {
  return i32x4.ge_s(i32x4.splat((models - 1) & (LANES - 1)), i32x4(0, 1, 2, 3));
}

/** Probability − price · cost of the four models in a row's k-th vector, float32; −∞ in lanes beyond the last model. */
// @ts-ignore: decorator
@inline
function valuesOf(cost: usize, probability: usize, price: v128, k: i32, vectors: i32, last: v128): v128 {
  const at = <usize>k << 4;
  const values = f32x4.sub(v128.load(probability + at), f32x4.mul(price, v128.load(cost + at)));
  return k == vectors - 1 ? v128.bitselect(values, f32x4.splat(-Infinity), last) : values;
}

/**
 * In every lane the smallest value that might be the largest in float64. Price · cost is at most 1 + |value|, so
 * rounding price, product and difference changes each value by less than 2⁻²² (1 + |value|).
 */
// @ts-ignore: decorator
@inline
function leastNear(values: v128): v128 {
  const half = f32x4.pmax(values, v128.shuffle<i64>(values, values, 1, 0));
  const best = f32x4.pmax(half, v128.shuffle<i32>(half, half, 1, 0, 3, 2));
  // The best is at most 1.
  const apart = f32x4.sub(best, f32x4.splat(MARGIN));
  return f32x4.pmin(apart, f32x4.mul(best, f32x4.splat(1 + MARGIN)));
}

/** `allocateAtPrice` by its definition, in float64. Differences are exact where costs are close, which is where digits matter. */
function settle(
  cost: usize,
  probability: usize,
  wide: usize,
  rows: i32,
  models: i32,
  lambda: f64,
  allocation: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const first = <usize>(row * models);
    let least = Infinity;
    if (wide == 0) least = 0;
    else for (let m = 0; m < models; m++) least = min(least, load<f64>(wide + ((first + m) << 3)));
    let best = 0;
    let bestValue = -Infinity;
    let bestP: f32 = -1;
    let bestC = Infinity;
    for (let m = 0; m < models; m++) {
      const at = first + m;
      const p = load<f32>(probability + (at << 2));
      const c = wide == 0 ? <f64>load<f32>(cost + (at << 2)) : load<f64>(wide + (at << 3));
      const value = <f64>p - lambda * (c - least);
      const isTie = value == bestValue && c < Infinity;
      if (value > bestValue || (isTie && (p > bestP || (p == bestP && c < bestC)))) {
        best = m;
        bestValue = value;
        bestP = p;
        bestC = c;
      }
    }
    store<u8>(allocation + row, <u8>best);
  }
}
