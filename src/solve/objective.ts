import type { Matrices } from "../core/solve/block.js";
import { addAllocated, sumAllocated } from "../core/solve/objective.js";
import { sharedCore } from "../pool/cores.js";
import type { Problem } from "../types.js";
import type { Front } from "./front.js";
import { partsOf } from "./input.js";
import { matricesOf, totalWeight } from "./problem.js";

/** Cost and accuracy of an allocation. */
export interface Objective {
  /** Dollars, over all queries. */
  totalCost: number;
  /** Mean success probability, 0 … 1. */
  expectedAccuracy: number;
}

/**
 * Like `evaluate`, to the same bytes, for an input that may be streamed: one pass. Adds in place, both objectives at
 * once, which is faster than copying whole matrices to the core for one value per query.
 */
export async function evaluateInput(
  { problem, weight }: Pick<Front, "problem" | "weight">,
  allocation: Uint8Array,
  signal?: AbortSignal,
): Promise<Objective> {
  let sums = { totalCost: 0, gain: 0 };
  for await (const { matrices, first, queries } of partsOf(problem, signal)) {
    sums = addPart(matrices, allocation.subarray(first, first + queries), sums);
  }
  return { totalCost: sums.totalCost, expectedAccuracy: sums.gain / weight };
}

function addPart(
  { models, cost, successProbability, weight }: Matrices,
  allocation: Uint8Array,
  { totalCost, gain }: { totalCost: number; gain: number },
): { totalCost: number; gain: number } {
  if (weight === undefined) {
    for (let q = 0, row = 0; q < allocation.length; q++, row += models) {
      const option = row + allocation[q];
      totalCost += cost[option];
      gain += successProbability[option];
    }
    return { totalCost, gain };
  }
  for (let q = 0, row = 0; q < allocation.length; q++, row += models) {
    const option = row + allocation[q];
    totalCost += weight[q] * cost[option];
    gain += weight[q] * successProbability[option];
  }
  return { totalCost, gain };
}

/**
 * Evaluates an allocation from the matrices: float64 sums, one query after another, so that a plain loop over the same
 * numbers gives the same bytes. `allocation`: one model index per query. O(queries).
 */
export function evaluate(problem: Problem, allocation: Uint8Array): Objective {
  const { models, cost, successProbability, weight } = matricesOf(problem);
  const sums = addAllocated(sharedCore(), { models, cost, successProbability, weight }, allocation);
  return { totalCost: sums.cost, expectedAccuracy: sums.gain / totalWeight(problem) };
}

/** Like `evaluate`, to the bit, for many allocations: points × queries. O(points × queries). */
export function evaluateAll(problem: Problem, allocations: Uint8Array): Objective[] {
  const matrices = matricesOf(problem);
  const queries = matrices.cost.length / matrices.models;
  const weight = totalWeight(problem);
  return Array.from({ length: allocations.length / queries }, (_, point) => {
    const allocation = allocations.subarray(point * queries, (point + 1) * queries);
    const { totalCost, gain } = addPart(matrices, allocation, { totalCost: 0, gain: 0 });
    return { totalCost, expectedAccuracy: gain / weight };
  });
}

/** Mean outcome of an allocation, 0 … 1; `outcome`: queries × models, row-major. O(queries). */
export function realisedAccuracy(outcome: Float32Array, models: number, allocation: Uint8Array): number {
  return sumAllocated(sharedCore(), outcome, models, allocation) / allocation.length;
}
