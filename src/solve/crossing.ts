import { BUCKET_SHIFT } from "../../assembly/layout.js";
import type { Steps } from "../core/core.js";
import { sharedCore } from "../pool/index.js";
import { listAllSteps, type Front, type SolveOptions } from "./front.js";
import { evaluate, type Objective } from "./objective.js";

/** One increment, ready to be applied. */
export interface Step {
  query: number;
  to: number;
  /** Probability per dollar. */
  efficiency: number;
}

/** Where the sorted sweep of increments leaves a region: the last allocation inside it and the step out of it. */
export interface Crossing {
  /** The caller's to change. */
  allocation: Uint8Array;
  /** Of that allocation, evaluated afresh. */
  objective: Objective;
  /** Efficiency of the last increment applied; ∞ when none was. */
  lambda: number;
  /** The first increment that would leave the region; undefined when all increments stay inside. */
  step?: Step;
}

/** A region that holds a beginning of the sweep: once an allocation is outside, all later ones are. */
export type Region = (objective: Objective) => boolean;

/** Prices are widened by this much, so that rounding never puts an increment on the wrong side of a bracket. */
const WIDENING = 2 ** -20;

/** Efficiencies of one bucket lie so near each other, relatively. */
const BUCKET_WIDTH = 2 ** (BUCKET_SHIFT - 23);

/**
 * Sweeps the increments of all queries by falling efficiency (ties: the lower query index) and stops at the
 * last allocation inside a region. Returns undefined when even the cheapest allocation is outside.
 *
 * The front's resolution decides only where to look: increments are listed and sorted in float64 between two
 * of its prices, so that the answer is the same at either. O(queries × models), memory for the increments
 * of one bracket.
 */
export async function findCrossing(
  front: Front,
  isInside: Region,
  options: SolveOptions,
): Promise<Crossing | undefined> {
  const pointWidth = front.resolution === "buckets" ? BUCKET_WIDTH : 0;
  let inside = lastInside(front, isInside);
  let outside = inside + 1;
  for (let reach = 1; ; reach *= 2) {
    // The increments that the last point inside has taken are listed again, the last of them being the price.
    const high = inside <= 0 ? Infinity : front.lambda[inside] * (1 + pointWidth) * (1 + WIDENING);
    const low = outside >= front.lambda.length ? 0 : Math.max(0, front.lambda[outside] * (1 - WIDENING));
    const { allocation, steps } = await listAllSteps(
      front.problem,
      front.queries,
      high,
      Number.isFinite(low) ? low : (front.lambda[1] ?? 0),
      options,
    );
    const objective = evaluate(front.problem, allocation);
    if (!isInside(objective)) {
      // Rounding put the bracket too low: begin further up.
      if (high === Infinity) return undefined;
      inside -= reach;
      continue;
    }
    const crossing = sweep(front, isInside, { allocation, objective, lambda: high }, steps);
    if (crossing.step !== undefined || low === 0) return crossing;
    outside += reach;
  }
}

/** The last point of the front inside a region, or −1. */
function lastInside({ totalCost, expectedAccuracy }: Front, isInside: Region): number {
  let low = 0;
  let high = totalCost.length;
  while (low < high) {
    const k = (low + high) >>> 1;
    if (isInside({ totalCost: totalCost[k], expectedAccuracy: expectedAccuracy[k] })) low = k + 1;
    else high = k;
  }
  return low - 1;
}

/** Applies increments by falling efficiency to an allocation inside the region, up to the first that leaves it. */
function sweep(front: Front, isInside: Region, start: Crossing, steps: Steps): Crossing {
  const { allocation } = start;
  const { queries, problem } = front;
  const order = sharedCore().order(steps.efficiency);
  const n = order.length;
  let cost = start.objective.totalCost;
  let gain = start.objective.expectedAccuracy * queries;
  let taken = 0;
  for (; taken < n; taken++) {
    const s = order[taken];
    const nextCost = cost + steps.dCost[s];
    const nextGain = gain + steps.dGain[s];
    if (!isInside({ totalCost: nextCost, expectedAccuracy: nextGain / queries })) break;
    cost = nextCost;
    gain = nextGain;
    allocation[steps.query[s]] = steps.to[s];
  }
  // Running sums round differently from a fresh evaluation, which has the last word.
  let objective = evaluate(problem, allocation);
  while (taken > 0 && !isInside(objective)) {
    const s = order[--taken];
    allocation[steps.query[s]] = steps.from[s];
    objective = evaluate(problem, allocation);
  }
  for (; taken < n; taken++) {
    const s = order[taken];
    allocation[steps.query[s]] = steps.to[s];
    const next = evaluate(problem, allocation);
    if (!isInside(next)) {
      allocation[steps.query[s]] = steps.from[s];
      break;
    }
    objective = next;
  }
  const last = taken > 0 ? steps.efficiency[order[taken - 1]] : start.lambda;
  if (taken === n) return { allocation, objective, lambda: last };
  const s = order[taken];
  const step = { query: steps.query[s], to: steps.to[s], efficiency: steps.efficiency[s] };
  return { allocation, objective, lambda: last, step };
}
