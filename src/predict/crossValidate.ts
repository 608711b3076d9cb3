import { calibrate, fitCalibration } from "./calibration.js";
import { FOLDS, type Folds } from "./folds.js";
import type { Lesson } from "./learning.js";
import type { Method, MethodKind, Setting } from "./method.js";
import { breathe } from "./breathe.js";
import { pointLogLoss } from "./reliability.js";

/** A method with a setting, and how well it did on rows held out. */
export interface Candidate {
  kind: MethodKind;
  setting: Setting;
  /** Mean over the labels, once the predictions are calibrated on the other folds. */
  logLoss: number;
  /** Predictions of every row, each made without the row's fold. */
  heldOut: Float32Array;
}

/** Tries all settings of a method by cross-validation. `lesson`: the rows that take part in choosing, each of weight 1. */
export async function crossValidate(
  method: Method,
  lesson: Lesson,
  { fold }: Folds,
  seed: number,
  signal?: AbortSignal,
): Promise<Candidate[]> {
  const { settings, kind } = method;
  const prepared = method.prepare(lesson.features, lesson.models);
  const heldOut = settings.map(() => new Float32Array(lesson.outcome.length));
  const scored = new Float32Array(lesson.outcome.length);
  for (let held = 0; held < FOLDS; held++) {
    const others = { ...lesson, weight: lesson.weight.map((w, r) => (fold[r] === held ? 0 : w)) };
    let learned: unknown;
    for (const [s, setting] of settings.entries()) {
      await breathe(signal);
      learned = method.fit(others, prepared, setting, seed, learned);
      if (method.onLesson === undefined) method.scorer(learned)(lesson.features, scored);
      else method.onLesson(learned, scored);
      copyFold(scored, heldOut[s], fold, held, lesson.models);
    }
  }
  return settings.map((setting, s) => {
    return { kind, setting, logLoss: calibratedLoss([heldOut[s]], lesson, fold), heldOut: heldOut[s] };
  });
}

/** Mean log-loss over the labels of what members say together, when each fold is weighed and calibrated by what the others say. */
export function calibratedLoss(heldOut: readonly Float32Array[], lesson: Lesson, fold: Int32Array): number {
  return meanLoss(rowLosses(calibratedHeldOut(heldOut, lesson, fold), lesson));
}

/** Log-losses of rows, each summed over its labels, and the labels of all. */
export interface RowLosses {
  sum: Float64Array;
  labels: number;
}

/** Of predictions of every row. */
export function rowLosses(probability: Float32Array, { models, outcome, weight }: Lesson): RowLosses {
  const sum = new Float64Array(weight.length);
  let labels = 0;
  outcome.forEach((y, i) => {
    if (Number.isNaN(y)) return;
    sum[Math.floor(i / models)] += pointLogLoss(probability[i], y);
    labels++;
  });
  return { sum, labels };
}

/** Over the labels. */
export function meanLoss({ sum, labels }: RowLosses): number {
  return sum.reduce((total, loss) => total + loss, 0) / labels;
}

/** What members say together of every row, when its fold is weighed and calibrated by what the others say. */
export function calibratedHeldOut(
  heldOut: readonly Float32Array[],
  lesson: Lesson,
  fold: Int32Array,
): Float32Array {
  const calibrated = new Float32Array(lesson.outcome.length);
  const corrected = new Float32Array(lesson.outcome.length);
  for (let held = 0; held < FOLDS; held++) {
    const weight = lesson.weight.map((w, r) => (fold[r] === held ? 0 : w));
    calibrate(fitCalibration(heldOut, { ...lesson, weight }), heldOut, corrected);
    copyFold(corrected, calibrated, fold, held, lesson.models);
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
