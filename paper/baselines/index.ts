import { markFront, sortPoints } from "../../src/core/solve/dominance.js";
import { setImmediate } from "node:timers/promises";
import { sharedCore } from "../../src/pool/cores.js";
import { InputError } from "../../src/errors.js";
import { Random } from "../../src/random.js";
import type { OnProgress } from "../../src/types.js";
import type { Run } from "./genetic.js";
import { moead, moeadGen } from "./moead.js";
import { mopso } from "./mopso.js";
import { nsga2 } from "./nsga2.js";
import { join, take } from "./population.js";
import { rnsga2 } from "./rnsga2.js";
import { smsEmoa } from "./smsEmoa.js";
import { taskOf, type Population, type Task } from "./task.js";

/** The evolutionary baselines of [Liu2024]. */
export const BASELINES = ["nsga2", "rnsga2", "sms-emoa", "moead", "moead-gen", "mopso"] as const;
export type Baseline = (typeof BASELINES)[number];

const RUNS: Record<Baseline, (task: Task, random: Random, generations: number) => Run> = {
  nsga2,
  rnsga2,
  "sms-emoa": smsEmoa,
  moead,
  "moead-gen": moeadGen,
  mopso,
};

export interface BaselineOptions {
  /** Allocations in a population, 4 … 10,000; default 100. */
  population?: number;
  /** Default 100. */
  generations?: number;
  /** Default true: the first population holds the cheapest and the most accurate allocation. */
  isSeeded?: boolean;
  seed: number;
  /** Stops between two generations; its reason is thrown. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Runs one baseline on a problem's costs and predictions, and gives the nondominated allocations of its last
 * population, and of the seeds if it had any, by rising cost, each once. The same seed gives the same bytes. `problem`: valid values, queries × models,
 * an infinite cost where a model must not answer. O(generations × population × queries), on the calling thread.
 */
export async function runBaseline(
  name: Baseline,
  problem: { models: number; cost: Float32Array; successProbability: Float32Array },
  options: BaselineOptions,
): Promise<Population> {
  const { population: size = 100, generations = 100, isSeeded = true, seed, signal, onProgress } = options;
  if (!(Number.isSafeInteger(generations) && generations >= 1)) {
    throw new InputError(`generations is ${generations}; expected a whole number ≥ 1`, {
      field: "generations",
    });
  }
  const task = taskOf({ ...problem, size, isSeeded });
  const stream = 1 + BASELINES.indexOf(name);
  const run = RUNS[name](task, new Random(seed, stream), generations);
  for (let generation = 0; ; generation++) {
    const step = run.next();
    if (step.done) return frontOf(isSeeded ? join(step.value, task.extremes) : step.value);
    onProgress?.({ phase: name, done: generation + 1, total: generations });
    await setImmediate();
    signal?.throwIfAborted();
  }
}

/** Checks names that a user gave. */
export function checkBaselines(names: readonly string[]): Baseline[] {
  const unknown = names.find((name) => !(BASELINES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new InputError(`"${unknown}" is no baseline; expected ${BASELINES.join(", ")}`, {
      field: "algorithms",
      value: unknown,
    });
  }
  return BASELINES.filter((name) => names.includes(name));
}

function frontOf(population: Population): Population {
  const core = sharedCore();
  const { order } = sortPoints(core, population);
  const keep = markFront(core, order, population.accuracy);
  return take(
    population,
    order.filter((point) => keep[point] === 1),
  );
}
