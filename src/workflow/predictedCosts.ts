import { InputError } from "../errors.js";
import { fitCosts, predictCosts, type CostFit, type TokenPrice } from "../predict/index.js";
import type { Dataset, OnProgress } from "../types.js";
import { columnHas, takeModels } from "./rows.js";

export interface CostPredictionOptions {
  /** Fills every blank cost of a model, not only columns that are blank altogether. Default: false. */
  predictCost?: boolean;
  /** Dollars a token by model, instead of what the sample's costs and tokens say; needs tokens in the sample. */
  prices?: ReadonlyMap<string, TokenPrice>;
  seed?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** How a model's costs came to be predicted. */
export type PredictedCost = Pick<CostFit, "form" | "of" | "rows" | "error"> & { model: string };

/**
 * Work whose blank costs are predicted from a labelled sample: those of models that have labels, where the whole column is
 * blank or missing, or wherever they are blank if that is asked for. What is recorded stays, and a model that a row does not
 * allow stays forbidden there. Models of whose cost the sample tells nothing stay blank.
 */
export async function withPredictedCosts(
  work: Dataset,
  sample: Dataset,
  options: CostPredictionOptions = {},
): Promise<{ work: Dataset; predicted: PredictedCost[] }> {
  const { predictCost = false, prices, signal, onProgress, seed } = options;
  const wanted = sample.models.filter((name, m) => {
    const column = work.models.indexOf(name);
    const isBlank = column < 0 || !columnHas(work, work.cost, column, Number.isFinite);
    return (isBlank || predictCost) && columnHas(sample, sample.outcome, m, Number.isFinite);
  });
  if (wanted.length === 0) return { work, predicted: [] };
  const { models, queries, cost, tokens } = takeModels(sample, wanted);
  const costs = await fitCosts(
    { models, queries, cost, tokens },
    { prices, unlabelled: work.queries, seed, signal, onProgress },
  );
  const predicted = costs.fits.flatMap((fit, m): PredictedCost[] =>
    fit === undefined ? [] : [{ model: models[m], ...summaryOf(fit) }],
  );
  if (predicted.length === 0) return { work, predicted };
  checkAllowed(work, sample);
  const dollars = await predictCosts(costs, work.queries, { signal, onProgress });
  const filled = withColumns(
    work,
    predicted.map(({ model }) => model),
  );
  for (const { model } of predicted) {
    const [from, to] = [models.indexOf(model), filled.models.indexOf(model)];
    for (let q = 0; q < filled.ids.length; q++) {
      const option = q * filled.models.length + to;
      const allowed = filled.allowedModels?.[q];
      if (Number.isFinite(filled.cost[option]) || allowed?.includes(model) === false) continue;
      filled.cost[option] = dollars[q * models.length + from];
    }
  }
  return { work: filled, predicted };
}

/** Sentences for the user, one a model. */
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
        ? "too few to tell the error"
        : `cross-validated error of the total ${percent(error.total)}, of a row ${percent(error.perRow)}`;
    return `costs of model "${model}" are predicted from ${rows} recorded ones by ${how}${priced}; ${errors}`;
  });
}

function summaryOf({ form, of, rows, error }: CostFit): Omit<PredictedCost, "model"> {
  return { form, of, rows, error };
}

/** A copy with a column for each of these models, blank where there was none. */
function withColumns(work: Dataset, models: readonly string[]): Dataset {
  const names = [...work.models, ...models.filter((name) => !work.models.includes(name))];
  const widen = (matrix: Float32Array, blank: number): Float32Array => {
    const wide = new Float32Array(new SharedArrayBuffer(4 * work.ids.length * names.length)).fill(blank);
    for (let q = 0; q < work.ids.length; q++) {
      wide.set(matrix.subarray(q * work.models.length, (q + 1) * work.models.length), q * names.length);
    }
    return wide;
  };
  const { tokens } = work;
  return {
    ...work,
    models: names,
    cost: widen(work.cost, Infinity),
    outcome: widen(work.outcome, NaN),
    ...(tokens && { tokens: { input: widen(tokens.input, NaN), output: widen(tokens.output, NaN) } }),
  };
}

/** Refuses rows that allow a model that nobody knows: a misspelt name would forbid silently. */
function checkAllowed({ ids, models, allowedModels }: Dataset, sample: Dataset): void {
  const checked = new Set<readonly string[]>();
  allowedModels?.forEach((names, q) => {
    if (names === undefined || checked.has(names)) return;
    checked.add(names);
    const unknown = names.find((name) => !models.includes(name) && !sample.models.includes(name));
    if (unknown === undefined) return;
    throw new InputError(`allowed_models of query "${ids[q]}" names "${unknown}", a model of neither file`, {
      query: q,
      model: unknown,
    });
  });
}
