import { InputError } from "../../errors.js";
import { sharedDoubles } from "../../memory.js";
import { fitCosts } from "../../predict/cost/cost.js";
import { predictCosts } from "../../predict/cost/predictCosts.js";
import type { RunningOptions } from "../../pool/running.js";
import type { Dataset, Problem } from "../../types.js";
import { BATCH_ARM } from "../batchArm.js";
import { takeModels } from "../rows.js";
import { isSample, type Source } from "../source.js";

/**
 * Tokens of each option, prompt and answer, queries × models: recorded in the work, or else predicted from those recorded in
 * the labelled sample, as costs are. Only of `models`; 0 elsewhere.
 *
 * @throws InputError for a model whose tokens neither file records.
 */
export async function tokensOf(
  { models: all, cost }: Problem,
  work: Dataset,
  source: Source,
  models: readonly string[],
  { signal, onProgress, seed }: RunningOptions & { seed?: number },
): Promise<{ tokens: Float64Array; notes: string[] }> {
  const tokens = sharedDoubles(cost.length);
  const notes: string[] = [];
  for (const model of models) {
    const name =
      !work.models.includes(model) && model.endsWith(BATCH_ARM) ? model.slice(0, -BATCH_ARM.length) : model;
    const recorded = work.models.indexOf(name);
    const to = all.indexOf(model);
    let missing = 0;
    for (let q = 0; q < work.ids.length; q++) {
      const from = q * work.models.length + recorded;
      const sum = recorded < 0 || !work.tokens ? NaN : work.tokens.input[from] + work.tokens.output[from];
      tokens[q * all.length + to] = sum;
      if (Number.isNaN(sum) && cost[q * all.length + to] < Infinity) missing++;
    }
    if (missing === 0) continue;
    const predicted = await predictTokens(work, source, name, { signal, onProgress, seed });
    for (let q = 0; q < work.ids.length; q++) {
      const option = q * all.length + to;
      if (Number.isNaN(tokens[option])) tokens[option] = predicted.tokens[q];
    }
    notes.push(predicted.note);
  }
  return { tokens, notes };
}

async function predictTokens(
  work: Dataset,
  source: Source,
  model: string,
  options: RunningOptions & { seed?: number },
): Promise<{ tokens: Float64Array; note: string }> {
  const refuse = (what: string): never => {
    const columns = `${model}__input_tokens and ${model}__output_tokens`;
    throw new InputError(
      `a limit counts tokens of model "${model}", but ${what}; expected columns ${columns}`,
      {
        field: "limits",
        model,
      },
    );
  };
  if (!isSample(source))
    return refuse("the work does not record them, and a saved predictor does not know them");
  if (source.tokens === undefined || !source.models.includes(model)) {
    return refuse("neither the work nor the labelled sample records them");
  }
  const { queries, tokens } = takeModels(source, [model]);
  const sums = Float64Array.from(tokens!.input, (input, q) => {
    const sum = input + tokens!.output[q];
    return Number.isNaN(sum) ? Infinity : sum;
  });
  const rows = sums.reduce((count, sum) => count + Number(sum < Infinity), 0);
  if (rows === 0) return refuse("neither the work nor the labelled sample records them");
  const fitted = await fitCosts(
    { models: [model], queries, cost: sums },
    { ...options, unlabelled: work.queries },
  );
  const error = fitted.fits[0]?.error;
  const errors =
    error === undefined
      ? "too few to estimate the error"
      : `cross-validated error of the total ${(100 * error.total).toFixed(1)} %`;
  return {
    tokens: await predictCosts(fitted, work.queries, options),
    note: `tokens of model "${model}" are predicted from ${rows} recorded ones; ${errors}`,
  };
}
