import { calibrate, fitCalibration } from "./calibration.js";
import { FOLDS } from "./folds.js";
import type { Examples } from "../methods/examples.js";
import type { MethodKind, Setting } from "../methods/method.js";
import { methodOf, scoreOnce, settingsOf } from "../methods/methods.js";
import { pointLogLoss } from "./reliability.js";

/** A method with a setting, and how well it did on rows held out. */
export interface Candidate {
  kind: MethodKind;
  setting: Setting;
  /** Mean over the labels, after the predictions are calibrated on the other folds. */
  logLoss: number;
  /** Predictions of every row, each made without the row's fold. */
  heldOut: Float32Array;
}

/** The data that methods are tried on. */
export interface Trial {
  /** The rows that take part in choosing, each of weight 1. */
  examples: Examples;
  /** For each row the fold in which it is held out. */
  fold: Int32Array;
  seed: number;
}

/**
 * Tries all settings of a method with one fold held out: for each setting a matrix, rows × models, in which only the
 * rows of the fold matter. Yields before each fit. The data that a method prepares is reused for its other folds.
 */
export type Trier = (kind: MethodKind, held: number) => Generator<undefined, Float32Array[]>;

export function trier({ examples, fold, seed }: Trial): Trier {
  const prepared = new Map<MethodKind, unknown>();
  return function* (kind, held) {
    const method = methodOf(kind);
    if (!prepared.has(kind)) prepared.set(kind, method.prepare(examples.features, examples.models));
    const others = { ...examples, weight: examples.weight.map((w, r) => (fold[r] === held ? 0 : w)) };
    let learned: unknown;
    const scored: Float32Array[] = [];
    for (const setting of settingsOf(kind, examples.models)) {
      yield;
      learned = method.fit(others, prepared.get(kind), setting, seed, learned);
      const out = new Float32Array(examples.outcome.length);
      if (method.onExamples === undefined) scoreOnce(method, learned, examples.features, out);
      else method.onExamples(learned, out);
      scored.push(out);
    }
    return scored;
  };
}

/** For each setting of a method: every row as it was scored in its own fold. */
export function heldOutBySetting(
  byFold: readonly Float32Array[][],
  { examples, fold }: Trial,
): Float32Array[] {
  return byFold[0].map((_, s) => {
    const heldOut = new Float32Array(examples.outcome.length);
    byFold.forEach((scored, held) => copyFold(scored[s], heldOut, fold, held, examples.models));
    return heldOut;
  });
}

/**
 * Mean log-loss over the labels of the members' combined predictions, with each fold weighted and calibrated on the
 * other folds.
 */
export function calibratedLoss(
  heldOut: readonly Float32Array[],
  examples: Examples,
  fold: Int32Array,
): number {
  return meanLoss(rowLosses(calibratedHeldOut(heldOut, examples, fold), examples));
}

/** Log-losses of rows, each summed over its labels, and the labels of all. */
export interface RowLosses {
  sum: Float64Array;
  labels: number;
}

/** The losses of predictions for every row. */
export function rowLosses(probability: Float32Array, { models, outcome, weight }: Examples): RowLosses {
  const sum = new Float64Array(weight.length);
  let labels = 0;
  outcome.forEach((y, i) => {
    if (Number.isNaN(y)) return;
    sum[Math.floor(i / models)] += pointLogLoss(probability[i], y);
    labels++;
  });
  return { sum, labels };
}

/** Mean loss over the labels. */
export function meanLoss({ sum, labels }: RowLosses): number {
  return sum.reduce((total, loss) => total + loss, 0) / labels;
}

/** The members' combined prediction for every row, weighted and calibrated on the other folds. */
export function calibratedHeldOut(
  heldOut: readonly Float32Array[],
  examples: Examples,
  fold: Int32Array,
): Float32Array {
  const calibrated = new Float32Array(examples.outcome.length);
  const corrected = new Float32Array(examples.outcome.length);
  for (let held = 0; held < FOLDS; held++) {
    const weight = examples.weight.map((w, r) => (fold[r] === held ? 0 : w));
    calibrate(fitCalibration(heldOut, { ...examples, weight }), heldOut, corrected);
    copyFold(corrected, calibrated, fold, held, examples.models);
  }
  return calibrated;
}

function copyFold(
  from: Float32Array,
  to: Float32Array,
  fold: Int32Array,
  held: number,
  models: number,
): void {
  fold.forEach((f, r) => {
    if (f === held) to.set(from.subarray(r * models, (r + 1) * models), r * models);
  });
}
