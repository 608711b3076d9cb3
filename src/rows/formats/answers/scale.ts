import { InputError } from "../../../errors.js";
import { shown } from "../../../text/shown.js";

/** The worst and the best value of a metric. `worst` may be the larger one: then less is better. */
export interface Scale {
  worst: number;
  best: number;
}

export const UNIT: Scale = { worst: 0, best: 1 };

/** The values of one metric in one task. */
export interface ValueRange {
  min: number;
  max: number;
  count: number;
  /** How many are exactly 0, exactly 1, and between them. */
  zeros: number;
  ones: number;
  fractions: number;
  /** How many are verdicts, such as true or "C", which are 0 … 1 whatever the scale. */
  verdicts: number;
}

export function emptyRange(): ValueRange {
  return { min: Infinity, max: -Infinity, count: 0, zeros: 0, ones: 0, fractions: 0, verdicts: 0 };
}

export function extend(range: ValueRange, value: number, isVerdict: boolean): void {
  if (value < range.min) range.min = value;
  if (value > range.max) range.max = value;
  range.count++;
  if (value === 0) range.zeros++;
  else if (value === 1) range.ones++;
  else if (value > 0 && value < 1) range.fractions++;
  if (isVerdict) range.verdicts++;
}

/** Names of grades, which seldom end at 1. */
const GRADE = /grade|rating|likert|stars?\b|mt.?bench|judge.?\d|(?:^|\D)(?:5|10|100)$/i;

/**
 * The scale of a metric, from all values of a task: 0 … 1, 1 … 10, 0 … 10 or 0 … 100; undefined if they leave it open.
 * `isElsewhereWider`: the metric has values above 1 in another task.
 */
export function scaleOf(range: ValueRange, name: string, isElsewhereWider: boolean): Scale | undefined {
  const { min, max, count, zeros, ones, fractions, verdicts } = range;
  if (verdicts > 0) return min >= 0 && max <= 1 ? UNIT : undefined;
  if (!(min >= 0) || max > 100) return undefined;
  // The best of 0 … 1 or the worst of 1 … 10?
  if (max <= 1) return ones === count && (isElsewhereWider || GRADE.test(name)) ? undefined : UNIT;
  const areMostOnes = 2 * ones > count - zeros;
  // Up to 7 it may be 1 … 5 or 1 … 10.
  if (max <= 7 || (areMostOnes && min < 1)) return undefined;
  if (max > 10) return areMostOnes ? undefined : { worst: 0, best: 100 };
  if (fractions > 0) return undefined;
  return min >= 1 ? { worst: 1, best: 10 } : { worst: 0, best: 10 };
}

export function onScale(value: number, { worst, best }: Scale): number {
  return (value - worst) / (best - worst);
}

export function isWithin({ min, max }: ValueRange, { worst, best }: Scale): boolean {
  return min >= Math.min(worst, best) && max <= Math.max(worst, best);
}

export function scaleText({ worst, best }: Scale): string {
  return `${worst} … ${best}`;
}

const NUMBER = String.raw`[+-]?\d{1,15}(?:\.\d{1,15})?`;
const SCALE = new RegExp(`^(${NUMBER})\\.\\.(${NUMBER})$`);

/**
 * A scale as people write it: `1..10`, `0..100`, or `1..0` where less is better.
 *
 * @throws InputError for anything else.
 */
export function parseScale(text: string): Scale {
  const found = SCALE.exec(text.trim());
  const scale = { worst: Number(found?.[1]), best: Number(found?.[2]) };
  if (found === null || scale.worst === scale.best)
    throw new InputError(
      `scale ${shown(text)}; expected WORST..BEST, such as 1..10 or 0..100 (1..0: less is better)`,
      { field: "scale", value: text },
    );
  return scale;
}
