import type { Points } from "../../core/solve/points.js";

/** How far ln λ may move in 10 seconds. */
const MOST_CHANGE = 0.7;
const WINDOW_MS = 10_000;
/** Of the dual descent: its step and the largest change of ln λ for one request. */
const STEP = 0.005;
const MOST_STEP = 0.02;

/** The prices between which λ is moved: beyond them nothing changes any more. */
export interface PriceRange {
  /** Half the lowest positive λ of the front; below it every row has its most probable model. */
  least: number;
  /** Twice the highest λ; from there on every row has its cheapest model. */
  most: number;
}

/** Undefined if the front is a single point, where λ makes no difference. */
export function rangeOf({ lambda }: Points): PriceRange | undefined {
  if (lambda.length < 2) return undefined;
  return { least: lambda[lambda.length - 1] / 2, most: lambda[1] * 2 };
}

/**
 * The price at which a front costs `totalCost`: between two points it is interpolated by cost, on a logarithmic scale.
 * 0 if every point is affordable; the upper end of the range if not even the second one is. O(log points).
 */
export function priceAtCost(front: Points, totalCost: number, range: PriceRange): number {
  return priceWhere(front, front.totalCost, totalCost, range);
}

/** The price at which a front reaches an expected accuracy; 0 if it does not. */
export function priceAtAccuracy(front: Points, accuracy: number, range: PriceRange): number {
  return priceWhere(front, front.expectedAccuracy, accuracy, range);
}

function priceWhere({ lambda }: Points, rising: Float64Array, wanted: number, range: PriceRange): number {
  const last = lambda.length - 1;
  if (wanted >= rising[last]) return 0;
  if (wanted <= rising[0]) return range.most;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (rising[middle] <= wanted) low = middle;
    else high = middle;
  }
  const part = (wanted - rising[low]) / (rising[high] - rising[low]);
  const from = low === 0 ? range.most : lambda[low];
  return from * (lambda[high] / from) ** part;
}

/** Moves λ towards a target, no faster than allowed. `elapsed`: milliseconds since the last move. */
export function approach(
  current: number,
  target: number,
  elapsed: number,
  { least, most }: PriceRange,
): number {
  const from = Math.min(most, Math.max(least, current));
  const change = Math.log(Math.max(least, target) / from);
  const limit = (MOST_CHANGE * elapsed) / WINDOW_MS;
  if (Math.abs(change) <= limit) return target;
  return from * Math.exp(Math.sign(change) * limit);
}

/**
 * One step of dual descent [BalseiroLuMirrokni2023]: a request that costs more than the rate raises λ, a cheaper one
 * lowers it. `cost`, `rate`: dollars.
 */
export function descend(lambda: number, cost: number, rate: number): number {
  const step = rate > 0 ? STEP * (cost / rate - 1) : MOST_STEP;
  return lambda * Math.exp(Math.min(MOST_STEP, Math.max(-MOST_STEP, step)));
}
