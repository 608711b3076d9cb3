import { FORMS, fitShape, valueOf, type Form, type Ground, type Shape } from "./costShape.js";
import type { FeaturiserState } from "../features/features.js";
import { FOLDS, planFolds } from "../selection/folds.js";
import { sumOf } from "./linearFit.js";
import { ridgeOn, type FitRidge, type Matrix } from "./ridge.js";
import { LEAST_COST, MOST_COST } from "../../../assembly/layout.js";

/** Dollars per token, ≥ 0. */
export interface TokenPrice {
  input: number;
  output: number;
}

/** How a model's costs are predicted: rate × Σ price · shape. */
export interface CostFit {
  /** @internal Dollars: the cost itself at price 1, or input and output tokens at theirs. */
  parts: { price: number; shape: Shape }[];
  /** Corrects the total of queries that were held out of the fit. */
  rate: number;
  /** Lower bound of predictions; 0 for a model that never cost anything. */
  least: number;
  /** The form's name, for people: "mean", "length" or "ridge", each fitted to "cost" or to "tokens". */
  form: Form["name"];
  of: "cost" | "tokens";
  /** Number of rows it was fitted to. */
  rows: number;
  /** Cross-validated; undefined if there are too few rows. */
  error?: CostError;
}

/** Errors on held-out fifths of the sample; 0.1 is 10 %. */
export interface CostError {
  /** Mean of |predicted − recorded total| / recorded total. */
  total: number;
  /** Σ |predicted − recorded| / Σ recorded. */
  perRow: number;
}

/** A fitted predictor of costs, as plain data. */
export interface CostPredictor {
  models: string[];
  /** One per model; undefined: its cost is unknown. */
  fits: (CostFit | undefined)[];
  /** Present only if a fit uses texts. */
  featuriser?: FeaturiserState;
  /** Whether sizes are counted tokens, which prediction must then be given. */
  isCounted: boolean;
}

/** A simpler form is used if its errors are within this share of the best's, or this share of the costs. */
const TOLERANCE = 0.02;
const SAME = 0.001;

/** The recorded costs and tokens of one model, by its rows. */
export interface Records {
  rows: Uint32Array;
  /** Dollars. */
  cost: Float64Array;
  /** Tokens of the same rows; undefined unless all rows have them and a price is known. */
  tokens?: { input: Float64Array; output: Float64Array; price: TokenPrice };
}

/** What the models' costs are fitted to: plain data for a thread. */
export interface Fitting {
  /** One per model. */
  records: readonly Records[];
  /** Tokens of each query, and its dense features. */
  size: Float64Array;
  dense: Matrix;
  seed: number;
}

/** Fits single models; undefined for one without recorded costs. What models share is computed once. */
export function costFitter({ records, size, dense, seed }: Fitting): (model: number) => CostFit | undefined {
  const ridges = ridgesOf(dense);
  return (model) =>
    records[model].rows.length === 0 ? undefined : fitOne(records[model], size, dense, ridges, seed);
}

/** @internal The predicted dollars of a query, from its size and its row of the dense features. */
export function costOf({ parts, rate, least }: CostFit, size: number, dense: Matrix, row: number): number {
  let sum = 0;
  for (const { price, shape } of parts) sum += price * valueOf(shape, size, dense, row);
  const dollars = rate * sum;
  // Values that are not above the least, including NaN from a forged file, become the least.
  return dollars > Math.max(least, LEAST_COST) ? Math.min(MOST_COST, dollars) : least;
}

type Candidate = Pick<CostFit, "of"> & { form: Form };

/** Fits a candidate to some of a model's rows, given by their places among these. */
type PartsFit = (candidate: Candidate, chosen: Uint32Array) => CostFit["parts"];

function partsFit(records: Records, size: Float64Array, dense: Matrix, ridges: Ridges): PartsFit {
  const { rows, cost, tokens } = records;
  return ({ form, of }, chosen) => {
    const places = chosen.map((k) => rows[k]);
    const ground: Ground = { size, dense, rows: places, ridge: () => ridges(places) };
    const shapeOf = (form: Form, values: Float64Array): Shape =>
      fitShape(
        form,
        Float64Array.from(chosen, (k) => values[k]),
        ground,
      );
    if (of === "cost") return [{ price: 1, shape: shapeOf(form, cost) }];
    const { input, output, price } = tokens!;
    return [
      { price: price.input, shape: shapeOf({ name: "length" }, input) },
      { price: price.output, shape: shapeOf(form, output) },
    ];
  };
}

