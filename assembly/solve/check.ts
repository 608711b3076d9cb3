import { Block } from "./block";
import { LEAST_COST, MOST_COST } from "../layout";

/**
 * Whether every cost is between LEAST_COST and MOST_COST or 0, and every probability in 0 … 1; then no other check need
 * run. Also false for −0. `cost`, `probability`: float32, read up to the next multiple of four, where zeros must stand.
 * O(options), four at a time: the bits of positive numbers order like the numbers, and those of negative numbers are larger.
 */
export function allFinite(cost: usize, probability: usize, options: i32): bool {
  let isGood = i32x4.splat(-1);
  let mostP = i32x4.splat(0);
  const end = cost + ((<usize>options) << 2);
  for (; cost < end; cost += 16, probability += 16) {
    const c = v128.load(cost);
    isGood = v128.and(isGood, v128.or(isUsual(c), i32x4.eq(c, i32x4.splat(0))));
    mostP = i32x4.max_u(mostP, v128.load(probability));
  }
  return i32x4.all_true(v128.and(isGood, i32x4.le_u(mostP, i32x4.splat(reinterpret<i32>(<f32>1)))));
}

/** The lanes that are float32 costs between LEAST_COST and MOST_COST. */
// @ts-ignore: decorator
@inline
export function isUsual(cost: v128): v128 {
  const least = reinterpret<i32>(<f32>LEAST_COST);
  return i32x4.le_u(i32x4.sub(cost, i32x4.splat(least)), i32x4.splat(reinterpret<i32>(<f32>MOST_COST) - least));
}

/**
 * Forbids options: sets a cost to infinity where `allowed` is 0 or the probability is below the row's minimum.
 *
 * `block`: its costs, float64 where it has them, are changed; `allowed`: a byte per option, `minProbability`: float32 per
 * row; either address may be 0 if there is none. O(rows × models).
 */
export function forbid(block: Block, rows: i32, allowed: usize, minProbability: usize): void {
  const cost = block.cost;
  const wide = block.wide;
  const probability = block.probability;
  const models = block.models;
  for (let row = 0; row < rows; row++) {
    let least: f32 = 0;
    if (minProbability != 0) least = load<f32>(minProbability + ((<usize>row) << 2));
    for (let m = 0; m < models; m++) {
      const option = <usize>(row * models + m);
      const isAllowed = allowed == 0 || load<u8>(allowed + option) != 0;
      // Comparisons with NaN are false: a NaN is left for the check to find.
      if (isAllowed && !(load<f32>(probability + (option << 2)) < least)) continue;
      if (wide != 0) store<f64>(wide + (option << 3), Infinity);
      else store<f32>(cost + (option << 2), Infinity);
    }
  }
}
