import type { Matrices } from "../core/solve/block.js";
import { sumAllocated } from "../core/solve/objective.js";
import { sharedCore } from "../pool/cores.js";
import type { Problem } from "../types.js";
import type { Front } from "./front.js";
import { partsOf } from "./input.js";
import { isSpread } from "./pass.js";
import { matricesOf, totalWeight } from "./problem.js";
import { AllocationSum } from "./exact/total.js";

/** Cost and accuracy of an allocation. */
export interface Objective {
  /** Dollars, over all queries. */
  totalCost: number;
  /** Mean success probability, 0 … 1. */
  expectedAccuracy: number;
}

/** Like `evaluate`, to the same bytes, for an input that may be streamed: one pass. */
export async function evaluateInput(
  { problem, weight }: Pick<Front, "problem" | "weight">,
  allocation: Uint8Array,
  signal?: AbortSignal,
): Promise<Objective> {
  const sum = new AllocationSum();
  if (isSpread(problem)) {
    for await (const taken of problem.taken(allocation, signal)) sum.add(taken, 0);
    return { totalCost: sum.cost, expectedAccuracy: sum.gain / weight };
  }
  for await (const { matrices, first, queries } of partsOf(problem, signal)) {
    sum.add(matrices, allocation.subarray(first, first + queries));
  }
  return { totalCost: sum.cost, expectedAccuracy: sum.gain / weight };
}

function evaluateMatrices(matrices: Matrices, weight: number, allocation: Uint8Array): Objective {
  const sum = new AllocationSum();
  sum.add(matrices, allocation);
  return { totalCost: sum.cost, expectedAccuracy: sum.gain / weight };
}

/**
 * Evaluates an allocation from the matrices. Costs in a `Float64Array` that are decimals of up to 15 digits are added
 * exactly: 0.1 three times is 0.3. Other sums are those of a plain float64 loop, to the bit. `allocation`: one model index
 * per query. O(queries).
 */
export function evaluate(problem: Problem, allocation: Uint8Array): Objective {
  return evaluateMatrices(matricesOf(problem), totalWeight(problem), allocation);
}

/** Like `evaluate`, to the bit, for many allocations: points × queries. O(points × queries). */
export function evaluateAll(problem: Problem, allocations: Uint8Array): Objective[] {
  const matrices = matricesOf(problem);
  const queries = matrices.cost.length / matrices.models;
  const weight = totalWeight(problem);
  return Array.from({ length: allocations.length / queries }, (_, point) =>
    evaluateMatrices(matrices, weight, allocations.subarray(point * queries, (point + 1) * queries)),
  );
}

/** Mean outcome of an allocation, 0 … 1; `outcome`: queries × models, row-major. O(queries). */
export function realisedAccuracy(outcome: Float32Array, models: number, allocation: Uint8Array): number {
  return sumAllocated(sharedCore(), outcome, models, allocation) / allocation.length;
}
