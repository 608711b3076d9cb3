import { MAX_MODELS } from "../../assembly/layout.js";
import type { Matrices } from "../core/core.js";
import { InputError } from "../errors.js";
import type { Problem } from "../types.js";

/**
 * Refuses a problem whose shape is wrong, in O(models); the values are checked by the first pass over them.
 * Returns the number of queries.
 */
export function checkShape(problem: Problem): number {
  const { models, cost, successProbability, ids } = problem;
  if (!Array.isArray(models) || models.length < 1 || models.length > MAX_MODELS) {
    throw new InputError(`${models?.length ?? 0} models; expected 1 to ${MAX_MODELS}`, { field: "models" });
  }
  if (new Set(models).size < models.length) {
    throw new InputError(`model "${firstDuplicate(models)}" is named twice`, { field: "models" });
  }
  for (const [field, matrix] of [
    ["cost", cost],
    ["successProbability", successProbability],
  ] as const) {
    if (!(matrix instanceof Float32Array)) {
      throw new InputError(`${field} is not a Float32Array; expected queries × models, row-major`, { field });
    }
  }
  const queries = cost.length / models.length;
  if (!Number.isInteger(queries)) {
    throw new InputError(`cost has ${cost.length} values, not a multiple of ${models.length} models`, {
      field: "cost",
    });
  }
  if (queries < 1) throw new InputError("the problem has no queries", { field: "cost" });
  if (successProbability.length !== cost.length) {
    throw new InputError(
      `successProbability has ${successProbability.length} values, cost has ${cost.length}; expected as many`,
      { field: "successProbability" },
    );
  }
  if (ids !== undefined && ids.length !== queries) {
    throw new InputError(`${ids.length} ids for ${queries} queries`, { field: "ids" });
  }
  return queries;
}

/** The matrices alone, in the form the core takes. */
export function matricesOf(problem: Problem): Matrices {
  const { models, cost, successProbability } = problem;
  return { models: models.length, cost, successProbability };
}

/** The same problem with its matrices in shared memory, so that threads need no copies; copies at most once. */
export function shareProblem(problem: Problem): Problem {
  const { cost, successProbability } = problem;
  return { ...problem, cost: share(cost), successProbability: share(successProbability) };
}

function share(matrix: Float32Array): Float32Array {
  if (matrix.buffer instanceof SharedArrayBuffer) return matrix;
  const shared = new Float32Array(new SharedArrayBuffer(matrix.byteLength));
  shared.set(matrix);
  return shared;
}

function firstDuplicate(names: readonly string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) < i);
}
