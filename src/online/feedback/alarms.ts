import { count, percent } from "../../text/amounts.js";
import { oneLine } from "../../text/shown.js";
import { TOLERANCE, type Drift } from "./drift.js";
import type { Ratio } from "./ratio.js";

/** Something that should be looked at. A router only tells; it does nothing about it by itself. */
export interface Alarm {
  /**
   * `calibration`: answers are better or worse than predicted; `cost`: they cost more or less; `texts`: requests are
   * unlike the texts that the predictor was fitted to.
   */
  kind: "calibration" | "cost" | "texts";
  /** Undefined for texts. */
  model?: string;
  /** What is seen: mean score, actual over predicted dollars, or share of new n-grams. */
  observed: number;
  /** What was predicted, or is usual. */
  expected: number;
  /** The same in a sentence, with the evidence. */
  message: string;
}

/** Chance that a calibration alarm of any model is ever raised without drift. */
export const FALSE_ALARMS = 0.05;
/** Actual over predicted dollars that is not worth an alarm. */
const COSTS = { least: 0.8, most: 1.25 };
/** New n-grams are too many at this many times the usual share, and at least this much above it. */
const TEXTS = { times: 1.5, above: 0.1 };
/** Observations that an alarm about costs or texts needs, and standard errors beyond the limit. */
const LEAST = 50;
const ERRORS = 3;

/** Scores differ from their probabilities by more than the tolerance: the capital of a bet on it has grown enough. */
export function calibrationAlarm(model: string, drift: Drift, models: number): Alarm | undefined {
  if (drift.evidence < models / FALSE_ALARMS) return undefined;
  const { score, probability } = drift.means;
  const message =
    `${oneLine(model)}: answers are judged ${percent(score, 1)} good lately where ${percent(probability, 1)} was predicted ` +
    `before corrections; that they differ by more than ${percent(TOLERANCE, 0)} has evidence ${count(Math.round(Math.min(drift.evidence, 1e9)))} : 1. Refit the predictor.`;
  return { kind: "calibration", model, observed: score, expected: probability, message };
}

/** Answers cost more, or less, than predicted, by more than a quarter or a fifth. */
export function costAlarm(model: string, ratio: Ratio): Alarm | undefined {
  if (ratio.count < LEAST) return undefined;
  const { estimate, standardError } = ratio;
  const isOver = estimate - ERRORS * standardError > COSTS.most;
  if (!isOver && !(estimate + ERRORS * standardError < COSTS.least)) return undefined;
  const message =
    `${oneLine(model)}: answers cost ${estimate.toFixed(2)} times what was predicted (standard error ` +
    `${standardError.toFixed(2)}, ${count(Math.round(ratio.count))} answers). Check its price, or refit the predictor.`;
  return { kind: "cost", model, observed: estimate, expected: 1, message };
}

/** Requests hold more n-grams that are new than the fitted texts would lead one to expect. */
export function textsAlarm(share: Ratio, expected: number): Alarm | undefined {
  if (share.count < LEAST) return undefined;
  const { estimate, standardError } = share;
  const limit = Math.max(TEXTS.times * expected, expected + TEXTS.above);
  if (!(estimate - ERRORS * standardError > limit)) return undefined;
  const message =
    `${percent(estimate, 0)} of the n-grams of requests are new to the predictor (${count(Math.round(share.count))} requests), ` +
    `where ${percent(expected, 0)} is usual for its sample. Label some of these requests, and refit.`;
  return { kind: "texts", observed: estimate, expected, message };
}
