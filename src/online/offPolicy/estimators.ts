import { studentQuantile } from "./student.js";

/** A mean over requests with its 95 % interval. */
export interface Estimate {
  estimate: number;
  low: number;
  high: number;
}

/** A mean that a log supports, by three estimators. */
export interface Estimates {
  status: "estimated";
  /** Inverse propensity scores [HorvitzThompson1952]: unbiased, the widest. */
  ips: Estimate;
  /** The same, normalised by the sum of the weights [SwaminathanJoachims2015]. */
  snips: Estimate;
  /** Predictions, corrected by the weighted residuals of what was observed [DudikLangfordLi2011]; self-normalised. */
  doublyRobust: Estimate;
  /** Requests of equal weight that would tell as much [Kish1965]. */
  effectiveRequests: number;
}

/** The log has too few answers of the models that the policy would choose. */
export interface NotEnough {
  status: "not enough overlap";
  /** The reason in a sentence. */
  why: string;
}

/** How the policy's choice for a request stood in the log. */
export enum Overlap {
  /** The logged policy chose it with a chance of at least ½. */
  Likely,
  /** By exploration only. */
  Seldom,
  /** Never. */
  Never,
}

/** One request as an estimator sees it. */
export interface Row {
  overlap: Overlap;
  /** Predicted for the policy's choice. */
  predicted: number;
  /** Observed, if the logged choice was the policy's; NaN: it was not, or is not known. */
  observed: number;
  /** 1 / (chance of the logged choice · chance that its outcome is known). */
  weight: number;
}

/** Fewer observed answers do not make an estimate. */
export const LEAST_OBSERVED = 20;
/** Of up to this share of the requests, too few answers do not matter: the interval is widened by what they could be. */
export const NEGLIGIBLE = 0.01;

/** The greatest distance of an outcome from its prediction. */
export type Bound = (predicted: number) => number;

/** Requests with the same kind of overlap. */
interface Part {
  rows: Row[];
  /** Rows whose outcome was observed. */
  seen: Row[];
}

/**
 * The mean of an outcome under another policy, from what was logged under one that is known [HorvitzThompson1952]
 * [DudikLangfordLi2011]. Requests where both policies mostly agree and those where the other choice was only explored are
 * normalised apart (post-stratification): their shares are known exactly. Intervals are Student's, with degrees of
 * freedom from the fourth moment, and as if each part had one more answer that is wholly off: a few heavy weights would
 * otherwise make them too short. Undefined: not enough overlap. O(requests).
 */
export function estimateMean(rows: readonly Row[], bound: Bound): Estimates | undefined {
  const parts = [Overlap.Likely, Overlap.Seldom, Overlap.Never]
    .map((overlap) => rows.filter((row) => row.overlap === overlap))
    .filter((part) => part.length > 0)
    .map((part): Part => ({ rows: part, seen: part.filter(({ observed }) => !Number.isNaN(observed)) }));
  const isThin = ({ rows: part, seen }: Part): boolean =>
    seen.length < LEAST_OBSERVED || part[0].overlap === Overlap.Never;
  const thin = parts.filter(isThin);
  const bounded = thin.reduce((sum, part) => sum + part.rows.length, 0);
  if (rows.length === 0 || bounded > NEGLIGIBLE * rows.length) return undefined;
  const known = parts.filter((part) => !isThin(part));
  const outside = boundOf(thin, bound);
  const seen = known.flatMap((part) => part.seen);
  const [sum, squares] = [total(seen, ({ weight }) => weight), total(seen, ({ weight }) => weight ** 2)];
  const of = (moments: Moments): Estimate => withBounds(moments, rows.length, outside);
  return {
    status: "estimated",
    ips: of(byScores(known, bound)),
    snips: of(byParts(known, bound, () => 0)),
    doublyRobust: of(byParts(known, bound, ({ predicted }) => predicted)),
    effectiveRequests: sum ** 2 / squares,
  };
}

/** A sum over the requests, and its influence function's second and fourth moments. */
interface Moments {
  sum: number;
  second: number;
  fourth: number;
}

/** Plain inverse propensity scores. */
function byScores(parts: readonly Part[], bound: Bound): Moments {
  const terms = parts.flatMap(({ rows }) =>
    rows.map(({ observed, weight }) => (Number.isNaN(observed) ? 0 : weight * observed)),
  );
  const sum = terms.reduce((all, term) => all + term, 0);
  const mean = sum / terms.length;
  const more = parts.map((part) => greatestWeight(part) * farthest(part, ({ observed }) => observed, bound));
  return momentsOf(sum, [...terms.map((term) => term - mean), ...more]);
}

/** Normalised part by part; `base` 0: self-normalised, the prediction: doubly robust. */
function byParts(parts: readonly Part[], bound: Bound, base: (row: Row) => number): Moments {
  const solved = parts.map((part) => {
    const weights = total(part.seen, ({ weight }) => weight);
    const residual = total(part.seen, (row) => row.weight * (row.observed - base(row))) / weights;
    return { part, residual, scale: part.rows.length / weights };
  });
  const sum = solved.reduce(
    (all, { part, residual }) => all + total(part.rows, base) + part.rows.length * residual,
    0,
  );
  const mean = sum / parts.reduce((all, { rows }) => all + rows.length, 0);
  const influence = solved.flatMap(({ part, residual, scale }) => {
    const off = (row: Row): number => row.observed - base(row) - residual;
    const own = part.rows.map((row) => {
      const moved = Number.isNaN(row.observed) ? 0 : row.weight * scale * off(row);
      return base(row) + residual - mean + moved;
    });
    return [...own, scale * greatestWeight(part) * farthest(part, off, bound)];
  });
  return momentsOf(sum, influence);
}

function momentsOf(sum: number, influence: readonly number[]): Moments {
  const second = influence.reduce((all, x) => all + x * x, 0);
  return { sum, second, fourth: influence.reduce((all, x) => all + x ** 4, 0) };
}

/** Where nothing is observed: the sum of the predictions, and of how far the outcomes could be from them. */
function boundOf(parts: readonly Part[], bound: Bound) {
  const rows = parts.flatMap((part) => part.rows);
  return {
    sum: total(rows, ({ predicted }) => predicted),
    width: total(rows, ({ predicted }) => bound(predicted)),
  };
}

function withBounds(
  { sum, second, fourth }: Moments,
  requests: number,
  outside: { sum: number; width: number },
): Estimate {
  const degrees = fourth === 0 ? Infinity : second ** 2 / fourth - 1;
  const half = (studentQuantile(degrees) * Math.sqrt(second) + outside.width) / requests;
  const estimate = (sum + outside.sum) / requests;
  return { estimate, low: estimate - half, high: estimate + half };
}

function greatestWeight({ seen }: Part): number {
  return seen.reduce((most, { weight }) => Math.max(most, weight), 0);
}

/** How far one more answer could be off: as far as any that was seen, or as any could be. */
function farthest({ seen }: Part, off: (row: Row) => number, bound: Bound): number {
  return seen.reduce((most, row) => Math.max(most, Math.abs(off(row)), bound(row.predicted)), 0);
}

function total(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0);
}
