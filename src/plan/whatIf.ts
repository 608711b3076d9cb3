import { tidy } from "../decimal.js";
import { InputError } from "../errors.js";
import type { GivenPrices } from "../prices/given.js";
import type { Front } from "../solve/front.js";
import { normalisedHypervolume } from "../solve/metrics/indicator.js";
import { idealNadir } from "../solve/metrics/pointSet.js";
import type { Costs, Dataset, Problem } from "../types.js";
import { takeModels } from "./rows.js";
import { selectColumns } from "../matrix.js";
import { sharedCopy } from "../memory.js";

/** Changes to costs and models, applied after predicting. */
export interface Changes {
  /** New prices of a model, dollars per million tokens: its costs are computed anew from the rows' tokens. */
  price?: readonly (readonly [string, { input: number; output: number }])[];
  /** Costs of a model times a factor ≥ 0: pairs of model and factor, each model once. */
  scaleCost?: readonly (readonly [string, number])[];
  /** Models to remove. */
  without?: readonly string[];
  /** The models to keep; default: all. */
  only?: readonly string[];
}

/** The models that stay, and the factors of their costs. Throws `InputError` for an unknown model. */
interface Kept {
  models: string[];
  factor: number[];
}

/** Rows that may have each model's token counts. */
export type Recorded = Pick<Dataset, "ids" | "models" | "tokens">;

/**
 * The changes that were asked for; undefined for none. Of the given prices, those that no file's costs were computed
 * with are changes, and those of costs that rows record.
 */
export function changesOf(
  { price, scaleCost, without, only }: Changes,
  given?: GivenPrices,
): Changes | undefined {
  const open = given?.open();
  const news = price?.filter(([model]) => open === undefined || open.has(model));
  const changed = news?.length === 0 ? undefined : news;
  return (changed ?? scaleCost ?? without ?? only) ? { price: changed, scaleCost, without, only } : undefined;
}

export function hasChanges({ price = [], scaleCost = [], without = [], only }: Changes = {}): boolean {
  return price.length > 0 || scaleCost.length > 0 || without.length > 0 || only !== undefined;
}

/** Checks changes against the models, before anything is fitted. Throws `InputError`. */
export function checkChanges(changes: Changes | undefined, models: readonly string[]): void {
  keptOf(models, changes ?? {});
}

/**
 * The problem after the changes, with the same predictions. New prices come before factors, and need `recorded`: the
 * rows of its queries, with tokens. O(queries × models).
 */
export function changeProblem(problem: Problem, changes: Changes, recorded?: Recorded): Problem {
  const { models, factor } = keptOf(problem.models, changes);
  const columns = models.map((name) => problem.models.indexOf(name));
  const kept = <M extends Costs | Uint8Array>(matrix: M): M =>
    selectColumns(matrix, problem.models.length, columns);
  const { successProbability, allowed } = problem;
  return {
    ...problem,
    models,
    cost: scaled(kept(repriced(problem, changes, recorded)), factor),
    successProbability: kept(successProbability),
    ...(allowed && { allowed: kept(allowed) }),
  };
}

/** The recorded rows after the changes. O(queries × models). */
export function changeDataset(dataset: Dataset, changes: Changes): Dataset {
  const { models, factor } = keptOf(dataset.models, changes);
  const kept = takeModels(dataset, models);
  const cost = repriced(
    kept,
    { ...changes, price: changes.price?.filter(([name]) => models.includes(name)) },
    kept,
  );
  return { ...kept, cost: scaled(sharedCopy(cost), factor) };
}

