import { InputError } from "../../errors.js";
import { binsOf, eceOf, mergeBins, type ReliabilityBin } from "./bins.js";

/** Predicted probabilities are kept this far from 0 and 1 in log-loss: about the resolution of float32 near 1. */
export const LOG_LOSS_CLIP = 1e-7;

/** How well predicted probabilities agree with outcomes. NaN where undefined, which JSON writes as null. */
export interface Reliability {
  /** (query, model) pairs with an outcome. */
  labels: number;
  /** Mean squared error of the probability, 0 … 1; lower is better. */
  brier: number;
  /** Mean cross-entropy, natural logarithm; lower is better. */
  logLoss: number;
  /** Expected calibration error, 0 … 1; lower is better. */
  ece: number;
  /** Chance that a right answer was predicted more probable than a wrong one, 0 … 1; ½ is chance. */
  auroc: number;
}

/** The reliability of one model. */
export interface ModelReliability extends Reliability {
  /** The reliability diagram: 15 bins of equal width from 0 to 1. */
  bins: ReliabilityBin[];
}

/** One set of figures for each model, and the mean over the models for which a figure is defined. */
export interface ReliabilityReport {
  perModel: ModelReliability[];
  /** `labels` is the sum. */
  mean: Reliability;
  /** Over all models' pairs together. */
  pooledBins: ReliabilityBin[];
  /** Their expected calibration error, in which errors of different models may cancel. */
  pooledEce: number;
}

/**
 * All figures from matrices queries × models, row-major; NaN outcomes are skipped, fractional ones allowed.
 * O(Q·M·log Q).
 */
export function reliability(
  successProbability: Float32Array,
  outcome: Float32Array,
  models: number,
): ReliabilityReport {
  if (!(models >= 1) || successProbability.length !== outcome.length || outcome.length % models !== 0) {
    throw new InputError(
      `reliability got ${successProbability.length} probabilities, ${outcome.length} outcomes and ${models} models; ` +
        "expected two matrices queries × models",
      { field: "outcome", value: outcome.length },
    );
  }
  const pairs = Array.from({ length: models }, (_, m) =>
    labelledPairs(successProbability, outcome, models, m),
  );
  return reportOf(
    pairs.map(({ p, y }) => {
      const bins = binsOf(p, y);
      return {
        labels: y.length,
        brier: brier(p, y),
        logLoss: logLoss(p, y),
        ece: eceOf(bins),
        auroc: auroc(p, y),
        bins,
      };
    }),
  );
}

/** The report of all models, with the figures over all of them. */
export function reportOf<Model extends ModelReliability>(
  perModel: Model[],
): ReliabilityReport & { perModel: Model[] } {
  const mean = (figure: (r: Reliability) => number): number => meanOfDefined(perModel.map(figure));
  const pooledBins = mergeBins(perModel.map(({ bins }) => bins));
  return {
    perModel,
    mean: {
      labels: perModel.reduce((sum, r) => sum + r.labels, 0),
      brier: mean((r) => r.brier),
      logLoss: mean((r) => r.logLoss),
      ece: mean((r) => r.ece),
      auroc: mean((r) => r.auroc),
    },
    pooledBins,
    pooledEce: eceOf(pooledBins),
  };
}

/** Brier score Σ(p − y)²/n of probabilities and outcomes 0 … 1; NaN when empty. */
export function brier(p: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += (p[i] - y[i]) ** 2;
  return sum / y.length;
}

/** Mean of `pointLogLoss`; NaN when empty. */
export function logLoss(p: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += pointLogLoss(p[i], y[i]);
  return sum / y.length;
}

/** −y·ln p − (1 − y)·ln(1 − p), p clipped to [10⁻⁷, 1 − 10⁻⁷]. */
export function pointLogLoss(p: number, y: number): number {
  const clipped = Math.min(Math.max(p, LOG_LOSS_CLIP), 1 - LOG_LOSS_CLIP);
  return -(y * Math.log(clipped) + (1 - y) * Math.log(1 - clipped));
}

/**
 * Area under the ROC curve by ranks, ties counting half. An outcome ≥ 0.5 is a right answer; NaN when all are
 * right or all are wrong. O(n log n).
 */
export function auroc(p: Float64Array, y: Float64Array): number {
  const order = Uint32Array.from(y, (_, i) => i).sort((a, b) => p[a] - p[b]);
  let right = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    let rightHere = 0;
    while (to < order.length && p[order[to]] === p[order[from]]) {
      if (y[order[to++]] >= 0.5) rightHere++;
    }
    // The rows from … to − 1 tie: each has the mean of their ranks, which start at 1.
    rankSum += (rightHere * (from + 1 + to)) / 2;
    right += rightHere;
    from = to;
  }
  return (rankSum - (right * (right + 1)) / 2) / (right * (order.length - right));
}

function labelledPairs(
  successProbability: Float32Array,
  outcome: Float32Array,
  models: number,
  m: number,
): { p: Float64Array; y: Float64Array } {
  const p: number[] = [];
  const y: number[] = [];
  for (let at = m; at < outcome.length; at += models) {
    if (Number.isNaN(outcome[at])) continue;
    p.push(successProbability[at]);
    y.push(outcome[at]);
  }
  return { p: Float64Array.from(p), y: Float64Array.from(y) };
}

/** The mean of the defined values; NaN if there are none. */
export function meanOfDefined(values: readonly number[]): number {
  const defined = values.filter((v) => !Number.isNaN(v));
  return defined.reduce((sum, v) => sum + v, 0) / defined.length;
}
