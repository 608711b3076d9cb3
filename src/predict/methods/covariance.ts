import type { Examples } from "./examples.js";

/** Added to the squared deviations of each model, so that a few labels do not look perfectly correlated. */
const PRIOR = 1;

/**
 * Correlation of the models' labels: Σ zₐ·z_b / √((Σ zₐ² + 1)·(Σ z_b² + 1)) over deviations z from the model's mean
 * label, zero where unlabelled; therefore positive semi-definite; ones on the diagonal. Models × models, row-major.
 * O(rows · models²).
 */
export function labelCorrelation({ models, outcome, weight }: Examples): Float64Array {
  const mean = new Float64Array(models);
  const mass = new Float64Array(models);
  forEachLabel(outcome, models, weight, (y, m, w) => {
    mean[m] += w * y;
    mass[m] += w;
  });
  const correlation = new Float64Array(models * models);
  const z = new Float64Array(models);
  for (let i = 0; i < weight.length; i++) {
    if (weight[i] === 0) continue;
    for (let m = 0; m < models; m++) {
      const y = outcome[i * models + m];
      z[m] = Number.isNaN(y) ? 0 : y - mean[m] / mass[m];
    }
    for (let a = 0; a < models; a++) {
      for (let b = 0; b <= a; b++) correlation[a * models + b] += weight[i] * z[a] * z[b];
    }
  }
  const scale = Float64Array.from(mass, (_, m) => 1 / Math.sqrt(correlation[m * models + m] + PRIOR));
  for (let a = 0; a < models; a++) {
    for (let b = 0; b < a; b++) {
      correlation[a * models + b] *= scale[a] * scale[b];
      correlation[b * models + a] = correlation[a * models + b];
    }
    correlation[a * models + a] = 1;
  }
  return correlation;
}

function forEachLabel(
  outcome: Float32Array,
  models: number,
  weight: Float64Array,
  visit: (y: number, model: number, weight: number) => void,
): void {
  for (let i = 0; i < weight.length; i++) {
    if (weight[i] === 0) continue;
    for (let m = 0; m < models; m++) {
      const y = outcome[i * models + m];
      if (!Number.isNaN(y)) visit(y, m, weight[i]);
    }
  }
}

/** (1 − sharing)·I + sharing·correlation: 0 fits each model separately, 1 shares as far as the labels agree. */
export function shareCovariance(correlation: Float64Array, models: number, sharing: number): Float64Array {
  return correlation.map((c, k) => (k % (models + 1) === 0 ? 1 : sharing * c));
}

const POWER_STEPS = 100;

/**
 * The best approximation with `rank` latent factors: the leading eigenvectors times their eigenvalues (power iteration
 * with deflation), scaled to a mean diagonal of one. O(rank · models²).
 */
export function lowRankCovariance(correlation: Float64Array, models: number, rank: number): Float64Array {
  const rest = correlation.slice();
  const low = new Float64Array(models * models);
  for (let r = 0; r < Math.min(rank, models); r++) {
    // Every factor starts from a different vector: with equal models, the same start would vanish after deflation. No
    // start is symmetric in the models, because it could then be orthogonal to the vector sought.
    let vector = Float64Array.from(
      { length: models },
      (_, m) => Math.cos((Math.PI * r * (m + 0.5)) / models) + 0.01 * m,
    );
    let value = 0;
    for (let step = 0; step < POWER_STEPS; step++) {
      const next = new Float64Array(models);
      for (let a = 0; a < models; a++) {
        for (let b = 0; b < models; b++) next[a] += rest[a * models + b] * vector[b];
      }
      value = Math.hypot(...next);
      if (value < 1e-9) break;
      vector = next.map((x) => x / value);
    }
    if (value < 1e-9) break;
    for (let a = 0; a < models; a++) {
      for (let b = 0; b < models; b++) {
        const part = value * vector[a] * vector[b];
        low[a * models + b] += part;
        rest[a * models + b] -= part;
      }
    }
  }
  let trace = 0;
  for (let m = 0; m < models; m++) trace += low[m * models + m];
  return low.map((x) => (x * models) / trace);
}
