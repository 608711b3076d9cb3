import type { OptionTable } from "../core/solve/search.js";
import { orderFalling } from "../core/solve/sort.js";
import { InputError } from "../errors.js";
import { sharedCore } from "../pool/cores.js";
import type { Problem } from "../types.js";
import { bracketAll } from "./front.js";
import type { RunningOptions } from "../pool/running.js";
import { isAllowed, matricesOf } from "./problem.js";

/** An option table and the model of each option. */
export interface Options {
  table: OptionTable;
  /** Per option. */
  model: Uint8Array;
}

/** The options of each query that no other option of it dominates (of equal ones the lower model), by rising cost. */
export function optionsOf(problem: Problem): Options {
  const matrices = matricesOf(problem);
  const { models, cost, successProbability, weight } = matrices;
  const mayAnswer = isAllowed(matrices);
  const queries = cost.length / models;
  const start = new Uint32Array(queries + 1);
  const kept: { cost: number; gain: number; model: number }[] = [];
  for (let q = 0; q < queries; q++) {
    const at = q * models;
    const w = weight?.[q] ?? 1;
    const order = Array.from({ length: models }, (_, m) => m)
      .filter((m) => mayAnswer(q, m))
      .sort(
        (a, b) =>
          cost[at + a] - cost[at + b] || successProbability[at + b] - successProbability[at + a] || a - b,
      );
    let best = -1;
    for (const model of order) {
      const probability = successProbability[at + model];
      if (probability <= best) continue;
      best = probability;
      kept.push({ cost: w * cost[at + model], gain: w * probability, model });
    }
    start[q + 1] = kept.length;
  }
  const table = {
    start,
    cost: Float64Array.from(kept, (option) => option.cost),
    gain: Float64Array.from(kept, (option) => option.gain),
  };
  return { table, model: Uint8Array.from(kept, (option) => option.model) };
}

/** Turns places in a table into models, in place. */
export function modelsOf({ table: { start }, model }: Options, allocations: Uint8Array): Uint8Array {
  const queries = start.length - 1;
  for (let k = 0; k < allocations.length; k += queries) {
    for (let q = 0; q < queries; q++) allocations[k + q] = model[start[q] + allocations[k + q]];
  }
  return allocations;
}

/** Turns models into places in a table; a new array. */
export function placesOf(
  { table: { start }, model }: Options,
  models: number,
  allocations: Uint8Array,
): Uint8Array {
  const queries = start.length - 1;
  const placeOf = new Uint8Array(queries * models);
  for (let q = 0; q < queries; q++) {
    for (let option = start[q]; option < start[q + 1]; option++) {
      placeOf[q * models + model[option]] = option - start[q];
    }
  }
  const places = new Uint8Array(allocations.length);
  for (let k = 0; k < allocations.length; k += queries) {
    for (let q = 0; q < queries; q++) places[k + q] = placeOf[q * models + allocations[k + q]];
  }
  return places;
}

/** Maximum number of bytes for the allocations of all supported points. */
const MAX_ALLOCATION_BYTES = 2 ** 26;

/**
 * The allocations of all supported points (strict vertices), points × queries, and their prices; the problem has been
 * checked. O(points × queries). Throws `InputError` if they do not fit the memory.
 */
export async function supportedAllocations(
  problem: Problem,
  options: RunningOptions,
): Promise<{ allocations: Uint8Array; lambda: Float64Array }> {
  const { allocation, steps } = await bracketAll(problem, Infinity, 0, options);
  const order = orderFalling(sharedCore(), steps.efficiency);
  const isVertex = (k: number): boolean =>
    k + 1 === order.length || steps.efficiency[order[k]] !== steps.efficiency[order[k + 1]];
  const points = 1 + order.reduce((sum, _, k) => sum + Number(isVertex(k)), 0);
  const queries = allocation.length;
  if (points * queries > MAX_ALLOCATION_BYTES) {
    throw new InputError(`${points} supported points of ${queries} queries are too many to search between`, {
      field: "problem",
    });
  }
  const allocations = new Uint8Array(points * queries);
  const lambda = new Float64Array(points);
  allocations.set(allocation);
  lambda[0] = Infinity;
  let at = 1;
  order.forEach((s, k) => {
    allocation[steps.query[s]] = steps.to[s];
    if (!isVertex(k)) return;
    allocations.set(allocation, at * queries);
    lambda[at++] = steps.efficiency[s];
  });
  return { allocations, lambda };
}
