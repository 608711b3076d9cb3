import { stepOut, type Crossing } from "./crossing.js";
import type { Front } from "./front.js";
import { isStreamed, partsOf } from "./input.js";
import type { Objective } from "./objective.js";
import { isSpread } from "./pass.js";
import { isBestAt } from "./exact/support.js";

/** A chosen allocation; cost and accuracy are recomputed from the matrices. */
export interface Chosen extends Objective {
  status: "chosen";
  /** One model index per query. */
  allocation: Uint8Array;
  /**
   * No allocation within the budget (without a budget: none as cheap as this one) has a higher expected
   * accuracy than this.
   */
  bound: number;
  /** bound − expectedAccuracy ≥ 0. */
  gap: number;
  /** No allocation that reaches the target (without one: this expected accuracy) costs fewer dollars than this. */
  costBound: number;
  /** totalCost − costBound ≥ 0, dollars. */
  costGap: number;
  /** Proven: no allocation meets the target better. */
  optimal: boolean;
  /** λ of the allocation: efficiency of the last increment taken, probability per dollar; ∞ for none. */
  lambda: number;
  /** Share of the queries (by weight), by model, of every model of the problem. */
  shares: Record<string, number>;
}

/** Nothing on the front meets the target: a result, not an error. */
export interface Infeasible {
  status: "infeasible";
  /** The closest allocation: the cheapest for a budget, the most accurate for an accuracy. */
  closest: Objective;
}

/** A chosen allocation or, if nothing meets the target, the closest one. */
export type Choice = Chosen | Infeasible;

/** An allocation that meets a target. */
export interface Found {
  allocation: Uint8Array;
  objective: Objective;
  lambda: number;
  /** No allocation meets the target better: proven by search, or because it is supported. */
  isOptimal: boolean;
}

/** The bound of the linear relaxation: the straight line along the increment that crosses the target. */
export interface Relaxation {
  accuracyAt(cost: number): number;
  costAt(accuracy: number): number;
}

/** Outward rounding of a bound: far above the rounding error of the sums and far below any gap that matters. */
const SLACK = 2 ** -48;

/** The relaxation's line through a crossing; undefined if every increment is taken. */
export function relaxation(crossing: Crossing, { weight }: Front): Relaxation | undefined {
  const out = stepOut(crossing);
  if (out === undefined) return undefined;
  const { totalCost, expectedAccuracy } = crossing.objective;
  const slope = out.efficiency / weight;
  return {
    accuracyAt: (cost) =>
      cost === totalCost
        ? expectedAccuracy
        : (expectedAccuracy + slope * (cost - totalCost)) * (1 + SLACK) + SLACK * slope * totalCost,
    costAt: (accuracy) =>
      accuracy === expectedAccuracy
        ? totalCost
        : (totalCost + (accuracy - expectedAccuracy) / slope) * (1 - SLACK) - (SLACK * accuracy) / slope,
  };
}

/** Adds bounds to an allocation that meets a target. Without a relaxation, the allocation is the optimum. */
export async function certify(
  front: Front,
  found: Found,
  line: Relaxation | undefined,
  target: { budget?: number; accuracy?: number },
): Promise<Chosen> {
  const { totalCost, expectedAccuracy } = found.objective;
  const { budget, accuracy } = target;
  const isBoundMet = found.isOptimal || line === undefined;
  const lineAccuracy = line?.accuracyAt(budget ?? totalCost) ?? expectedAccuracy;
  const lineCost = line?.costAt(accuracy ?? expectedAccuracy) ?? totalCost;
  // An optimum of one objective is its own bound for that objective; the other bound is still the line's.
  const bound =
    isBoundMet && accuracy === undefined ? expectedAccuracy : Math.max(expectedAccuracy, lineAccuracy);
  const costBound = isBoundMet && budget === undefined ? totalCost : Math.min(totalCost, lineCost);
  const gap = bound - expectedAccuracy;
  return {
    status: "chosen",
    allocation: found.allocation,
    totalCost,
    expectedAccuracy,
    bound,
    gap,
    costBound,
    costGap: totalCost - costBound,
    optimal:
      isBoundMet ||
      (await isProven(front, found, accuracy === undefined ? gap === 0 : costBound === totalCost)),
    lambda: found.lambda,
    shares: await sharesOf(front, found.allocation),
  };
}

/** Whether an allocation that meets its bound, up to rounding, is a supported one in exact arithmetic. */
async function isProven(front: Front, { allocation, lambda }: Found, isMet: boolean): Promise<boolean> {
  if (!isMet) return false;
  // Increments as efficient as the last one taken may be left over: a price just above theirs, or λ itself, proves it.
  return (await isBestAt(front, allocation, lambda)) || isBestAt(front, allocation, lambda * (1 - 2 ** -40));
}

/** The share of the queries, by weight, that each model answers. */
async function sharesOf({ problem, weight }: Front, allocation: Uint8Array): Promise<Record<string, number>> {
  const counts = new Float64Array(problem.models.length);
  if (isSpread(problem) || (!isStreamed(problem) && problem.weight === undefined)) {
    for (let q = 0; q < allocation.length; q++) counts[allocation[q]]++;
  } else {
    for await (const { matrices, first, queries } of partsOf(problem)) {
      for (let q = 0; q < queries; q++) counts[allocation[first + q]] += matrices.weight?.[q] ?? 1;
    }
  }
  return Object.fromEntries(problem.models.map((name, m) => [name, counts[m] / weight]));
}
