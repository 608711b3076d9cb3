import { InputError } from "../errors.js";
import { bestOf, singles } from "../solve/single.js";
import type { Dataset } from "../types.js";
import type { SingleModel } from "./realised.js";
import { takeModels } from "./rows.js";

/** Refuses rows on which a method cannot be judged: without a score where there is a cost. */
export function requireScores({ ids, models, cost, outcome }: Dataset): void {
  if (!outcome.some((y) => !Number.isNaN(y))) {
    throw new InputError("the file has no scores; expected <model>__score on every row");
  }
  const missing = outcome.findIndex((y, option) => Number.isNaN(y) && cost[option] !== Infinity);
  if (missing < 0) return;
  const query = Math.floor(missing / models.length);
  const model = missing % models.length;
  throw new InputError(
    `query "${ids[query]}" has no score for model "${models[model]}"; expected a score wherever there is a cost`,
    { query, model },
  );
}

/** Outcomes of some models; 0 where a model must not answer and has no score. */
export function outcomesOf(dataset: Dataset, models: readonly string[]): Float32Array {
  return takeModels(dataset, models).outcome.map((y) => (Number.isNaN(y) ? 0 : y));
}

/**
 * The models that may answer every row, each alone, by records; the best of them (ties: the cheaper, then the first).
 * Throws `InputError` when there is none.
 */
export async function recordedSingles({
  models,
  cost,
  outcome,
}: Dataset): Promise<{ all: SingleModel[]; best: SingleModel }> {
  const objectives = await singles({ models, cost, successProbability: outcome });
  const named = (m: number): SingleModel => {
    const { totalCost, expectedAccuracy } = objectives[m]!;
    return { model: models[m], accuracy: expectedAccuracy, cost: totalCost };
  };
  const best = bestOf(objectives);
  if (best === undefined) {
    throw new InputError(
      "no single model has a cost and a score on every test row, so there is none to compare with",
    );
  }
  return {
    all: models.flatMap((_, m) => (objectives[m] === undefined ? [] : [named(m)])),
    best: named(best.model),
  };
}
