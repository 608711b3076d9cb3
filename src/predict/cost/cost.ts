import { InputError } from "../../errors.js";
import type { Costs, OnProgress } from "../../types.js";
import { Featuriser } from "../features/featuriser.js";
import { FOLDS } from "../selection/folds.js";
import {
  costFitter,
  type CostFit,
  type CostPredictor,
  type Fitting,
  type Records,
  type TokenPrice,
} from "./fitOne.js";
import { fitNonNegative } from "./linearFit.js";
import type { Matrix } from "./ridge.js";
import type { Pool } from "../../pool/pool.js";
import { runTasks } from "../runTasks.js";
import { share } from "../share.js";
import { nextOwner } from "../tasks.js";

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
  pool?: Pool;
  signal?: AbortSignal;
  onProgress?: OnProgress;
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
  const fits = await fitEach({ records, size, dense, seed }, options);
  const looks = fits.some((fit) => fit?.parts.some(({ shape }) => shape.correction !== undefined));
  return {
    models: [...models],
    fits,
    ...(looks && { featuriser: featuriser!.state }),
    isCounted: sample.promptTokens !== undefined,
  };
}

/** Fits models over the pool if there is one; this does not change the fits. */
function fitEach(fitting: Fitting, options: CostOptions): Promise<(CostFit | undefined)[]> {
  const total = fitting.records.length;
  return runTasks(
    total,
    {
      pooled() {
        const task = { kind: "cost" as const, owner: nextOwner(), fitting: share(fitting) };
        return (model) => ({ ...task, model });
      },
      here() {
        const fit = costFitter(fitting);
        return function* (model) {
          yield;
          return fit(model);
        };
      },
    },
    options,
    (done) => options.onProgress?.({ phase: "costs", done, total }),
  );
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
