import { allocate } from "../../src/core/solve/allocate.js";
import { Evaluator } from "../../src/core/solve/evaluator.js";
import type { Coordinates } from "../../src/core/solve/coordinates.js";
import { InputError } from "../../src/errors.js";
import { sharedCore } from "../../src/pool/cores.js";

/** Allocations with their objectives: `genes` is points × queries, a model index each. */
export interface Population extends Coordinates {
  genes: Uint8Array;
}

/** The problem that the baselines optimise; they see only predictions. */
export interface Task {
  queries: number;
  models: number;
  /** Allocations in a population, at least 4. */
  size: number;
  /** The cheapest allocation and the most accurate one. */
  extremes: Population;
  /** Whether the first population holds both extremes. */
  isSeeded: boolean;
  /** Queries × models: the model to take in the place of each; only where some model must not answer some query. */
  allowed?: Uint8Array;
  /** Objectives of allocations, points × queries. */
  evaluate(genes: Uint8Array): Coordinates;
  /** Objectives to be minimised: the ideal of the two extremes becomes (0, 0), their nadir (1, 1). */
  normalise(points: Coordinates): { cost: Float64Array; loss: Float64Array };
}

export interface TaskInput {
  models: number;
  /** Queries × models; `Infinity`: this model must not answer this query. */
  cost: Float32Array;
  successProbability: Float32Array;
  size: number;
  isSeeded: boolean;
}

/** Genes of one population; MOPSO holds 20 bytes for each, 1.25 GiB in all. */
const MAX_GENES = 2 ** 26;
const MIN_SIZE = 4;
const MAX_SIZE = 10_000;

/** Prepares the work that all baselines share. Throws `InputError` for populations that would not fit in memory. */
export function taskOf({ models, cost, successProbability, size, isSeeded }: TaskInput): Task {
  const queries = cost.length / models;
  if (!(Number.isInteger(size) && size >= MIN_SIZE && size <= MAX_SIZE)) {
    throw new InputError(
      `population is ${size}; expected a whole number from ${MIN_SIZE} to ${MAX_SIZE.toLocaleString("en")}`,
      { field: "population" },
    );
  }
  if (size * queries > MAX_GENES) {
    throw new InputError(
      `${size} allocations of ${queries} queries are ${size * queries} genes; expected at most ${MAX_GENES}`,
      { field: "population", queries },
    );
  }
  const problem = { models, cost, successProbability };
  const evaluator = new Evaluator(problem);
  const evaluate = (genes: Uint8Array): Coordinates => evaluator.evaluate(genes);
  const genes = new Uint8Array(2 * queries);
  allocate(sharedCore(), problem, 0, queries, Infinity, genes.subarray(0, queries));
  allocate(sharedCore(), problem, 0, queries, 0, genes.subarray(queries));
  const extremes = { genes, ...evaluate(genes) };
  const [cheapest, dearest] = extremes.cost;
  const [lowest, highest] = extremes.accuracy;
  // A range of 0 is not scaled.
  const costRange = dearest - cheapest || 1;
  const accuracyRange = highest - lowest || 1;
  return {
    queries,
    models,
    size,
    extremes,
    isSeeded,
    allowed: allowedModels(cost, models),
    evaluate,
    normalise: (points) => ({
      cost: points.cost.map((c) => (c - cheapest) / costRange),
      loss: points.accuracy.map((a) => (highest - a) / accuracyRange),
    }),
  };
}

/** For each option the nearest model that may answer (ties: the lower index); undefined where all may. */
function allowedModels(cost: Float32Array, models: number): Uint8Array | undefined {
  if (!cost.includes(Infinity)) return undefined;
  return Uint8Array.from(cost, (_, option) => {
    const m = option % models;
    const row = option - m;
    const isAllowed = (k: number): boolean => k >= 0 && k < models && cost[row + k] < Infinity;
    let distance = 0;
    while (!isAllowed(m - distance) && !isAllowed(m + distance)) distance++;
    return isAllowed(m - distance) ? m - distance : m + distance;
  });
}
