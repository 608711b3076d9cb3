import { type GivenPrices, withoutTokens } from "../prices/given.js";
import type { Dataset } from "../types.js";

/**
 * What a given price does to costs that native rows record: `replace` computes them anew and needs their tokens, `try`
 * leaves a model without tokens as it is, and `keep` leaves all recorded costs.
 */
export type RecordedCosts = "replace" | "try" | "keep";

/**
 * Computes the costs of models with a given price from the rows' tokens, in place: wherever the model may answer.
 *
 * @throws InputError for recorded costs to `replace` without tokens.
 */
export function applyGiven(dataset: Dataset, given: GivenPrices, recorded: RecordedCosts): void {
  for (const [m, model] of dataset.models.entries()) {
    if (!given.has(model)) continue;
    const options = optionsOf(dataset, m);
    const isRecorded = options.some((option) => Number.isFinite(dataset.cost[option]));
    const answered = isRecorded
      ? options.filter((option) => Number.isFinite(dataset.cost[option]))
      : options.filter((option) => given.isFree(model) || hasTokens(dataset, option));
    if (isRecorded && recorded === "keep") given.keep(model);
    else if (given.isFree(model) || answered.every((option) => hasTokens(dataset, option)))
      for (const option of answered) dataset.cost[option] = costAt(dataset, option, model, given);
    else if (recorded !== "try") throw withoutTokens(model);
  }
}

/** The options of a model, without the rows that do not allow it. */
function optionsOf({ ids, models, allowedModels }: Dataset, m: number): number[] {
  const rows = [...ids.keys()].filter((q) => allowedModels?.[q]?.includes(models[m]) !== false);
  return rows.map((q) => q * models.length + m);
}

function hasTokens({ tokens }: Dataset, option: number): boolean {
  return tokens !== undefined && tokens.input[option] >= 0 && tokens.output[option] >= 0;
}

function costAt(dataset: Dataset, option: number, model: string, given: GivenPrices): number {
  const { tokens } = dataset;
  const usage = hasTokens(dataset, option)
    ? { input: tokens!.input[option], output: tokens!.output[option] }
    : undefined;
  return given.cost([model], usage) as number;
}
