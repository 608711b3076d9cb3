import type { Plan } from "../../plan/plan.js";
import { InputError } from "../../errors.js";
import { nonDecreasingHull } from "../figures/hull.js";

/**
 * What a plan is compared with: `blind`, single models mixed without looking at the query, at the plan's cost, as in the
 * verdict of a backtest; `best`, the best single model.
 */
export type Standard = "blind" | "best";

/** A model of a smaller share is not worth asking on every query; the other one has it. */
const LEAST_SHARE = 0.01;

/**
 * The share of each model in what a plan that costs `budget` dollars is compared with, by what is expected of single models
 * on the same work. `blind`: at most two models; the cheapest alone where the plan is cheaper than all.
 *
 * @throws InputError where no model may answer all queries or nearly all.
 */
export function standardShares(singles: Plan["singles"], budget: number, standard: Standard): Float64Array {
  const known = [...singles.keys()].filter((m) => singles[m] !== undefined);
  if (known.length === 0)
    throw new InputError(
      "no model may answer all queries or nearly all, so there is nothing to compare with",
    );
  const hull = nonDecreasingHull({
    cost: Float64Array.from(known, (m) => singles[m]!.totalCost),
    accuracy: Float64Array.from(known, (m) => singles[m]!.expectedAccuracy),
  });
  const shares = new Float64Array(singles.length);
  const model = (corner: number): number => known[hull.index[corner]];
  const last = hull.cost.length - 1;
  const above = standard === "best" ? last : hull.cost.findIndex((cost) => cost >= budget);
  if (above <= 0) shares[model(above < 0 ? last : 0)] = 1;
  else if (standard === "best") shares[model(last)] = 1;
  else {
    const exact = (budget - hull.cost[above - 1]) / (hull.cost[above] - hull.cost[above - 1]);
    const part = exact < LEAST_SHARE ? 0 : exact > 1 - LEAST_SHARE ? 1 : exact;
    shares[model(above)] = part;
    shares[model(above - 1)] = 1 - part;
  }
  return shares;
}

/** A model's weight in the difference: + 1 for the plan's model, less its share in the standard. */
function weightOf(shares: Float64Array, chosen: number, m: number): number {
  return (m === chosen ? 1 : 0) - shares[m];
}

/** The models whose answers the difference of a row depends on, ascending; none where plan and standard agree. */
export function modelsAsked(shares: Float64Array, chosen: number): number[] {
  return [...shares.keys()].filter((m) => weightOf(shares, chosen, m) !== 0);
}

/** The plan's score less the standard's on one row of scores or probabilities; NaN where one that it needs is missing. */
export function difference(scores: Float32Array, shares: Float64Array, chosen: number): number {
  let sum = 0;
  for (const m of modelsAsked(shares, chosen)) sum += weightOf(shares, chosen, m) * scores[m];
  return sum;
}

/** An answer is never taken as more certain than this variance, of a chance of 99 %. */
const LEAST_VARIANCE = 0.0099;

/**
 * The predicted variance of that difference: answers of different models to one query taken as independent. 0 only where
 * plan and standard agree.
 */
export function differenceVariance(probability: Float32Array, shares: Float64Array, chosen: number): number {
  let sum = 0;
  for (const m of modelsAsked(shares, chosen))
    sum += weightOf(shares, chosen, m) ** 2 * Math.max(LEAST_VARIANCE, probability[m] * (1 - probability[m]));
  return sum;
}
