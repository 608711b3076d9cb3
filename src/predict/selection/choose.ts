import { fitCalibration, towardsBaseRate, type Calibration } from "./calibration.js";
import { calibratedHeldOut, meanLoss, rowLosses, type Candidate } from "./crossValidate.js";
import type { Examples } from "../methods/examples.js";
import type { MethodKind } from "../methods/method.js";
import { logit, sigmoid } from "../methods/logistic.js";

/** What was chosen, and how well it did on held-out rows. */
export interface Choice {
  /** At least one, best first. */
  members: Candidate[];
  /** How they are combined, from their predictions for held-out rows. */
  calibration: Calibration;
  /** Their weight, 0 … 1; the base rate has the rest. */
  share: number;
  /** Their combined prediction for every row, weighted and calibrated on the other folds. */
  heldOut: Float32Array;
  logLoss: number;
}

/**
 * A member with less than this share of the weight is left out: it adds almost nothing, and predicting with it takes
 * time.
 */
const LEAST_SHARE = 0.1;
/** The base rate is kept unless others lower its loss by at least this share; otherwise texts do not help. */
const LEAST_GAIN = 0.001;

/**
 * Takes the best setting of each method, stacked: members are weighted by their predictions for held-out rows, and one
 * that adds almost nothing is left out.
 *
 * The best of many settings looks good by luck alone. So if the base rate was tried, the result is shrunk towards it,
 * the more so the less certain it is that the others are better. If they are not better, the base rate is used alone.
 */
export function choose(candidates: readonly Candidate[], examples: Examples, fold: Int32Array): Choice {
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const rival = best.get(candidate.kind);
    if (rival === undefined || candidate.logLoss < rival.logLoss) best.set(candidate.kind, candidate);
  }
  const baseRate = best.get("base-rate");
  const ranked = [...best.values()]
    .filter((candidate) => candidate !== baseRate)
    .sort((a, b) => a.logLoss - b.logLoss);
  const stacks = stacksOf(ranked).map((members) => tried(telling(members, examples), examples, fold));
  const [stacked] = stacks.sort((a, b) => a.choice.logLoss - b.choice.logLoss);
  if (baseRate === undefined) return stacked.choice;
  const base = tried([baseRate], examples, fold);
  if (stacks.length === 0) return base.choice;
  const { members } = stacked.choice;
  const share = belief(stacked.losses, base.losses);
  if (share === 0) return base.choice;
  const heldOut = between(stacked.choice.heldOut, base.choice.heldOut, share);
  const calibration = towardsBaseRate(stacked.choice.calibration, share);
  return { members, calibration, share, heldOut, logLoss: meanLoss(rowLosses(heldOut, examples)) };
}

/** The methods that are not of the texts, but of what was given beside them. */
export const BESIDE: readonly MethodKind[] = ["columns", "vectors"];

/**
 * The candidates with and without each of the methods beside the texts: one is used only if held-out rows are predicted
 * better with it.
 */
function stacksOf(ranked: readonly Candidate[]): (readonly Candidate[])[] {
  const given = BESIDE.filter((beside) => ranked.some(({ kind }) => kind === beside));
  return Array.from({ length: 2 ** given.length }, (_, taken) =>
    ranked.filter(({ kind }) => !given.includes(kind) || (taken >> given.indexOf(kind)) & 1),
  ).filter((stack) => stack.length > 0);
}

/** The candidates that count, at least the best one. */
function telling(ranked: readonly Candidate[], examples: Examples): Candidate[] {
  const { weight } = fitCalibration(heldOutOf(ranked), examples);
  const sum = weight.reduce((all, w) => all + w, 0);
  return ranked.filter((_, k) => (sum > 0 ? weight[k] >= LEAST_SHARE * sum : k === 0));
}

/** Combined members, and the loss of each held-out row. */
function tried(
  members: Candidate[],
  examples: Examples,
  fold: Int32Array,
): { choice: Choice; losses: Float64Array } {
  const apart = heldOutOf(members);
  const heldOut = calibratedHeldOut(apart, examples, fold);
  const losses = rowLosses(heldOut, examples);
  const calibration = fitCalibration(apart, examples);
  return {
    choice: { members, calibration, share: 1, heldOut, logLoss: meanLoss(losses) },
    losses: losses.sum,
  };
}

function heldOutOf(members: readonly Candidate[]): Float32Array[] {
  return members.map(({ heldOut }) => heldOut);
}

/**
 * Probability that predictions truly have a lower loss than others, given the losses of rows. With z the mean
 * difference in standard errors, the normal density of z is e^(z²/2) times higher if the true difference is the
 * observed one than if it is 0; both have prior probability ½. Returns 0 if the gain is too small.
 */
function belief(losses: Float64Array, others: Float64Array): number {
  const gain = others.map((loss, r) => loss - losses[r]);
  const [mean, before] = [gain, others].map((values) => values.reduce((sum, v) => sum + v, 0) / gain.length);
  if (!(mean > LEAST_GAIN * before)) return 0;
  const squares = gain.reduce((sum, g) => sum + (g - mean) ** 2, 0);
  return 1 / (1 + Math.exp(-((mean * gain.length) ** 2 / squares) / 2));
}

/** Mean log-odds, weighted. */
function between(one: Float32Array, other: Float32Array, share: number): Float32Array {
  return one.map((p, i) => sigmoid(share * logit(p) + (1 - share) * logit(other[i])));
}
