import { orderFalling } from "../core/solve/sort.js";
import type { Steps } from "../core/solve/steps.js";
import { coreFor } from "../pool/cores.js";
import { bracketAll, type Front, type SolveOptions } from "./front.js";
import { evaluateInput, type Objective } from "./objective.js";

/** Where the sorted sweep of increments leaves a region: the last allocation inside it and the step out of it. */
export interface Crossing {
  /** The last allocation inside; the caller may change it. */
  allocation: Uint8Array;
  /** Objectives of that allocation, recomputed. */
  objective: Objective;
  /** Efficiency of the last increment applied, probability per dollar; ∞ when none was. */
  lambda: number;
  /** The increments near the crossing; their order by falling efficiency; how many of them are applied. */
  steps: Steps;
  order: Uint32Array;
  taken: number;
}

/** A region that contains the start of the sweep: once an allocation is outside, all later ones are. */
export type Region = (objective: Objective) => boolean;

/** The increment that leaves the region, or undefined when all increments stay inside. */
export function stepOut({ steps, order, taken }: Crossing) {
  if (taken === order.length) return undefined;
  const s = order[taken];
  return {
    query: steps.query[s],
    to: steps.to[s],
    dCost: steps.dCost[s],
    dGain: steps.dGain[s],
    efficiency: steps.efficiency[s],
  };
}

/**
 * All increments whose efficiency is within this relative distance of the step out are listed, whichever front the
 * search began from.
 */
export const NEAR = 2 ** -8;
/**
 * The price range is widened by that, and slightly more against rounding; a bucket is no wider, so its increments are
 * listed too.
 */
const WIDENING = NEAR + 2 ** -20;

/**
 * Sweeps the increments of all queries by falling efficiency (ties: the lower query index) and stops at the
 * last allocation inside a region. Returns undefined when even the cheapest allocation is outside.
 *
 * The front's resolution only determines where the search starts: increments are listed and sorted in float64 between
 * two of its prices, so that the answer is the same at either. O(queries × models), memory for the increments of one
 * bracket.
 */
export async function findCrossing(
  front: Front,
  isInside: Region,
  options: SolveOptions,
): Promise<Crossing | undefined> {
  const { lambda } = front;
  let inside = lastInside(front, isInside);
  let outside = inside + 1;
  for (let reach = 1; ; reach *= 2) {
    // The increments that the last point inside has taken are listed again; the last of them has its price.
    const high = inside <= 0 ? Infinity : lambda[inside] * (1 + WIDENING);
    const low =
      lambda[Math.max(outside, 1)] === undefined ? 0 : lambda[Math.max(outside, 1)] * (1 - WIDENING);
    const bracket = await bracketAll(front.problem, high, low, options);
    const crossing = await sweep(front, isInside, bracket, high);
    if (crossing === undefined) {
      // Rounding put the bracket too low: start higher.
      if (high === Infinity) return undefined;
      inside -= reach;
    } else if (crossing.taken === crossing.order.length && low > 0) {
      outside += reach;
    } else return crossing;
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

/**
 * Applies the increments of a bracket by falling efficiency up to the first that leaves the region. Returns
 * undefined when the bracket begins outside.
 */
async function sweep(
  front: Front,
  isInside: Region,
  { allocation, steps, ...start }: { allocation: Uint8Array; cost: number; gain: number; steps: Steps },
  high: number,
): Promise<Crossing | undefined> {
  const { weight } = front;
  const order = orderFalling(coreFor(steps.query.length), steps.efficiency);
  const n = order.length;
  let { cost, gain } = start;
  let taken = 0;
  for (; taken < n; taken++) {
    const s = order[taken];
    const nextCost = cost + steps.dCost[s];
    const nextGain = gain + steps.dGain[s];
    if (!isInside({ totalCost: nextCost, expectedAccuracy: nextGain / weight })) break;
    cost = nextCost;
    gain = nextGain;
    allocation[steps.query[s]] = steps.to[s];
  }
  // Running sums round differently from a re-evaluation, which decides.
  let objective = await evaluateInput(front, allocation);
  while (!isInside(objective)) {
    if (taken === 0) return undefined;
    const s = order[--taken];
    allocation[steps.query[s]] = steps.from[s];
    objective = await evaluateInput(front, allocation);
  }
  for (; taken < n; taken++) {
    const s = order[taken];
    if (isClear(isInside, cost + steps.dCost[s], (gain + steps.dGain[s]) / weight)) break;
    allocation[steps.query[s]] = steps.to[s];
    const next = await evaluateInput(front, allocation);
    if (!isInside(next)) {
      allocation[steps.query[s]] = steps.from[s];
      break;
    }
    objective = next;
    cost = next.totalCost;
    gain = next.expectedAccuracy * weight;
  }
  const lambda = taken > 0 ? steps.efficiency[order[taken - 1]] : high;
  return { allocation, objective, lambda, steps, order, taken };
}

/** Maximum relative difference between running sums and a re-evaluation. */
const DRIFT = 1e-9;

/** Whether a point is outside a region by more than rounding. */
function isClear(isInside: Region, totalCost: number, expectedAccuracy: number): boolean {
  return !isInside({ totalCost: totalCost * (1 - DRIFT), expectedAccuracy: expectedAccuracy * (1 - DRIFT) });
}
