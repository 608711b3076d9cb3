import type { Stratum } from "./strata.js";
import { neyman } from "./strata.js";

/** Sizes of the strata as shares of all rows, and the variance between their means. */
function shapeOf(strata: readonly Stratum[]) {
  const total = strata.reduce((sum, { rows }) => sum + rows.length, 0);
  const share = strata.map(({ rows }) => rows.length / total);
  const mean = strata.reduce((sum, stratum, h) => sum + share[h] * stratum.mean, 0);
  const between = strata.reduce((sum, stratum, h) => sum + share[h] * (stratum.mean - mean) ** 2, 0);
  return { total, share, between };
}

/**
 * Variance of the mean difference with these numbers of labels: of queries such as those of the work, of which the work is
 * itself a sample [Neyman1938]. Infinite where a stratum that needs labels gets none.
 */
export function stratifiedVariance(strata: readonly Stratum[], labels: readonly number[]): number {
  const { total, share, between } = shapeOf(strata);
  return strata.reduce(
    (sum, { variance }, h) => sum + (variance === 0 ? 0 : (share[h] ** 2 * variance) / labels[h]),
    between / total,
  );
}

/** The same with labels drawn from all rows alike. */
export function randomVariance(strata: readonly Stratum[], labels: number): number {
  const { share, between } = shapeOf(strata);
  return strata.reduce((sum, { variance }, h) => sum + share[h] * variance, between) / labels;
}

/** Variance of the weighted mean of independent estimates; `undefined` knows nothing. */
export function together(known: number | undefined, added: number): number {
  return known === undefined ? added : 1 / (1 / known + 1 / added);
}

/** Labels at most: those rows on which plan and standard differ. */
export function mostLabels(strata: readonly Stratum[]): number {
  return strata.reduce((sum, { rows, variance }) => sum + (variance > 0 ? rows.length : 0), 0);
}

/** The fewest labels after which the variance is at most `wanted`; null where all labels are too few. O(log rows). */
export function labelsFor(
  strata: readonly Stratum[],
  wanted: number,
  known: number | undefined,
): number | null {
  const isEnough = (n: number): boolean =>
    together(known, stratifiedVariance(strata, neyman(strata, n))) <= wanted;
  let high = mostLabels(strata);
  if (high === 0 || !isEnough(high)) return null;
  let low = 0;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
