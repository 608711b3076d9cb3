/** Normal quantile of a two-sided 95 % interval. */
const Z = 1.959963984540054;

/**
 * Student's t quantile of a two-sided 95 % interval, for ≥ 2 degrees of freedom, whole or not: the expansion in 1/ν
 * [AbramowitzStegun1964] (26.7.5), below 0.1 % off from 4 degrees on.
 */
export function studentQuantile(degrees: number): number {
  const v = Math.max(2, degrees);
  const z2 = Z * Z;
  const terms = [
    (z2 + 1) / 4,
    ((5 * z2 + 16) * z2 + 3) / 96,
    (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
    ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92_160,
  ];
  return Z * (1 + terms.reduce((sum, term, k) => sum + term / v ** (k + 1), 0));
}
