import { baseRate } from "./baseRate.js";
import type { HeldOut } from "./heldOut.js";
import type { Kernel } from "./kernel.js";
import type { Labels } from "./labels.js";
import { fitLogistic, sigmoid } from "./logistic.js";
import type { LogisticFit } from "./logistic.js";
import { pointLogLoss } from "./reliability.js";

/** L2 strengths tried, strongest first; rows have unit length. */
export const STRENGTHS: readonly number[] = [10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
/** Weights tried run from 0 to 1 in this many equal steps. */
const WEIGHT_STEPS = 20;

/** How one model is to be predicted: rate + weight·(regression − rate). */
export interface Choice {
  strength: number;
  /** 0 … 1; 0: the texts did not help. */
  weight: number;
}

/** Predictions for held-out rows, each made without its group. */
export interface HeldOutPredictions {
  /** One row of probabilities a strength. */
  byStrength: Float64Array[];
  /** The base rate of the other rows. */
  rate: Float64Array;
}

export function emptyPredictions(rows: number): HeldOutPredictions {
  return { byStrength: STRENGTHS.map(() => new Float64Array(rows)), rate: new Float64Array(rows) };
}

/** Fits all strengths without one group, each from the one before, and fills in that group's predictions. */
export function predictGroup(
  kernel: Kernel,
  labels: Labels,
  { group }: HeldOut,
  held: number,
  out: HeldOutPredictions,
): void {
  const weight = labels.weight.map((w, i) => (group[i] === held ? 0 : w));
  const others = { label: labels.label, weight };
  const { rate, hasOneClass } = baseRate(others);
  let fit: LogisticFit | undefined;
  STRENGTHS.forEach((strength, s) => {
    fit = hasOneClass ? undefined : fitLogistic(kernel, others, strength, fit);
    for (let i = 0; i < group.length; i++) {
      if (group[i] === held) out.byStrength[s][i] = fit ? sigmoid(fit.margin[i]) : rate;
    }
  });
  for (let i = 0; i < group.length; i++) if (group[i] === held) out.rate[i] = rate;
}

/**
 * The strength of least held-out log-loss, then the weight of least log-loss with it. Ties go to the stronger
 * strength and the lower weight, so a sample that cannot tell gives the base rate.
 */
export function choose(predictions: HeldOutPredictions, labels: Labels, { group }: HeldOut): Choice {
  const loss = (strength: number, weight: number): number => {
    const p = predictions.byStrength[strength];
    let sum = 0;
    for (let i = 0; i < group.length; i++) {
      if (group[i] < 0 || labels.weight[i] === 0) continue;
      const rate = predictions.rate[i];
      sum += labels.weight[i] * pointLogLoss(rate + weight * (p[i] - rate), labels.label[i]);
    }
    return sum;
  };
  const best = firstLeast(STRENGTHS.map((_, s) => loss(s, 1)));
  const weights = Array.from({ length: WEIGHT_STEPS + 1 }, (_, k) => k / WEIGHT_STEPS);
  return { strength: STRENGTHS[best], weight: weights[firstLeast(weights.map((w) => loss(best, w)))] };
}

function firstLeast(values: number[]): number {
  return values.indexOf(Math.min(...values));
}
