/** Recorded differences of the rows that were asked in one stratum. */
export interface Answered {
  /** Rows of the stratum. */
  rows: number;
  /** One for each row that was asked; in a stratum on which plan and standard agree: none. */
  differences: readonly number[];
}

/**
 * The mean difference over all rows by the rows that were asked: the mean of each stratum, weighted by its size. Unbiased
 * whatever was predicted, and so is its variance [Neyman1934]; a stratum without answers counts as 0 exactly. With one
 * answer in a stratum its variance is unknown: NaN.
 */
export function stratifiedMean(strata: readonly Answered[]): { estimate: number; variance: number } {
  const total = strata.reduce((sum, { rows }) => sum + rows, 0);
  const parts = strata.map(({ rows, differences }) => {
    const n = differences.length;
    if (n === 0) return { share: rows / total, mean: 0, noise: 0 };
    const mean = differences.reduce((sum, d) => sum + d, 0) / n;
    const squares = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0);
    return { share: rows / total, mean, noise: n < 2 ? NaN : squares / (n - 1) / n };
  });
  const estimate = parts.reduce((sum, { share, mean }) => sum + share * mean, 0);
  const between = parts.reduce((sum, { share, mean }) => sum + share * (mean - estimate) ** 2, 0);
  const variance = parts.reduce((sum, { share, noise }) => sum + share ** 2 * noise, between / total);
  return { estimate, variance };
}
