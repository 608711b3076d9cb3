import { marginLoss, sigmoid } from "../methods/logistic.js";

/** The predictions for one model's labelled rows, and the labels. */
export interface Told {
  /** Log-odds above the anchor. */
  margin: number[];
  /** Labels 0 … 1. */
  label: number[];
  /** Log-odds of the model's base rate. */
  anchor: number;
}

/** For each model: its labels have log-odds anchor + intercept + slope · margin. */
export interface Lines {
  intercept: Float64Array;
  /** ≥ 0; 0: the predictions have no effect, and the base rate is used. */
  slope: Float64Array;
}

/** Precision of the prior belief that the intercept is 0; a label's is at most ¼. */
const INTERCEPT_PRIOR = 5;
/** Precisions of the prior on a slope of 1: from models that differ freely to models that are all alike. */
const SLOPE_PRIORS = [1, 4, 16, 64, 256];
const MAX_STEPS = 50;

/**
 * Platt's scaling [Platt1999] of every model about its base rate, with normal priors on both numbers (penalised maximum
 * likelihood). The labels of all models together determine how far slopes lie from 1: the lines are averaged over the
 * prior's precisions, each weighted by the probability it gives the labels (Laplace's approximation of the evidence
 * [MacKay1992]). O(labels · precisions) per step of Newton's method.
 */
export function fitLines(models: readonly Told[]): Lines {
  let from = models.map((): Line => ({ intercept: 0, slope: 1, evidence: 0 }));
  const tried = SLOPE_PRIORS.map((prior) => (from = models.map((told, m) => fitLine(told, prior, from[m]))));
  const evidence = tried.map((lines) => lines.reduce((sum, line) => sum + line.evidence, 0));
  const most = Math.max(...evidence);
  const belief = evidence.map((e) => Math.exp(e - most));
  const all = belief.reduce((sum, b) => sum + b, 0);
  const mean = (of: (line: Line) => number): Float64Array =>
    Float64Array.from(
      models,
      (_, m) => tried.reduce((sum, lines, k) => sum + belief[k] * of(lines[m]), 0) / all,
    );
  return {
    intercept: mean(({ intercept }) => intercept),
    // Relative to 1, so that slopes that need no correction stay exactly 1.
    slope: mean(({ slope }) => slope - 1).map((away) => 1 + away),
  };
}

interface Line {
  intercept: number;
  slope: number;
  /** Logarithm of the probability of the labels, up to a constant of the model. */
  evidence: number;
}

/** The minimum with slope ≥ 0: predictions that point the wrong way are not reversed. */
function fitLine(told: Told, slopePrior: number, from: Line): Line {
  const line = descend(told, slopePrior, from, true);
  return line.slope >= 0 ? line : descend(told, slopePrior, { ...line, slope: 0 }, false);
}

/**
 * Newton's method. The objective is convex; steps are bounded, so that it cannot diverge from any start. `turns`: the
 * slope may change.
 */
function descend({ margin, label, anchor }: Told, slopePrior: number, from: Line, turns: boolean): Line {
  let { intercept: a, slope: b } = from;
  let determinant = 0;
  for (let step = 0; step < MAX_STEPS; step++) {
    let [ga, gb] = [INTERCEPT_PRIOR * a, slopePrior * (b - 1)];
    let [haa, hab, hbb] = [INTERCEPT_PRIOR, 0, slopePrior];
    for (let i = 0; i < margin.length; i++) {
      const p = sigmoid(anchor + a + b * margin[i]);
      const curvature = p * (1 - p);
      ga += p - label[i];
      gb += (p - label[i]) * margin[i];
      haa += curvature;
      hab += curvature * margin[i];
      hbb += curvature * margin[i] * margin[i];
    }
    determinant = haa * hbb - hab * hab;
    const da = turns ? (hbb * ga - hab * gb) / determinant : ga / haa;
    const db = turns ? (haa * gb - hab * ga) / determinant : 0;
    const length = Math.min(1, 1 / (Math.abs(da) + Math.abs(db)));
    a -= length * da;
    b -= length * db;
    if (Math.abs(da) + Math.abs(db) < 1e-9) break;
  }
  let loss = (INTERCEPT_PRIOR * a * a + slopePrior * (b - 1) ** 2) / 2;
  for (let i = 0; i < margin.length; i++) loss += marginLoss(anchor + a + b * margin[i], label[i]);
  const evidence = (Math.log(INTERCEPT_PRIOR * slopePrior) - Math.log(determinant)) / 2 - loss;
  return { intercept: a, slope: b, evidence };
}
