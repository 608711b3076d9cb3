import type { PriceTable } from "../prices/table.js";
import type { Predictor } from "../predict/predictor.js";
import type { Dataset, Problem } from "../types.js";
import { batchParts, withBatchArms, type BatchChoice } from "./batchArms.js";
import { withinContexts } from "./contexts.js";
import { withUnbeaten } from "./unbeaten.js";
import { changeProblem, hasChanges, type Changes } from "./whatIf.js";

/** What is done with predictions before they are solved. */
export interface PrepareOptions {
  /** Changes to costs and models. */
  changes?: Changes;
  /** Models that may answer in a batch as well, or that all requests go to batches. */
  batch?: BatchChoice;
  /** Gives batch discounts and context lengths; a model must not answer a longer query. Default: neither is known. */
  priceTable?: PriceTable;
}

/** A problem that is ready to be solved. */
export interface Ready {
  problem: Problem;
  /** How much less accurate than the best single model an allocation that matches it may be. */
  within: number;
}

/** What predictions became. */
export interface Prepared extends Ready {
  /** The changes without those that change nothing. */
  changes?: Changes;
  /** Only where all requests go to batches: for each model the fraction of its cost that its batch charges. */
  parts?: [string, number][];
  /** Models that the changes removed. */
  gone: string[];
  /** Only with changes: gives the same without them. */
  before?: () => Ready;
  notes: string[];
}

/**
 * Makes predictions of `work` ready to be solved: within the models' contexts, after the changes, where the labels do not
 * show that the best single model is beaten without that, and as batches cost. Each row depends on itself alone.
 * O(queries × models).
 *
 * @throws InputError for changes and batches of unknown models, and for a query that no model may answer any more.
 */
export async function prepareProblem(
  predicted: Problem,
  work: Dataset,
  unbeaten: Predictor["unbeaten"],
  { batch, priceTable, ...options }: PrepareOptions,
): Promise<Prepared> {
  const changes = present(options.changes, predicted.models);
  const { problem: allowed, notes } = priceTable
    ? await withinContexts(predicted, work, priceTable)
    : { problem: predicted, notes: [] };
  const batches = batch?.every ? batchParts(allowed.models, work, batch, priceTable) : undefined;
  const withArms = (world: Problem): Problem => {
    if (batches !== undefined) return changeProblem(world, { scaleCost: among(batches.parts, world.models) });
    return batch === undefined ? world : withBatchArms(world, work, batch, priceTable);
  };
  const isChanged = hasChanges(changes);
  const kept = withUnbeaten(isChanged ? changeProblem(allowed, changes!, work) : allowed, unbeaten);
  const before = (): Ready => {
    const { problem, within } = withUnbeaten(allowed, unbeaten);
    return { problem: withArms(problem), within };
  };
  const problem = withArms(kept.problem);
  return {
    problem,
    within: kept.within,
    changes,
    parts: batches && among(batches.parts, problem.models),
    gone: allowed.models.filter((name) => !problem.models.includes(name)),
    ...(isChanged && { before }),
    notes: [...notes, ...(batches?.notes ?? []), ...kept.notes],
  };
}

/** The changes without removals of models that take no part anyway, such as one without any cost. */
function present(changes: Changes | undefined, models: readonly string[]): Changes | undefined {
  return changes && { ...changes, without: changes.without?.filter((name) => models.includes(name)) };
}

function among(parts: readonly [string, number][], models: readonly string[]): [string, number][] {
  return parts.filter(([model]) => models.includes(model));
}
