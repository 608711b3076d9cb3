import { thin } from "../solve/thin.js";

/** A front judged by records: total cost and realised accuracy at each point, in the front's order. */
export interface RealisedFront {
  /** Dollars; rising, unless the front was made of predicted costs. */
  cost: Float64Array;
  /** 0 … 1. */
  realisedAccuracy: Float64Array;
}

/** A single model on recorded outcomes. */
export interface SingleModel {
  model: string;
  /** Mean outcome, 0 … 1. */
  accuracy: number;
  /** Dollars over all queries. */
  cost: number;
}

/** A point of a judged front: dollars, and accuracies 0 … 1. */
export interface JudgedPoint {
  cost: number;
  expectedAccuracy: number;
  realisedAccuracy: number;
}

const FRONT_POINTS = 200;

/** At most 200 points of a front, its ends among them. */
export function judgedPoints(
  expectedAccuracy: Float64Array,
  { cost, realisedAccuracy }: RealisedFront,
): JudgedPoint[] {
  return Array.from(thin(cost.length, FRONT_POINTS), (k) => ({
    cost: cost[k],
    expectedAccuracy: expectedAccuracy[k],
    realisedAccuracy: realisedAccuracy[k],
  }));
}

/** Number of costs at which the area under the front is sampled. */
const AREA_SAMPLES = 1001;

/** The points by rising cost, as the figures below expect them. */
export function byCost({ cost, realisedAccuracy }: RealisedFront): RealisedFront {
  const order = Uint32Array.from(cost.keys()).sort((a, b) => cost[a] - cost[b] || a - b);
  const take = (values: Float64Array): Float64Array => Float64Array.from(order, (k) => values[k]);
  return { cost: take(cost), realisedAccuracy: take(realisedAccuracy) };
}

/** The highest realised accuracy of any point. */
export function highestAccuracy(front: RealisedFront): number {
  return front.realisedAccuracy.reduce((best, a) => Math.max(best, a), 0);
}

/**
 * 1 − (cost of the cheapest point whose realised accuracy is at least the model's) / (the model's cost); null when
 * no point reaches it. Negative when reaching it costs more than the model itself.
 */
export function savingAtEqualAccuracy(front: RealisedFront, single: SingleModel): number | null {
  const k = front.realisedAccuracy.findIndex((a) => a >= single.accuracy);
  if (k < 0) return null;
  if (single.cost === 0) return front.cost[k] === 0 ? 0 : null;
  return 1 - front.cost[k] / single.cost;
}

/**
 * Mean, over costs spaced linearly from the cheapest point's to the best single model's, of the realised accuracy of
 * the dearest point not above that cost: what a budget gets, without hindsight about which point turned out well.
 */
export function areaUnderFront({ cost, realisedAccuracy }: RealisedFront, single: SingleModel): number {
  const low = cost[0];
  const high = Math.max(low, single.cost);
  let sum = 0;
  let k = 0;
  for (let s = 0; s < AREA_SAMPLES; s++) {
    const budget = low + ((high - low) * s) / (AREA_SAMPLES - 1);
    while (k + 1 < cost.length && cost[k + 1] <= budget) k++;
    sum += realisedAccuracy[k];
  }
  return sum / AREA_SAMPLES;
}