/** Costs with those of re-priced models computed from tokens, wherever the model may answer. */
function repriced(
  { models, cost }: Pick<Problem, "models" | "cost">,
  { price = [] }: Changes,
  recorded: Recorded | undefined,
): Costs {
  if (price.length === 0) return cost;
  const changed = sharedCopy(cost);
  for (const [model, { input, output }] of price) {
    const refuse = (what: string): never => {
      const expected = `a new price needs ${model}__input_tokens and ${model}__output_tokens`;
      throw new InputError(`${what} no tokens of model "${model}"; ${expected}`, { model });
    };
    const from = recorded?.tokens === undefined ? -1 : recorded.models.indexOf(model);
    if (from < 0) refuse("the rows have");
    const { ids, tokens, models: columns } = recorded!;
    const to = models.indexOf(model);
    for (let q = 0; q < ids.length; q++) {
      const option = q * models.length + to;
      if (cost[option] === Infinity) continue;
      const source = q * columns.length + from;
      const dollars = tidy((tokens!.input[source] * input + tokens!.output[source] * output) / 1e6);
      if (Number.isNaN(dollars)) refuse(`query "${ids[q]}" has`);
      changed[option] = dollars;
    }
  }
  return changed;
}

function keptOf(known: readonly string[], { price = [], scaleCost = [], without = [], only }: Changes): Kept {
  for (const name of [
    ...price.map(([model]) => model),
    ...scaleCost.map(([model]) => model),
    ...without,
    ...(only ?? []),
  ]) {
    if (known.includes(name)) continue;
    throw new InputError(`no model "${name}" to change; there are ${known.join(", ")}`, { model: name });
  }
  if (new Set(price.map(([model]) => model)).size < price.length) {
    throw new InputError("a model is priced twice; give each model one price", { field: "price" });
  }
  for (const [model, { input, output }] of price) {
    if (input >= 0 && input < Infinity && output >= 0 && output < Infinity) continue;
    throw new InputError(`price of "${model}" is ${input}/${output}; expected dollars ≥ 0`, { model });
  }
  const factorOf = new Map(scaleCost);
  if (factorOf.size < scaleCost.length) {
    throw new InputError("a model's cost is scaled twice; give each model once", { field: "scaleCost" });
  }
  for (const [model, factor] of factorOf) {
    if (factor >= 0 && factor < Infinity) continue;
    throw new InputError(`cost factor of "${model}" is ${factor}; expected a number ≥ 0`, { model });
  }
  const models = known.filter(
    (name) => !without.includes(name) && (only === undefined || only.includes(name)),
  );
  if (models.length === 0) throw new InputError("no model is left", { field: "without" });
  return { models, factor: models.map((name) => factorOf.get(name) ?? 1) };
}

/** Multiplies each column by its factor, in place; `Infinity` stays. */
function scaled(cost: Costs, factor: readonly number[]): Costs {
  for (let option = 0; option < cost.length; option++) {
    const by = factor[option % factor.length];
    if (cost[option] !== Infinity && by !== 1) cost[option] = tidy(cost[option] * by);
  }
  return cost;
}

/**
 * Hypervolumes of several fronts on one scale: ideal and nadir of all their points together, so that they can be
 * compared with each other.
 */
export function hypervolumes(fronts: readonly Pick<Front, "totalCost" | "expectedAccuracy">[]): number[] {
  const sets = fronts.map(({ totalCost, expectedAccuracy }) => ({
    cost: totalCost,
    accuracy: expectedAccuracy,
  }));
  const join = (pick: (set: (typeof sets)[number]) => Float64Array): Float64Array => {
    const all = new Float64Array(sets.reduce((sum, set) => sum + set.cost.length, 0));
    let at = 0;
    for (const set of sets) {
      all.set(pick(set), at);
      at += set.cost.length;
    }
    return all;
  };
  const bounds = idealNadir({ cost: join((set) => set.cost), accuracy: join((set) => set.accuracy) });
  return sets.map((set) => normalisedHypervolume(set, bounds));
}

/** The models that may be planned: of the only ones that take part, those that the changes leave. */
export function keptModels(
  all: readonly string[],
  { models, without, only }: { models?: readonly string[] } & Pick<Changes, "without" | "only">,
): string[] {
  return all.filter(
    (model) =>
      (models?.includes(model) ?? true) &&
      (only?.includes(model) ?? true) &&
      without?.includes(model) !== true,
  );
}
