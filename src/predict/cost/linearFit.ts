/** Residuals up to this many deviations count in full [Huber1964]. */
const HUBER = 1.345;
const ITERATIONS = 20;

/**
 * a, b ≥ 0 of y ≈ a·u + b·v, where errors grow with y: weighted least squares of the relative errors, with outliers
 * weighted less (Huber's weights, the scale from the median). u, v, y ≥ 0, of equal length. O(rows) per iteration.
 */
export function fitNonNegative(u: Float64Array, v: Float64Array, y: Float64Array): [a: number, b: number] {
  const means = [u, v, y].map(meanOf);
  if (means[2] === 0) return [0, 0];
  // In units of their means, so that no square leaves the range of numbers.
  const [unitU, unitV, unitY] = means.map((mean) => (mean > 0 ? mean : 1));
  const [a, b] = fitScaled(
    u.map((x) => x / unitU),
    v.map((x) => x / unitV),
    y.map((x) => x / unitY),
  );
  return [(a * unitY) / unitU, (b * unitY) / unitV];
}

/** The same of columns whose means are 1, or 0. */
function fitScaled(u: Float64Array, v: Float64Array, y: Float64Array): [number, number] {
  const least = 1 / 1_000;
  const weight = new Float64Array(y.length).fill(1);
  let pair: [number, number] = [0, 0];
  for (let k = 0; k < ITERATIONS; k++) {
    pair = solvePair(u, v, y, weight);
    const fitted = y.map((_, r) => Math.max(least, pair[0] * u[r] + pair[1] * v[r]));
    const error = y.map((actual, r) => Math.abs(actual - fitted[r]) / fitted[r]);
    const full = HUBER * deviationOf(error);
    for (let r = 0; r < y.length; r++) weight[r] = Math.min(1, full / error[r]) / fitted[r] ** 2;
  }
  return pair;
}

function solvePair(
  u: Float64Array,
  v: Float64Array,
  y: Float64Array,
  weight: Float64Array,
): [number, number] {
  let [uu, uv, vv, uy, vy] = [0, 0, 0, 0, 0];
  for (let r = 0; r < y.length; r++) {
    const w = weight[r];
    uu += w * u[r] * u[r];
    uv += w * u[r] * v[r];
    vv += w * v[r] * v[r];
    uy += w * u[r] * y[r];
    vy += w * v[r] * y[r];
  }
  const determinant = uu * vv - uv * uv;
  if (determinant > 1e-9 * uu * vv) {
    const a = (vv * uy - uv * vy) / determinant;
    const b = (uu * vy - uv * uy) / determinant;
    if (a >= 0 && b >= 0) return [a, b];
  }
  // The best has a 0: the other one alone explains uy²/uu, or vy²/vv.
  const [alone, other] = [uu > 0 ? uy ** 2 / uu : 0, vv > 0 ? vy ** 2 / vv : 0];
  if (alone === 0 && other === 0) return [0, 0];
  return alone >= other ? [uy / uu, 0] : [0, vy / vv];
}

/**
 * The standard deviation of errors around 0, estimated from their median as if they were normal; just above 0 if most
 * are 0.
 */
export function deviationOf(absoluteErrors: Float64Array): number {
  const sorted = absoluteErrors.slice().sort();
  return Math.max(1e-9, 1.4826 * sorted[sorted.length >> 1]);
}

function meanOf(values: Float64Array): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}

export function sumOf(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x, 0);
}
