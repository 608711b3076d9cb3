import { MAX_MODELS } from "../../assembly/layout.js";
import type { Matrices } from "../core/solve/block.js";
import { InputError } from "../errors.js";
import type { Block, Problem } from "../types.js";
import { shared } from "../memory.js";

/**
 * Refuses a problem whose shape or weights are wrong, in O(models), or O(queries) with weights; costs and probabilities
 * are checked by the first pass over them. Returns the number of queries.
 */
export function checkShape(problem: Problem): number {
  const { models, cost, successProbability, weight, allowed, minProbability, ids } = problem;
  if (!Array.isArray(models) || models.length < 1 || models.length > MAX_MODELS) {
    throw new InputError(`${models?.length ?? 0} models; expected 1 to ${MAX_MODELS}`, { field: "models" });
  }
  if (new Set(models).size < models.length) {
    throw new InputError(`model "${firstDuplicate(models)}" is named twice`, { field: "models" });
  }
  if (!(cost instanceof Float32Array || cost instanceof Float64Array))
    throw new InputError("cost is not a Float32Array or Float64Array", { field: "cost" });
  checkType("successProbability", successProbability, Float32Array);
  const queries = cost.length / models.length;
  if (!Number.isInteger(queries)) {
    throw new InputError(`cost has ${cost.length} values, not a multiple of ${models.length} models`, {
      field: "cost",
    });
  }
  if (queries < 1) throw new InputError("the problem has no queries", { field: "cost" });
  checkLength("successProbability", successProbability, cost.length);
  if (weight !== undefined) {
    checkType("weight", weight, Float32Array);
    checkLength("weight", weight, queries);
    checkWeights(weight);
  }
  if (allowed !== undefined) {
    checkType("allowed", allowed, Uint8Array);
    checkLength("allowed", allowed, cost.length);
  }
  if (minProbability !== undefined) {
    checkType("minProbability", minProbability, Float32Array);
    checkLength("minProbability", minProbability, queries);
    const wrong = minProbability.findIndex((p) => !(p >= 0 && p <= 1));
    if (wrong >= 0) {
      throw new InputError(`minProbability of query ${wrong} is ${minProbability[wrong]}; expected 0 … 1`, {
        field: "minProbability",
        query: wrong,
      });
    }
  }
  if (ids !== undefined && ids.length !== queries) {
    throw new InputError(`${ids.length} ids for ${queries} queries`, { field: "ids" });
  }
  return queries;
}

/** Total weight of all queries: their number without weights. */
export function totalWeight(rows: Block & { models: string[] }): number {
  return addWeights(rows, 0);
}

/** Adds the weights of rows to a sum, one after another. */
export function addWeights({ weight, models, cost }: Block & { models: string[] }, sum: number): number {
  return weight === undefined ? sum + cost.length / models.length : weight.reduce((all, w) => all + w, sum);
}

/** Refuses weights that are all 0. */
export function checkWeight(total: number): void {
  if (!(total > 0)) throw new InputError("all weights are 0", { field: "weight" });
}

/** Only the arrays, in the form that the core takes. */
export function matricesOf(problem: Problem): Matrices {
  const { models, cost, successProbability, weight, allowed, minProbability } = problem;
  return { models: models.length, cost, successProbability, weight, allowed, minProbability };
}

/** Some rows of matrices, without a copy. */
export function rowsOfMatrices(
  { models, cost, successProbability, weight, allowed, minProbability }: Matrices,
  from: number,
  to: number,
): Matrices {
  const [start, end] = [from * models, to * models];
  return {
    models,
    cost: cost.subarray(start, end),
    successProbability: successProbability.subarray(start, end),
    weight: weight?.subarray(from, to),
    allowed: allowed?.subarray(start, end),
    minProbability: minProbability?.subarray(from, to),
  };
}

/** Whether a query may be answered by a model. */
export function isAllowed({ models, cost, successProbability, allowed, minProbability }: Matrices) {
  return (query: number, model: number): boolean => {
    const option = query * models + model;
    return (
      cost[option] < Infinity &&
      (allowed === undefined || allowed[option] !== 0) &&
      (minProbability === undefined || successProbability[option] >= minProbability[query])
    );
  };
}

/** The same problem with its arrays in shared memory, so that threads need no copies; copies at most once. */
export function shareProblem(problem: Problem): Problem {
  const { cost, successProbability, weight, allowed, minProbability } = problem;
  return {
    ...problem,
    cost: shared(cost),
    successProbability: shared(successProbability),
    weight: weight && shared(weight),
    allowed: allowed && shared(allowed),
    minProbability: minProbability && shared(minProbability),
  };
}

function checkType(field: string, array: unknown, Type: typeof Float32Array | typeof Uint8Array): void {
  if (array instanceof Type) return;
  throw new InputError(`${field} is not a ${Type.name}`, { field });
}

function checkLength(field: string, array: ArrayLike<number>, length: number): void {
  if (array.length === length) return;
  throw new InputError(`${field} has ${array.length} values; expected ${length}`, { field });
}

function checkWeights(weight: Float32Array): void {
  const wrong = weight.findIndex((w) => !(w >= 0 && w < Infinity));
  if (wrong >= 0) {
    throw new InputError(`weight of query ${wrong} is ${weight[wrong]}; expected a finite number ≥ 0`, {
      field: "weight",
      query: wrong,
    });
  }
}

function firstDuplicate(names: readonly string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) < i);
}
