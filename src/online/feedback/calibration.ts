import { logit, sigmoid } from "../../predict/methods/logistic.js";

/** What a score counts beside the next one of its model: about the last 500 count. */
const KEPT = 0.998;
/** Greatest weight of one score: a model that is chosen once in a thousand requests must not be moved by one answer. */
const MOST_WEIGHT = 10;
/** Precisions of the prior belief that intercept and slope need no correction; a score's is at most ¼. */
const INTERCEPT_PRIOR = 5;
const SLOPE_PRIOR = 16;
/** Probabilities are clipped this far from 0 and 1 before their log-odds are taken. */
const CLIP = 1e-6;
/** Corrections beyond this many units of log-odds are not believed. */
const MOST_INTERCEPT = 5;
const MOST_SLOPE = 4;

/** The sums of one model: information and response of (intercept, slope − 1), and of the weights. Zeros: no score. */
export type CalibrationSums = [
  aa: number,
  ab: number,
  bb: number,
  a: number,
  b: number,
  w: number,
  ww: number,
];

/** A model's correction: log-odds become intercept + slope · log-odds. */
export interface Correction {
  model: string;
  intercept: number;
  slope: number;
  /** Scores that it rests on: those of long ago and of unequal weight count for less. */
  effectiveScores: number;
}

/**
 * Corrects probabilities by what answers were judged to be: for each model an intercept and a slope on the log-odds,
 * by iteratively reweighted least squares one score at a time, with exponential forgetting. Scores weigh by the inverse
 * of their propensity, clipped, so that the line fits all requests and not only those that the model was the best for.
 * A normal prior shrinks the line to the identity, and as scores are forgotten it returns there. The information of the
 * scores is scaled to their effective number [Kish1965]. Without a score, probabilities keep every bit.
 */
export class Calibration {
  private readonly sums: CalibrationSums[];
  private readonly intercept: Float64Array;
  private readonly slope: Float64Array;

  constructor(models: number) {
    this.sums = Array.from({ length: models }, (): CalibrationSums => [0, 0, 0, 0, 0, 0, 0]);
    this.intercept = new Float64Array(models);
    this.slope = new Float64Array(models).fill(1);
  }

  /** Corrects a request's probabilities in place. O(models). */
  apply(probability: Float64Array): void {
    for (let m = 0; m < this.sums.length; m++) {
      if (this.sums[m][5] > 0) probability[m] = this.corrected(m, probability[m]);
    }
  }

  /** An answer's score 0 … 1, where the scorer had given this probability. O(1). */
  observe(model: number, probability: number, score: number, propensity: number): void {
    const sums = this.sums[model];
    const x = clippedLogit(probability);
    const p = sigmoid(this.intercept[model] + this.slope[model] * x);
    const weight = Math.min(MOST_WEIGHT, 1 / Math.max(propensity, 1e-9));
    const curvature = weight * p * (1 - p);
    // The response of the linearised model: what the line said, and by how much the score differs.
    const moved = curvature * (this.intercept[model] + (this.slope[model] - 1) * x) + weight * (score - p);
    const added = [curvature, curvature * x, curvature * x * x, moved, moved * x, weight, weight * weight];
    for (let k = 0; k < added.length; k++) sums[k] = KEPT * sums[k] + added[k];
    this.solve(model);
  }

  /** The corrections of models that have scores. */
  corrections(models: readonly string[]): Correction[] {
    return models.flatMap((model, m) => {
      const effectiveScores = effective(this.sums[m]);
      return effectiveScores === 0
        ? []
        : [{ model, intercept: this.intercept[m], slope: this.slope[m], effectiveScores }];
    });
  }

  state(): CalibrationSums[] {
    return this.sums.map((sums) => [...sums]);
  }

  restore(state: readonly CalibrationSums[]): void {
    state.forEach((sums, m) => {
      this.sums[m] = [...sums];
      if (sums[5] > 0) this.solve(m);
    });
  }

  private corrected(model: number, probability: number): number {
    return sigmoid(this.intercept[model] + this.slope[model] * clippedLogit(probability));
  }

  /** The line of greatest posterior density, of slope ≥ 0: predictions are not reversed. */
  private solve(model: number): void {
    const [aa, ab, bb, a, b, w, ww] = this.sums[model];
    const scale = w / ww;
    const [haa, hab, hbb] = [INTERCEPT_PRIOR + scale * aa, scale * ab, SLOPE_PRIOR + scale * bb];
    const determinant = haa * hbb - hab * hab;
    let slope = (scale * (haa * b - hab * a)) / determinant;
    slope = Math.min(MOST_SLOPE - 1, Math.max(-1, slope));
    const intercept = (scale * a - hab * slope) / haa;
    this.intercept[model] = Math.min(MOST_INTERCEPT, Math.max(-MOST_INTERCEPT, intercept));
    this.slope[model] = 1 + slope;
  }
}

function effective([, , , , , w, ww]: CalibrationSums): number {
  return ww === 0 ? 0 : (w * w) / ww;
}

function clippedLogit(p: number): number {
  return logit(Math.min(1 - CLIP, Math.max(CLIP, p)));
}
