import { InputError } from "../../errors.js";

const BETA = 0.1;
/** Dollars per 1,000 queries. */
const C_MAX = 200;
const C_MIN = 0.0044;

/**
 * RouterArena's score, 0 … 1: (1 + β) · A · C / (β · A + C) with C = (log₂ 200 − log₂ c) / (log₂ 200 − log₂ 0.0044) and
 * β = 0.1 [Lu2025]. `accuracy` 0 … 1; `cost`: dollars per query, taken per 1,000 and held to 0.0044 … 200.
 *
 * @throws InputError for values outside their range.
 */
export function routerArenaScore({ cost, accuracy }: { cost: number; accuracy: number }): number {
  if (!(cost >= 0 && cost < Infinity && accuracy >= 0 && accuracy <= 1)) {
    throw new InputError(`(${cost}, ${accuracy}); expected dollars per query ≥ 0 and an accuracy 0 … 1`, {
      field: "point",
    });
  }
  const c = Math.min(C_MAX, Math.max(C_MIN, 1000 * cost));
  const cheapness = Math.log2(C_MAX / c) / Math.log2(C_MAX / C_MIN);
  const denominator = BETA * accuracy + cheapness;
  return denominator === 0 ? 0 : ((1 + BETA) * accuracy * cheapness) / denominator;
}
