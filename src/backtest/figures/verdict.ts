import type { Interval } from "./interval.js";

/** `route`: the interval lies above 0; `single`: none of it does; `unsure`: a part of it does. */
export type Decision = "route" | "single" | "unsure";

/** The decision from the interval of a gain; an unknown end decides nothing. */
export function decide({ low, high }: Interval): Decision {
  if (low !== null && low > 0) return "route";
  return high !== null && high <= 0 ? "single" : "unsure";
}

/** Do not ask for more labels than this many times those at hand. */
const MOST = 100;
/** Ask for at least this share of the labels at hand: the rule is too rough to judge fewer. */
const LEAST = 0.1;

/**
 * Number of further labelled test queries that would likely move 0 out of the interval, if the estimate stays. The
 * width shrinks with 1 / √queries, so from `queries` to queries · (half width / |estimate|)², the half width towards 0.
 * At least a tenth of those at hand; 0 where it is decided; null where an end is unknown or it would take more than 100
 * times the labels at hand.
 */
export function labelsToSettle({ estimate, low, high }: Interval, queries: number): number | null {
  if (estimate === null || low === null || high === null) return null;
  if (low > 0 || high <= 0) return 0;
  const half = estimate >= 0 ? estimate - low : high - estimate;
  const ratio = (half / estimate) ** 2;
  if (!(ratio <= MOST)) return null;
  return Math.ceil(queries * Math.max(ratio - 1, LEAST));
}
