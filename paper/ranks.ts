/**
 * Whether methods differ, from their ranks over repeats: Friedman's test with the correction of [ImanDavenport1980],
 * and the critical difference of [Nemenyi1963], all as in [Demsar2006].
 */

/** The 5 % points of the studentised range (infinite degrees of freedom) by √2, for 2 … 10 methods: [Demsar2006], table 5. */
const NEMENYI_Q = [1.96, 2.343, 2.569, 2.728, 2.85, 2.949, 3.031, 3.102, 3.164];

export interface RankTest {
  /** Mean rank of each method, 1 the best; ties share the mean of their ranks. */
  averageRanks: number[];
  /** Friedman's statistic and the chance of one as large among equals; null where every method ties in every repeat. */
  chiSquare: number | null;
  chiSquareP: number | null;
  /** Iman and Davenport's correction of it; null also where all repeats agree entirely, when it is infinite. */
  f: number | null;
  fP: number | null;
  /** Least difference of average ranks that is significant at the 5 % level; null for one or more than 10 methods. */
  criticalDifference: number | null;
}

/** Compares methods by a figure; `values`: one row a repeat, one column a method, at least one of each. */
export function rankTest(values: readonly (readonly number[])[], isHigherBetter: boolean): RankTest {
  const n = values.length;
  const k = values[0].length;
  const ranks = values.map((row) => rankRow(row, isHigherBetter));
  const averageRanks = Array.from({ length: k }, (_, j) => ranks.reduce((sum, row) => sum + row[j], 0) / n);
  const mean = (k + 1) / 2;
  const spread = ranks.flat().reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
  // Equal to Demšar's formula without ties, and the usual correction with them.
  const chiSquare =
    spread === 0
      ? null
      : ((k - 1) * averageRanks.reduce((sum, rank) => sum + (n * (rank - mean)) ** 2, 0)) / spread;
  const denominator = chiSquare === null ? 0 : n * (k - 1) - chiSquare;
  const f = chiSquare !== null && denominator > 1e-9 ? ((n - 1) * chiSquare) / denominator : null;
  const q = NEMENYI_Q[k - 2];
  return {
    averageRanks,
    chiSquare,
    chiSquareP: chiSquare === null ? null : chiSquareTail(chiSquare, k - 1),
    f,
    fP: f === null ? null : fTail(f, k - 1, (k - 1) * (n - 1)),
    criticalDifference: q === undefined ? null : q * Math.sqrt((k * (k + 1)) / (6 * n)),
  };
}

/** Ranks within one repeat, 1 the best; equal values share the mean of their ranks. */
function rankRow(values: readonly number[], isHigherBetter: boolean): number[] {
  const sign = isHigherBetter ? -1 : 1;
  return values.map((value) => {
    const ahead = values.filter((other) => sign * other < sign * value).length;
    const equal = values.filter((other) => other === value).length;
    return ahead + (equal + 1) / 2;
  });
}

/** The chance that a χ² variable exceeds `x`: 1 − P(degrees / 2, x / 2), with P's power series. */
export function chiSquareTail(x: number, degrees: number): number {
  const a = degrees / 2;
  const t = x / 2;
  if (t <= 0) return 1;
  let term = 1 / a;
  let sum = term;
  for (let i = 1; term > sum * 1e-16; i++) {
    term *= t / (a + i);
    sum += term;
  }
  return Math.max(0, 1 - sum * Math.exp(a * Math.log(t) - t - logGamma(a)));
}

/** The chance that an F variable exceeds `f`: the regularised incomplete beta function at d₂ / (d₂ + d₁ f). */
export function fTail(f: number, d1: number, d2: number): number {
  return f <= 0 ? 1 : incompleteBeta(d2 / (d2 + d1 * f), d2 / 2, d1 / 2);
}

/** I_x(a, b) by its continued fraction (Lentz's method), on the side where that converges fast. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    a * Math.log(x) + b * Math.log(1 - x) + logGamma(a + b) - logGamma(a) - logGamma(b) - Math.log(a),
  );
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * result;
}

/** ln Γ of halves of whole numbers, from Γ(½) = √π and Γ(1) = 1. O(x). */
function logGamma(x: number): number {
  const isHalf = x % 1 !== 0;
  let sum = isHalf ? Math.log(Math.PI) / 2 : 0;
  for (let y = isHalf ? 0.5 : 1; y < x; y++) sum += Math.log(y);
  return sum;
}
