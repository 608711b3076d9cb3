import { InputError } from "../errors.js";
import { fitCosts, knownCosts } from "../predict/cost/cost.js";
import type { CostFit, CostPredictor, TokenPrice } from "../predict/cost/fitOne.js";
import { predictCosts } from "../predict/cost/predictCosts.js";
import type { Pool } from "../pool/pool.js";
import type { Costs, Dataset, OnProgress } from "../types.js";
import { columnHas, takeModels } from "./rows.js";
import { isSample, type Source } from "./source.js";
import { selectColumns } from "../matrix.js";

/** Which costs are predicted. */
export interface CostPredictionOptions {
  /** Fills every blank cost of a model, not only columns that are blank altogether. Default: false. */
  predictCost?: boolean;
  /**
   * Dollars a token by model, instead of those from the sample's costs and tokens; needs tokens in the sample. A predictor
   * keeps the prices that it was fitted with.
   */
  prices?: ReadonlyMap<string, TokenPrice>;
  /** The only models that take part: rows may allow others as well. Default: all, and rows must allow known ones. */
  models?: readonly string[];
  seed?: number;
  pool?: Pool;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** How a model's costs came to be predicted. */
export type PredictedCost = Pick<CostFit, "form" | "of" | "rows" | "error"> & { model: string };

/**
 * Work whose blank costs are predicted from a labelled sample or with a predictor that knows costs: those of models
 * that have labels, where the whole column is blank or missing, or wherever they are blank if that is asked for. What is
 * recorded stays, and a model that a row does not allow stays forbidden there. Costs of models
 * without any known cost stay blank.
 */
export async function withPredictedCosts(
  work: Dataset,
  source: Source,
  options: CostPredictionOptions = {},
): Promise<{ work: Dataset; predicted: PredictedCost[] }> {
  const { predictCost = false, signal, onProgress } = options;
  const labelled = isSample(source)
    ? source.models.filter((_, m) => columnHas(source, source.outcome, m, Number.isFinite))
    : source.models;
  const wanted = among(options.models, labelled).filter((name) => {
    const column = work.models.indexOf(name);
    return predictCost || column < 0 || !columnHas(work, work.cost, column, Number.isFinite);
  });
  if (options.models === undefined) checkAllowed(work, source.models);
  if (wanted.length === 0) return { work, predicted: [] };
  const fitted = isSample(source)
    ? [await fitSampleCosts(source, wanted, work.queries, options)]
    : source.costs;
  const costs = fitted.map((part) => knownCosts(part, wanted)).filter(({ models }) => models.length > 0);
  if (costs.length === 0) return { work, predicted: [] };
  const filled = withColumns(
    work,
    costs.flatMap(({ models }) => models),
  );
  for (const part of costs) {
    const dollars = await predictCosts(part, work.queries, { signal, onProgress });
    for (const [from, model] of part.models.entries()) {
      const to = filled.models.indexOf(model);
      for (let q = 0; q < filled.ids.length; q++) {
        const option = q * filled.models.length + to;
        const allowed = filled.allowedModels?.[q];
        if (Number.isFinite(filled.cost[option]) || allowed?.includes(model) === false) continue;
        filled.cost[option] = dollars[q * part.models.length + from];
      }
    }
  }
  return { work: filled, predicted: costs.flatMap(predictedCosts) };
}

/** The names that were asked for; all of them if none was. */
export function among(asked: readonly string[] | undefined, names: string[]): string[] {
  return asked === undefined ? names : names.filter((name) => asked.includes(name));
}

/** Fits cost predictors for these models to a sample. */
export function fitSampleCosts(
  sample: Dataset,
  wanted: readonly string[],
  unlabelled: readonly string[],
  { prices, seed, pool, signal, onProgress }: CostPredictionOptions,
): Promise<CostPredictor> {
  const { models, queries, cost, tokens } = takeModels(sample, wanted);
  return fitCosts({ models, queries, cost, tokens }, { prices, unlabelled, seed, pool, signal, onProgress });
}

/** How it predicts, for each model. */
export function predictedCosts({ models, fits }: CostPredictor): PredictedCost[] {
  return models.flatMap((model, m): PredictedCost[] => {
    const fit = fits[m];
    return fit === undefined ? [] : [{ model, form: fit.form, of: fit.of, rows: fit.rows, error: fit.error }];
  });
}

/** Sentences for the user, one for each model. */
export function costNotes(predicted: readonly PredictedCost[]): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return predicted.map(({ model, form, of, rows, error }) => {
    const how = {
      mean: "their mean",
      length: "the prompt's length",
      ridge: "the prompt's length and text features",
    }[form];
    const priced = of === "tokens" ? ", of tokens at their prices" : "";
    const errors =
      error === undefined
        ? "too few to estimate the error"
        : `cross-validated error of the total ${percent(error.total)}, of a row ${percent(error.perRow)}`;
    return `costs of model "${model}" are predicted from ${rows} recorded ones by ${how}${priced}; ${errors}`;
  });
}

/** A copy with a column for each of these models, blank where there was none. */
function withColumns(work: Dataset, models: readonly string[]): Dataset {
  const names = [...work.models, ...models.filter((name) => !work.models.includes(name))];
  const columns = names.map((name) => work.models.indexOf(name));
  const widen = <C extends Costs>(matrix: C, blank: number): C =>
    selectColumns(matrix, work.models.length, columns, blank, work.ids.length);
  const { tokens } = work;
  return {
    ...work,
    models: names,
    cost: widen(work.cost, Infinity),
    outcome: widen(work.outcome, NaN),
    ...(tokens && { tokens: { input: widen(tokens.input, NaN), output: widen(tokens.output, NaN) } }),
  };
}

/** Refuses rows that allow an unknown model: a misspelt name would silently forbid a model. */
function checkAllowed({ ids, models, allowedModels }: Dataset, known: readonly string[]): void {
  const checked = new Set<readonly string[]>();
  allowedModels?.forEach((names, q) => {
    if (names === undefined || checked.has(names)) return;
    checked.add(names);
    const unknown = names.find((name) => !models.includes(name) && !known.includes(name));
    if (unknown === undefined) return;
    throw new InputError(
      `allowed_models of query "${ids[q]}" names "${unknown}", a model that neither file has`,
      {
        query: q,
        model: unknown,
      },
    );
  });
}
