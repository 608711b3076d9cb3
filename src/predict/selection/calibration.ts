import type { Voice } from "../../core/predict/replicateMean.js";
import { labelRates } from "../methods/labelRates.js";
import type { Examples } from "../methods/examples.js";
import { logit, sigmoid } from "../methods/logistic.js";
import { fitLines, type Lines, type Told } from "./platt.js";
import { stackingWeights } from "./stack.js";

/** How the members' log-odds become a prediction, model by model: anchor + intercept + slope · Σ weight·(log-odds − anchor). */
export interface Calibration extends Lines {
  /** One per member, ≥ 0: how much it counts. */
  weight: Float64Array;
  /** Log-odds of the model's base rate. */
  anchor: Float64Array;
}

/** Probabilities are clipped this far from 0 and 1 before their log-odds are taken. */
const CLIP = 1e-6;

/**
 * Fits a calibration to predictions that were made without the rows' own labels: first the weight of each member, for
 * all models together (stacking), then a line for each model. `members`: one matrix of probabilities each, rows ×
 * models. Rows of weight 0 are ignored. O(rows · models · members²).
 */
export function fitCalibration(members: readonly Float32Array[], examples: Examples): Calibration {
  const { models, outcome, weight: counts } = examples;
  const anchor = labelRates(outcome, counts, models).map(logit);
  const margins = members.map((probability) =>
    Float64Array.from(probability, (p, i) => clippedLogit(p) - anchor[i % models]),
  );
  const weight = stackingWeights(margins, examples, anchor);
  const told = Array.from(anchor, (log): Told => ({ margin: [], label: [], anchor: log }));
  outcome.forEach((y, i) => {
    if (counts[Math.floor(i / models)] === 0 || Number.isNaN(y)) return;
    const { margin, label } = told[i % models];
    margin.push(margins.reduce((sum, of, k) => sum + weight[k] * of[i], 0));
    label.push(y);
  });
  return { weight, anchor, ...fitLines(told) };
}

/** Writes the members' combined probabilities, rows × models. `out` may be one of them. O(values · members). */
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

/** The same in a new matrix; without a calibration there is one member, used as it is. */
export function together(
  calibration: Calibration | undefined,
  members: readonly Float32Array[],
): Float32Array {
  if (calibration === undefined) return members[0];
  const out = new Float32Array(members[0].length);
  calibrate(calibration, members, out);
  return out;
}

/** The same for the kernel, the anchors taken together. */
export function voiceOf({ weight, anchor, intercept, slope }: Calibration): Voice {
  const total = weight.reduce((sum, w) => sum + w, 0);
  const base = Array.from(anchor, (a, m) => a + intercept[m] - slope[m] * total * a);
  return { weight: [...weight], base, slope: [...slope], clip: CLIP };
}

function clippedLogit(p: number): number {
  return logit(Math.min(Math.max(p, CLIP), 1 - CLIP));
}

/** Shrinks a calibration towards the base rate, in log-odds. `share`: weight of the calibration, 0 … 1. */
export function towardsBaseRate(calibration: Calibration, share: number): Calibration {
  const { intercept, slope } = calibration;
  return { ...calibration, intercept: intercept.map((a) => share * a), slope: slope.map((b) => share * b) };
}
