/** A figure with its bootstrap interval; null: not reached (below every number), or not known. */
export interface Interval {
  estimate: number | null;
  /** 2.5 % of the replicates lie below. */
  low: number | null;
  /** 2.5 % of the replicates lie above. */
  high: number | null;
}

/** Share of the replicates beyond each end. */
const TAIL = 0.025;

/**
 * The 95 % percentile interval of an estimate from its replicates [EfronTibshirani1993]. −∞ counts as a value below
 * every other and NaN as missing; both are null in the result. O(replicates log replicates).
 */
export function interval(estimate: number, replicates: Float64Array): Interval {
  const sorted = replicates.filter((x) => !Number.isNaN(x)).sort();
  const last = sorted.length - 1;
  return {
    estimate: finite(estimate),
    low: finite(sorted[Math.floor(TAIL * last)]),
    high: finite(sorted[Math.ceil((1 - TAIL) * last)]),
  };
}

function finite(x: number | undefined): number | null {
  return x !== undefined && Number.isFinite(x) ? x : null;
}
