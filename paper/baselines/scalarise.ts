import type { Random } from "../../src/random.js";

/** Weights of (cost, loss), which sum to 1. */
export type Weight = readonly [cost: number, loss: number];

/** One value, to be minimised, of an objective vector whose ideal is (0, 0). */
export type Scalarise = (cost: number, loss: number, weight: Weight) => number;

/** `count` weights at equal distances from (0, 1) to (1, 0). */
export function gridWeights(count: number): Weight[] {
  return Array.from({ length: count }, (_, k) => [k / (count - 1), 1 - k / (count - 1)]);
}

/** Both ends, and the other weights uniform between them. */
export function randomWeights(count: number, random: Random): Weight[] {
  return Array.from({ length: count }, (_, k) => {
    const w = k < 2 ? k : random.uniform();
    return [w, 1 - w];
  });
}

/** For each weight the `count` nearest ones, itself the first (ties: the lower index). O(n² log n). */
export function neighbourhoods(weights: readonly Weight[], count: number): Uint32Array[] {
  return weights.map(([w]) => {
    const order = weights.map((_, k) => k);
    const distance = (k: number): number => Math.abs(weights[k][0] - w);
    return Uint32Array.from(order.sort((j, k) => distance(j) - distance(k)).slice(0, count));
  });
}

/** Penalty of leaving the weight's direction, as in [ZhangLi2007]. */
const PENALTY = 5;

/**
 * Penalty boundary intersection [ZhangLi2007]: distance along the weight's direction, and five times the distance
 * from it.
 */
export const boundaryIntersection: Scalarise = (cost, loss, [c, l]) => {
  const norm = Math.sqrt(c * c + l * l);
  const along = (cost * c + loss * l) / norm;
  const across = Math.abs(cost * l - loss * c) / norm;
  return along + PENALTY * across;
};

/** A weight of 0 would leave an objective out altogether. */
const LEAST_WEIGHT = 1e-4;

/** Weighted Tchebycheff distance from the ideal [ZhangLi2007]. */
export const tchebycheff: Scalarise = (cost, loss, [c, l]) =>
  Math.max(Math.max(c, LEAST_WEIGHT) * cost, Math.max(l, LEAST_WEIGHT) * loss);