function fitOne(records: Records, size: Float64Array, dense: Matrix, ridges: Ridges, seed: number): CostFit {
  const { rows, cost } = records;
  const cheapest = cost.reduce((least, c) => (c > 0 && c < least ? c : least), Infinity);
  // A model that never cost anything is free.
  const least = cheapest < Infinity ? Math.max(LEAST_COST, cheapest / 2) : 0;
  const base = { rows: rows.length, least };
  const all = Uint32Array.from(rows.keys());
  const fit = partsFit(records, size, dense, ridges);
  if (rows.length < 2 * FOLDS) {
    const mean: Candidate = { of: "cost", form: { name: "mean" } };
    return { ...base, parts: fit(mean, all), rate: 1, form: "mean", of: "cost" };
  }
  const folds = planFolds(all, seed);
  const actual = Float64Array.from(folds.rows, (k) => cost[k]);
  const valueAt = (parts: CostFit["parts"], k: number): number =>
    costOf({ ...base, parts, rate: 1, form: "mean", of: "cost" }, size[rows[k]], dense, rows[k]);
  const routes = records.tokens === undefined ? (["cost"] as const) : (["cost", "tokens"] as const);
  const candidates = FORMS.flatMap((form) => routes.map((of): Candidate => ({ of, form })));
  const tried = candidates.map((candidate): Tried => {
    const heldOut = predictHeldOut((chosen) => fit(candidate, chosen), valueAt, folds);
    return { candidate, heldOut, error: errorOf(heldOut, actual, folds.fold) };
  });
  const { candidate, heldOut, error } = simplestOf(tried);
  return {
    ...base,
    parts: fit(candidate, all),
    rate: ratio(sumOf(actual), sumOf(heldOut)),
    form: candidate.form.name,
    of: candidate.of,
    error,
  };
}

interface Tried {
  candidate: Candidate;
  heldOut: Float64Array;
  error: CostError;
}

/** Each row's value, from a fit to the other folds. */
function predictHeldOut(
  fit: (chosen: Uint32Array) => CostFit["parts"],
  valueAt: (parts: CostFit["parts"], k: number) => number,
  { rows, fold }: ReturnType<typeof planFolds>,
): Float64Array {
  const heldOut = new Float64Array(rows.length);
  for (let held = 0; held < FOLDS; held++) {
    const parts = fit(rows.filter((_, i) => fold[i] !== held));
    rows.forEach((k, i) => {
      if (fold[i] === held) heldOut[i] = valueAt(parts, k);
    });
  }
  return heldOut;
}

/** The first, and therefore simplest, form whose errors are not clearly above the least. */
function simplestOf(tried: readonly Tried[]): Tried {
  const scoreOf = ({ error }: Tried): number => error.total + error.perRow;
  const best = Math.min(...tried.map(scoreOf));
  return tried.find((one) => scoreOf(one) <= Math.max(best * (1 + TOLERANCE), best + SAME))!;
}

/** Errors of held-out predictions after the total of each fold is corrected by the others'. */
function errorOf(heldOut: Float64Array, actual: Float64Array, fold: Int32Array): CostError {
  let totalError = 0;
  let rowError = 0;
  for (let held = 0; held < FOLDS; held++) {
    const inside = (values: Float64Array): Float64Array => values.filter((_, i) => fold[i] === held);
    const outside = (values: Float64Array): Float64Array => values.filter((_, i) => fold[i] !== held);
    const rate = ratio(sumOf(outside(actual)), sumOf(outside(heldOut)));
    const predicted = inside(heldOut).map((x) => rate * x);
    const recorded = inside(actual);
    totalError += shareOf(Math.abs(sumOf(predicted) - sumOf(recorded)), sumOf(recorded)) / FOLDS;
    rowError += sumOf(predicted.map((x, i) => Math.abs(x - recorded[i])));
  }
  return { total: totalError, perRow: shareOf(rowError, sumOf(actual)) };
}

function ratio(actual: number, predicted: number): number {
  return predicted > 0 ? actual / predicted : 1;
}

/** If the whole is 0, the error is 0. */
function shareOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** Ridges on the rows that were asked for last are kept: models mostly have the same rows, folds and forms. */
type Ridges = (rows: Uint32Array) => FitRidge;

function ridgesOf(dense: Matrix): Ridges {
  const known = new Map<string, FitRidge>();
  return (rows) => {
    const key = rows.join();
    let ridge = known.get(key);
    if (ridge === undefined) {
      if (known.size > FOLDS) known.clear();
      known.set(key, (ridge = ridgeOn(dense, rows)));
    }
    return ridge;
  };
}
