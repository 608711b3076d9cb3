import { labelRates } from "./labelRates.js";
import type { Lesson } from "./learning.js";
import { logit, sigmoid } from "./logistic.js";

/** How predicted log-odds are corrected, model by model: anchor + intercept + slope·(log-odds − anchor). */
export interface Calibration {
  /** Log-odds of the model's base rate. */
  anchor: Float64Array;
  intercept: Float64Array;
  /** ≥ 0; 0: the predictions say nothing, the base rate is given. */
  slope: Float64Array;
}

/** Probabilities are kept this far from 0 and 1 while their log-odds are looked at. */
const CLIP = 1e-6;
/** Precision of the prior beliefs that nothing is to be corrected: intercept 0, slope 1; a label's is at most ¼. */
const INTERCEPT_PRIOR = 5;
const SLOPE_PRIOR = 5;
const MAX_STEPS = 50;

/**
 * Learns the correction from predictions that were made without the rows' own labels: Platt's scaling [Platt 1999] about the base
 * rate, with a normal prior on both numbers (penalised maximum likelihood, Newton's method). `probability`: rows × models. Rows of weight 0
 * take no part. O(rows · models).
 */
export function fitCalibration(probability: Float32Array, lesson: Lesson): Calibration {
  const { models, outcome, weight } = lesson;
  const anchor = labelRates(outcome, weight, models).map(logit);
  const intercept = new Float64Array(models);
  const slope = new Float64Array(models).fill(1);
  for (let m = 0; m < models; m++) {
    const x: number[] = [];
    const y: number[] = [];
    for (let r = 0; r < weight.length; r++) {
      const label = outcome[r * models + m];
      if (weight[r] === 0 || Number.isNaN(label)) continue;
      x.push(clippedLogit(probability[r * models + m]) - anchor[m]);
      y.push(label);
    }
    [intercept[m], slope[m]] = fitLine(x, y, anchor[m]);
  }
  return { anchor, intercept, slope };
}

/** Corrects probabilities in place, rows × models. */
export function calibrate({ anchor, intercept, slope }: Calibration, probability: Float32Array): void {
  const models = anchor.length;
  for (let i = 0; i < probability.length; i++) {
    const m = i % models;
    probability[i] = sigmoid(
      anchor[m] + intercept[m] + slope[m] * (clippedLogit(probability[i]) - anchor[m]),
    );
  }
}

/** Probabilities of the mean log-odds: of one matrix those it holds. O(values · matrices). */
export function meanLogOdds(matrices: readonly Float32Array[]): Float32Array {
  if (matrices.length === 1) return matrices[0];
  return matrices[0].map((_, i) => {
    let sum = 0;
    for (const probability of matrices) sum += clippedLogit(probability[i]);
    return sigmoid(sum / matrices.length);
  });
}

function clippedLogit(p: number): number {
  return logit(Math.min(Math.max(p, CLIP), 1 - CLIP));
}

/** Intercept and slope of one model. The objective is convex; steps are bounded, so that no start can run away. */
function fitLine(x: number[], y: number[], anchor: number): [number, number] {
  let a = 0;
  let b = 1;
  for (let step = 0; step < MAX_STEPS; step++) {
    let [ga, gb] = [INTERCEPT_PRIOR * a, SLOPE_PRIOR * (b - 1)];
    let [haa, hab, hbb] = [INTERCEPT_PRIOR, 0, SLOPE_PRIOR];
    for (let i = 0; i < x.length; i++) {
      const p = sigmoid(anchor + a + b * x[i]);
      const curvature = p * (1 - p);
      ga += p - y[i];
      gb += (p - y[i]) * x[i];
      haa += curvature;
      hab += curvature * x[i];
      hbb += curvature * x[i] * x[i];
    }
    const determinant = haa * hbb - hab * hab;
    const da = (hbb * ga - hab * gb) / determinant;
    const db = (haa * gb - hab * ga) / determinant;
    const length = Math.min(1, 1 / (Math.abs(da) + Math.abs(db)));
    a -= length * da;
    b -= length * db;
    if (Math.abs(da) + Math.abs(db) < 1e-9) break;
  }
  // Predictions that point the wrong way are not turned round: the base rate is given.
  return b > 0 ? [a, b] : [0, 0];
}
