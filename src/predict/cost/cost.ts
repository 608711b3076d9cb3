import { InputError } from "../../errors.js";
import type { Costs, OnProgress } from "../../types.js";
import { FORMS, fitShape, valueOf, type Form, type Ground, type Shape } from "./costShape.js";
import type { FeaturiserState } from "../features/features.js";
import { Featuriser } from "../features/featuriser.js";
import { FOLDS, planFolds } from "../selection/folds.js";
import { fitNonNegative, sumOf } from "./linearFit.js";
import { breathe } from "../../pool/breathe.js";
import { ridgeOn, type FitRidge, type Matrix } from "./ridge.js";
import { LEAST_COST, MOST_COST } from "../../../assembly/layout.js";

/** Dollars per token, ≥ 0. */
export interface TokenPrice {
  input: number;
  output: number;
}

/** Queries whose costs were recorded. */
export interface CostSample {
  models: readonly string[];
  queries: readonly string[];
  /** Dollars ≥ 0, queries × models; `Infinity` or NaN: not recorded. */
  cost: Costs;
  /** Queries × models; NaN: not recorded. */
  tokens?: { input: Float32Array; output: Float32Array };
  /** Tokens of each query's text, counted; default: estimated by its length. */
  promptTokens?: ArrayLike<number>;
}

