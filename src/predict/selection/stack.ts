import type { Examples } from "../methods/examples.js";

/** Precision, for each model's labels, of the prior beliefs: members count alike and 1 together; no intercept. */
const PRIOR = 5;
const MAX_STEPS = 50;
const MAX_SWEEPS = 200;

/**
 * Stacking [Wolpert1992, Breiman1996]: how much each member counts, ≥ 0, the same for all models. Minimises the
 * log-loss of anchor + intercept + Σ weight·margin over the labels plus normal priors, the weights around 1/members.
 * The labels of different models are correlated, so together they carry little more information than one model's.
 * Therefore the prior's precision grows with the number of models, and with few labels the result is close to the plain
 * mean.
 *
 * `margins`: one matrix per member, rows × models, log-odds above `anchor` (one per model), predicted without the row's
 * own labels. Rows of weight 0 are ignored. Newton's method with the intercepts eliminated, O(rows · models · members²)
 * per step.
 */
export function stackingWeights(
  margins: readonly Float64Array[],
  examples: Examples,
  anchor: Float64Array,
): Float64Array {
  let at = lookAt(margins, examples, anchor, {
    weight: new Float64Array(margins.length).fill(1 / margins.length),
    intercept: new Float64Array(examples.models),
  });
  for (let step = 0; step < MAX_STEPS; step++) {
    const move = newtonMove(at);
    let length = 1;
    let next: Look;
    do {
      next = lookAt(margins, examples, anchor, {
        weight: at.weight.map((w, k) => w + length * move.weight[k]),
        intercept: at.intercept.map((a, m) => a + length * move.intercept[m]),
      });
      length /= 2;
    } while (next.loss > at.loss && length > 1e-3);
    if (!(next.loss < at.loss - 1e-9)) break;
    at = next;
  }
  return at.weight;
}

interface Place {
  weight: Float64Array;
  intercept: Float64Array;
}

/** The first and second derivatives of the objective at a place. */
interface Look extends Place {
  loss: number;
  gradient: Place;
  /** Members × members. */
  ofWeights: Float64Array;
  /** Models × members. */
  mixed: Float64Array;
  ofIntercepts: Float64Array;
}

function lookAt(
  margins: readonly Float64Array[],
  { models, outcome, weight: counts }: Examples,
  anchor: Float64Array,
  { weight, intercept }: Place,
): Look {
  const members = margins.length;
  const gradient = { weight: new Float64Array(members), intercept: intercept.map((a) => PRIOR * a) };
  const ofIntercepts = new Float64Array(models).fill(PRIOR);
  const ofWeights = new Float64Array(members * members);
  const mixed = new Float64Array(models * members);
  let loss = intercept.reduce((sum, a) => sum + (PRIOR / 2) * a * a, 0);
  for (let k = 0; k < members; k++) {
    const away = weight[k] - 1 / members;
    loss += ((models * PRIOR) / 2) * away * away;
    gradient.weight[k] = models * PRIOR * away;
    ofWeights[k * members + k] = models * PRIOR;
  }
  for (let i = 0; i < outcome.length; i++) {
    const y = outcome[i];
    if (Number.isNaN(y) || counts[Math.floor(i / models)] === 0) continue;
    const m = i % models;
    let f = anchor[m] + intercept[m];
    for (let k = 0; k < members; k++) f += weight[k] * margins[k][i];
    // `sigmoid` and `marginLoss` with one exponential.
    const e = Math.exp(-Math.abs(f));
    const p = (f >= 0 ? 1 : e) / (1 + e);
    const curvature = p * (1 - p);
    loss += Math.max(f, 0) + Math.log1p(e) - y * f;
    gradient.intercept[m] += p - y;
    ofIntercepts[m] += curvature;
    for (let k = 0; k < members; k++) {
      const x = margins[k][i];
      gradient.weight[k] += (p - y) * x;
      mixed[m * members + k] += curvature * x;
      for (let l = 0; l <= k; l++) ofWeights[k * members + l] += curvature * x * margins[l][i];
    }
  }
  for (let k = 0; k < members; k++) {
    for (let l = 0; l < k; l++) ofWeights[l * members + k] = ofWeights[k * members + l];
  }
  return { weight, intercept, loss, gradient, ofWeights, mixed, ofIntercepts };
}

/** The minimum, with weights ≥ 0, of the quadratic that touches the objective, by coordinate descent. */
function newtonMove({ weight, gradient, ofWeights, mixed, ofIntercepts }: Look): Place {
  const members = weight.length;
  const slope = gradient.weight.slice();
  const curve = ofWeights.slice();
  for (let m = 0; m < ofIntercepts.length; m++) {
    for (let k = 0; k < members; k++) {
      const share = mixed[m * members + k] / ofIntercepts[m];
      slope[k] -= share * gradient.intercept[m];
      for (let l = 0; l < members; l++) curve[k * members + l] -= share * mixed[m * members + l];
    }
  }
  const move = new Float64Array(members);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let farthest = 0;
    for (let k = 0; k < members; k++) {
      let pull = slope[k];
      for (let l = 0; l < members; l++) pull += curve[k * members + l] * move[l];
      const moved = Math.max(-weight[k], move[k] - pull / curve[k * members + k]);
      farthest = Math.max(farthest, Math.abs(moved - move[k]));
      move[k] = moved;
    }
    if (farthest < 1e-12) break;
  }
  const intercept = ofIntercepts.map((curvature, m) => {
    let pull = gradient.intercept[m];
    for (let k = 0; k < members; k++) pull += mixed[m * members + k] * move[k];
    return -pull / curvature;
  });
  return { weight: move, intercept };
}
