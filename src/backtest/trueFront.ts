import { orderFalling } from "../core/solve/sort.js";
import { coreFor } from "../pool/cores.js";
import { bracketAll } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import type { PointSet } from "../solve/metrics/pointSet.js";
import type { Problem } from "../types.js";

/**
 * The front that recorded outcomes allow, in hindsight: all increments, one a point, in the order of their efficiency.
 * With outcomes 0 or 1 that is the true front of [Liu2024]: from the cheapest allocation (ties: a correct model) each
 * query that some dearer model alone gets right, by rising extra cost. `outcome`: queries × models, 0 … 1.
 * O(queries × models).
 */
export async function trueFront(
  { models, cost }: Pick<Problem, "models" | "cost">,
  outcome: Float32Array,
  options: RunningOptions = {},
): Promise<PointSet> {
  const problem = { models, cost, successProbability: outcome };
  const start = await bracketAll(problem, Infinity, 0, options, false);
  const { efficiency, dCost, dGain } = start.steps;
  const queries = start.allocation.length;
  const front = {
    cost: new Float64Array(efficiency.length + 1).fill(start.cost),
    accuracy: new Float64Array(efficiency.length + 1).fill(start.gain / queries),
  };
  let { cost: total, gain } = start;
  orderFalling(coreFor(efficiency.length), efficiency).forEach((s, k) => {
    front.cost[k + 1] = total += dCost[s];
    front.accuracy[k + 1] = (gain += dGain[s]) / queries;
  });
  return front;
}
