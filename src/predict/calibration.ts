import { labelRates } from "./labelRates.js";
import type { Lesson } from "./learning.js";
import { logit, sigmoid } from "./logistic.js";
import { stackingWeights } from "./stack.js";

/** How the members' log-odds become a prediction, model by model: anchor + intercept + slope · Σ weight·(log-odds − anchor). */
export interface Calibration {
  /** One a member, ≥ 0: how much it counts. */
  weight: Float64Array;
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
 * Learns from predictions that were made without the rows' own labels: first how much each member counts, for all models
 * together (stacking), then of each model Platt's scaling [Platt1999] about the base rate, with a normal prior on both numbers (penalised
 * maximum likelihood, Newton's method). `members`: a matrix of probabilities each, rows × models. Rows of weight 0 take no part.
 * O(rows · models · members²).
 */
export function fitCalibration(members: readonly Float32Array[], lesson: Lesson): Calibration {
  const { models, outcome, weight: counts } = lesson;
  const anchor = labelRates(outcome, counts, models).map(logit);
  const margins = members.map((probability) =>
    Float64Array.from(probability, (p, i) => clippedLogit(p) - anchor[i % models]),
  );
  const weight = stackingWeights(margins, lesson, anchor);
  const intercept = new Float64Array(models);
  const slope = new Float64Array(models).fill(1);
  for (let m = 0; m < models; m++) {
    const x: number[] = [];
    const y: number[] = [];
    for (let r = 0; r < counts.length; r++) {
      const i = r * models + m;
      if (counts[r] === 0 || Number.isNaN(outcome[i])) continue;
      x.push(margins.reduce((sum, margin, k) => sum + weight[k] * margin[i], 0));
      y.push(outcome[i]);
    }
    [intercept[m], slope[m]] = fitLine(x, y, anchor[m]);
  }
  return { weight, anchor, intercept, slope };
}

/** Writes what the members' probabilities say together, rows × models. `out` may be one of them. O(values · members). */
export function calibrate(
  { weight, anchor, intercept, slope }: Calibration,
  members: readonly Float32Array[],
  out: Float32Array,
): void {
  const models = anchor.length;
  for (let i = 0; i < out.length; i++) {
    const m = i % models;
    let margin = 0;
    for (let k = 0; k < members.length; k++) margin += weight[k] * (clippedLogit(members[k][i]) - anchor[m]);
    out[i] = sigmoid(anchor[m] + intercept[m] + slope[m] * margin);
  }
}

/** The same in a fresh matrix; without a calibration there is one member, which stands as it is. */
export function together(
  calibration: Calibration | undefined,
  members: readonly Float32Array[],
): Float32Array {
  if (calibration === undefined) return members[0];
  const out = new Float32Array(members[0].length);
  calibrate(calibration, members, out);
  return out;
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
