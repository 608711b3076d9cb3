import { sharedCore } from "../pool/index.js";
import type { Problem } from "../types.js";
import { totalWeight } from "./problem.js";

export interface Objective {
  /** Dollars, over all queries. */
  totalCost: number;
  /** Mean success probability, 0 … 1. */
  expectedAccuracy: number;
}

/**
 * Evaluates an allocation afresh from the matrices: float64 sums, one query after another, so that a plain loop over
 * the same numbers gives the same bytes. `allocation`: one model index a query. O(queries).
 */
export function evaluate(problem: Problem, allocation: Uint8Array, weight = totalWeight(problem)): Objective {
  const core = sharedCore();
  const models = problem.models.length;
  const gain = core.sumAllocated(problem.successProbability, models, allocation, problem.weight);
  return {
    totalCost: core.sumAllocated(problem.cost, models, allocation, problem.weight),
    expectedAccuracy: gain / weight,
  };
}

/** Mean outcome of an allocation, 0 … 1; `outcome`: queries × models, row-major. O(queries). */
export function realisedAccuracy(outcome: Float32Array, models: number, allocation: Uint8Array): number {
  return sharedCore().sumAllocated(outcome, models, allocation) / allocation.length;
}
