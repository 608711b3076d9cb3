import type { Curve } from "./curve.js";

/**
 * Relative improvement on a baseline, as LLMRouterBench's Gain@R (random mix) and Gain@B (best single model) [Li2026]:
 * accuracy / baseline − 1. Null for a baseline of 0.
 */
export function relativeGain(accuracy: number, baseline: number): number | null {
  return baseline > 0 ? accuracy / baseline - 1 : null;
}

/** Relative distance to the oracle, as LLMRouterBench's Gap@O [Li2026]: 1 − accuracy / oracle. Null for an oracle of 0. */
export function gapToOracle(accuracy: number, oracle: number): number | null {
  return oracle > 0 ? 1 - accuracy / oracle : null;
}

/** LLMRouterBench's PerfGain [Li2026]: the best gain of any point on the best single model's accuracy. */
export function perfGain({ accuracy }: Curve, best: number): number | null {
  return relativeGain(
    accuracy.reduce((high, a) => Math.max(high, a), 0),
    best,
  );
}

/**
 * LLMRouterBench's CostSave [Li2026]: the largest share of the best single model's cost that an equally accurate point
 * saves, 1 − cost / its cost; null where no point is as accurate or the model is free.
 */
export function costSave({ cost, accuracy }: Curve, best: { cost: number; accuracy: number }): number | null {
  let least = Infinity;
  for (let k = 0; k < cost.length; k++) if (accuracy[k] >= best.accuracy) least = Math.min(least, cost[k]);
  return least < Infinity && best.cost > 0 ? 1 - least / best.cost : null;
}
