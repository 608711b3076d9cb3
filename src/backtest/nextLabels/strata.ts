/** Rows among which labels are drawn with equal chance. */
export interface Stratum {
  /** Ascending. */
  rows: Uint32Array;
  /** Mean of the expected differences. */
  mean: number;
  /** Predicted variance of a recorded difference around that mean. */
  variance: number;
}

/** What is predicted of the difference of each row. */
export interface Predicted {
  mean: Float64Array;
  variance: Float64Array;
}

/** Strata at most, beside that of the rows that need no label. */
const MOST_STRATA = 6;
/** Labels per stratum at least, on average. */
const LEAST_LABELS = 10;

/**
 * Parts the rows by predicted standard deviation of their difference, so that each stratum has an equal part of the sum of
 * all deviations: then equal numbers of labels in each are nearly the best design [DaleniusHodges1959]. Rows without any
 * variance, on which plan and standard agree, are a stratum of their own, the first. O(rows log rows).
 */
export function stratify(predicted: Predicted, labels: number): Stratum[] {
  const { variance } = predicted;
  const rows = [...variance.keys()];
  const agreeing = rows.filter((q) => variance[q] === 0);
  const order = rows.filter((q) => variance[q] > 0).sort((a, b) => variance[a] - variance[b] || a - b);
  const count = Math.max(1, Math.min(MOST_STRATA, Math.floor(Math.min(labels, order.length) / LEAST_LABELS)));
  const total = order.reduce((sum, q) => sum + Math.sqrt(variance[q]), 0);
  const parts: number[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const q of order) {
    parts[Math.min(count - 1, Math.floor((count * before) / total))].push(q);
    before += Math.sqrt(variance[q]);
  }
  return [agreeing, ...parts].filter((part) => part.length > 0).map((part) => stratumOf(part, predicted));
}

function stratumOf(rows: number[], { mean, variance }: Predicted): Stratum {
  const average = (of: (q: number) => number): number =>
    rows.reduce((sum, q) => sum + of(q), 0) / rows.length;
  const centre = average((q) => mean[q]);
  return {
    rows: Uint32Array.from(rows).sort(),
    mean: centre,
    variance: average((q) => variance[q] + (mean[q] - centre) ** 2),
  };
}

/** Part of the spread that a stratum has from all others: predicted variances are not exact. */
const POOLED = 0.25;

/**
 * How many labels each stratum gets, in fractions: in proportion to size × standard deviation [Neyman1934], at most all of
 * its rows. Nothing for a stratum without variance.
 */
export function neyman(strata: readonly Stratum[], labels: number): number[] {
  const open = strata.filter(({ variance }) => variance > 0);
  const size = open.reduce((sum, { rows }) => sum + rows.length, 0);
  const pooled = open.reduce((sum, { rows, variance }) => sum + rows.length * variance, 0) / size;
  const need = strata.map(({ rows, variance }) =>
    variance > 0 ? rows.length * Math.sqrt((1 - POOLED) * variance + POOLED * pooled) : 0,
  );
  const given = strata.map(() => 0);
  const isFull = strata.map(({ variance }) => variance === 0);
  let left = labels;
  // Each pass fills a stratum or is the last.
  for (;;) {
    const total = need.reduce((sum, one, h) => sum + (isFull[h] ? 0 : one), 0);
    const full = strata.findIndex(({ rows }, h) => !isFull[h] && (left * need[h]) / total >= rows.length);
    if (full < 0) {
      need.forEach((one, h) => !isFull[h] && (given[h] = (left * one) / total));
      return given;
    }
    isFull[full] = true;
    given[full] = strata[full].rows.length;
    left -= given[full];
  }
}

/** Whole numbers of labels: the fractions rounded by the largest remainders, at least two where there are two rows. */
export function wholeLabels(strata: readonly Stratum[], labels: number): number[] {
  const wanted = neyman(strata, labels);
  const whole = wanted.map((x, h) =>
    x === 0 ? 0 : Math.max(Math.floor(x), Math.min(2, strata[h].rows.length)),
  );
  const order = [...wanted.keys()].sort((a, b) => wanted[b] - whole[b] - (wanted[a] - whole[a]) || a - b);
  let left = labels - whole.reduce((sum, n) => sum + n, 0);
  for (const h of order)
    if (left > 0 && wanted[h] > 0 && whole[h] < strata[h].rows.length) {
      whole[h]++;
      left--;
    }
  // Two in each may be more than there are.
  for (; left < 0; left++) whole[whole.indexOf(Math.max(...whole))]--;
  return whole;
}