/** How costs are fitted. */
export interface CostOptions {
  /** By model. Default: found from the sample's costs and tokens. */
  prices?: ReadonlyMap<string, TokenPrice>;
  /** Texts to be predicted later; they improve the text features. */
  unlabelled?: readonly string[];
  /** Whole number, default 1. The same sample, options and seed give the same costs. */
  seed?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
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

/** The wanted models whose costs it knows; default: all. */
export function knownCosts(
  { models, fits, ...rest }: CostPredictor,
  wanted: readonly string[] = models,
): CostPredictor {
  const known = [...models.keys()].filter((m) => fits[m] !== undefined && wanted.includes(models[m]));
  return { ...rest, models: known.map((m) => models[m]), fits: known.map((m) => fits[m]) };
}

/** Dimensions of the text features. */
const DIMENSIONS = 64;
/** A simpler form is used if its errors are within this share of the best's, or this share of the costs. */
const TOLERANCE = 0.02;
const SAME = 0.001;
/** Approximate characters per token; a linear fit does not depend on it. */
const CHARACTERS = 4;
/**
 * Fits a predictor of each model's costs to recorded costs. For each model separately, forms are compared by 5-fold
 * cross-validation (on at most 1,000 rows), by the sum of the two errors of `CostError`; the simplest form whose sum is
 * within 2 % of the least, or 0.1 % of the costs, is used. If tokens are recorded, forms that predict the answer's
 * tokens, at the model's prices, are compared too.
 *
 * Throws InputError for matrices of the wrong size, or a price or number of tokens that is not a number ≥ 0.
 */
export async function fitCosts(sample: CostSample, options: CostOptions = {}): Promise<CostPredictor> {
  checkSample(sample, options);
  const { models, queries } = sample;
  const { seed = 1, signal, onProgress } = options;
  const records = models.map((model, m) => recordsOf(sample, m, options.prices?.get(model)));
  const isLooking = records.some(({ rows }) => rows.length >= 2 * FOLDS);
  const featuriser = isLooking
    ? await Featuriser.fit(queries, options.unlabelled ?? [], {
        dimensions: DIMENSIONS,
        seed,
        signal,
        onProgress,
      })
    : undefined;
  const dense: Matrix = featuriser?.dense(queries) ?? { columns: 0, value: new Float32Array(0) };
  const size = sizesOf(queries, sample.promptTokens);
  const ridges = ridgesOf(dense);
  const fits: (CostFit | undefined)[] = [];
  for (const [m, record] of records.entries()) {
    await breathe(signal);
    onProgress?.({ phase: "costs", done: m, total: models.length });
    fits.push(record.rows.length === 0 ? undefined : fitOne(record, size, dense, ridges, seed));
  }
  onProgress?.({ phase: "costs", done: models.length, total: models.length });
  const looks = fits.some((fit) => fit?.parts.some(({ shape }) => shape.correction !== undefined));
  return {
    models: [...models],
    fits,
    ...(looks && { featuriser: featuriser!.state }),
    isCounted: sample.promptTokens !== undefined,
  };
}

/** @internal The predicted dollars of a query, from its size and its row of the dense features. */
export function costOf({ parts, rate, least }: CostFit, size: number, dense: Matrix, row: number): number {
  let sum = 0;
  for (const { price, shape } of parts) sum += price * valueOf(shape, size, dense, row);
  const dollars = rate * sum;
  // Values that are not above the least, including NaN from a forged file, become the least.
  return dollars > Math.max(least, LEAST_COST) ? Math.min(MOST_COST, dollars) : least;
}

/** The recorded costs and tokens of one model, by its rows. */
interface Records {
  rows: Uint32Array;
  /** Dollars. */
  cost: Float64Array;
  /** Tokens of the same rows; undefined unless all rows have them and a price is known. */
  tokens?: { input: Float64Array; output: Float64Array; price: TokenPrice };
}

function recordsOf({ models, queries, cost, tokens }: CostSample, m: number, price?: TokenPrice): Records {
  const rowsWhere = (isKnown: (option: number) => boolean): Uint32Array =>
    Uint32Array.from({ length: queries.length }, (_, q) => q).filter((q) => isKnown(q * models.length + m));
  const columnOf = (matrix: Costs, rows: Uint32Array): Float64Array =>
    Float64Array.from(rows, (q) => matrix[q * models.length + m]);
  const hasTokens = (option: number): boolean =>
    tokens !== undefined && Number.isFinite(tokens.input[option]) && Number.isFinite(tokens.output[option]);
  const told = (rows: Uint32Array) => ({
    input: columnOf(tokens!.input, rows),
    output: columnOf(tokens!.output, rows),
  });
  const tokenRows = rowsWhere(hasTokens);
  if (price !== undefined && tokenRows.length > 0) {
    const { input, output } = told(tokenRows);
    const dollars = input.map((tokens, r) => price.input * tokens + price.output * output[r]);
    return { rows: tokenRows, cost: dollars, tokens: { input, output, price } };
  }
  const rows = rowsWhere((option) => Number.isFinite(cost[option]));
  const dollars = columnOf(cost, rows);
  if (rows.length === 0 || !rows.every((q) => hasTokens(q * models.length + m)))
    return { rows, cost: dollars };
  const { input, output } = told(rows);
  const [pricedInput, pricedOutput] = fitNonNegative(input, output, dollars);
  return {
    rows,
    cost: dollars,
    tokens: { input, output, price: { input: pricedInput, output: pricedOutput } },
  };
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

/** Tokens as counted, or estimated from the length of the texts. */
function sizesOf(queries: readonly string[], promptTokens: ArrayLike<number> | undefined): Float64Array {
  return Float64Array.from(queries, (text, q) => promptTokens?.[q] ?? sizeOf(text));
}

/** The estimated tokens of a text. */
export function sizeOf(text: string): number {
  return text.length / CHARACTERS;
}

function checkSample(
  { models, queries, cost, tokens, promptTokens }: CostSample,
  { prices }: CostOptions,
): void {
  for (const matrix of [cost, ...(tokens ? [tokens.input, tokens.output] : [])]) {
    if (matrix.length === queries.length * models.length) continue;
    throw new InputError(
      `a matrix has ${matrix.length} values; expected ${queries.length} queries × ${models.length} models`,
      { field: "cost", value: matrix.length },
    );
  }
  checkTokens(promptTokens, queries.length);
  for (const [model, price] of prices ?? []) {
    for (const dollars of [price.input, price.output]) {
      if (dollars >= 0 && dollars < Infinity) continue;
      throw new InputError(`a price of model "${model}" is ${dollars}; expected dollars ≥ 0 a token`, {
        field: "prices",
        model,
      });
    }
  }
}

export function checkTokens(promptTokens: ArrayLike<number> | undefined, queries: number): void {
  if (promptTokens === undefined) return;
  const tokens = Array.from(promptTokens);
  const wrong = tokens.findIndex((count) => !(count >= 0 && count < Infinity));
  if (tokens.length === queries && wrong < 0) return;
  throw new InputError(
    wrong < 0
      ? `promptTokens has ${tokens.length} values; expected ${queries}, one a query`
      : `promptTokens of query ${wrong} is ${tokens[wrong]}; expected a number ≥ 0`,
    { field: "promptTokens" },
  );
}
