import { InputError } from "../errors.js";
import type { Front } from "../solve/front.js";
import { normalisedHypervolume } from "../solve/indicator.js";
import { idealNadir } from "../solve/pointSet.js";
import type { Dataset, Problem } from "../types.js";
import { takeModels } from "./rows.js";

/** A changed world, tried on predictions that exist already. */
export interface Changes {
  /** Costs of a model times a factor ≥ 0: pairs of model and factor, each model once. */
  scaleCost?: readonly (readonly [string, number])[];
  /** Models that are gone. */
  without?: readonly string[];
  /** The models that are left; default: all. */
  only?: readonly string[];
}

/** Which of the models stay, and what their costs are multiplied with. Throws `InputError` for an unknown model. */
interface Kept {
  models: string[];
  factor: number[];
}

export function hasChanges({ scaleCost = [], without = [], only }: Changes = {}): boolean {
  return scaleCost.length > 0 || without.length > 0 || only !== undefined;
}

/** The problem in the changed world; the same predictions. O(queries × models). */
export function changeProblem(problem: Problem, changes: Changes): Problem {
  const { models, factor } = keptOf(problem.models, changes);
  const columns = models.map((name) => problem.models.indexOf(name));
  const { allowed } = problem;
  return {
    ...problem,
    models,
    cost: gather(problem.cost, problem.models.length, columns, factor, Float32Array),
    successProbability: gather(
      problem.successProbability,
      problem.models.length,
      columns,
      factor.map(() => 1),
      Float32Array,
    ),
    ...(allowed && {
      allowed: gather(
        allowed,
        problem.models.length,
        columns,
        factor.map(() => 1),
        Uint8Array,
      ),
    }),
  };
}

/** The recorded rows in the changed world. O(queries × models). */
export function changeDataset(dataset: Dataset, changes: Changes): Dataset {
  const { models, factor } = keptOf(dataset.models, changes);
  const kept = takeModels(dataset, models);
  const all = models.map((_, m) => m);
  return { ...kept, cost: gather(kept.cost, models.length, all, factor, Float32Array) };
}

function keptOf(known: readonly string[], { scaleCost = [], without = [], only }: Changes): Kept {
  for (const name of [...scaleCost.map(([model]) => model), ...without, ...(only ?? [])]) {
    if (known.includes(name)) continue;
    throw new InputError(`no model "${name}" to change; there are ${known.join(", ")}`, { model: name });
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

/** Some columns of a matrix, times a factor each; `Infinity` stays. */
function gather<T extends Float32Array | Uint8Array>(
  matrix: T,
  width: number,
  columns: readonly number[],
  factor: readonly number[],
  Type: new (buffer: SharedArrayBuffer) => T,
): T {
  const queries = matrix.length / width;
  const size = queries * columns.length * matrix.BYTES_PER_ELEMENT;
  const taken = new Type(new SharedArrayBuffer(size));
  for (let q = 0, at = 0; q < queries; q++) {
    columns.forEach((column, m) => {
      const value = matrix[q * width + column];
      taken[at++] = value === Infinity ? value : value * factor[m];
    });
  }
  return taken;
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
