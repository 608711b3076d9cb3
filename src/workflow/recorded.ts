import { InputError } from "../errors.js";
import type { Dataset } from "../types.js";
import type { Records } from "./comparators.js";
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

/** What was recorded of some models. */
export function recordsOf(dataset: Dataset, models: readonly string[]): Records {
  const { cost, outcome } = takeModels(dataset, models);
  return { cost, outcome: outcome.map((y) => (Number.isNaN(y) ? 0 : y)) };
}
