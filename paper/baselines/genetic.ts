import type { Random } from "../../src/random.js";
import { Crossover, Mutation } from "./operators.js";
import { firstPopulation, genesOf, join, repair, take } from "./population.js";
import type { Population, Task } from "./task.js";

/** A baseline at work: one generation a step, at last its population. */
export type Run = Generator<void, Population>;

export interface GeneticSettings {
  /** Share of pairs that are crossed, and η of simulated binary crossover. */
  crossover: { rate: number; index: number };
  /** Share of children that mutate, and η of polynomial mutation. */
  mutation: { rate: number; index: number };
  /** Indices of the survivors, `keep` of them, best first. */
  survive(points: Population, keep: number, task: Task): Uint32Array;
}

/**
 * The loop that NSGA-II, R-NSGA-II and SMS-EMOA share: parents won by tournaments of two, as many children as
 * parents, survival among both. O(generations × population × queries).
 */
export function* evolve(task: Task, random: Random, generations: number, settings: GeneticSettings): Run {
  const { queries, models, size } = task;
  const { survive } = settings;
  const crossover = new Crossover(settings.crossover.rate, settings.crossover.index, models - 1);
  const mutation = new Mutation(settings.mutation.rate, settings.mutation.index, models - 1);
  // Survivors stand best first, so that of two the lower place wins.
  const winner = (): number => Math.min(random.below(size), random.below(size));
  let population = firstPopulation(task, random);
  population = take(population, survive(population, size, task));
  const pair = new Uint8Array(2 * queries);
  const [first, second] = [pair.subarray(0, queries), pair.subarray(queries)];
  for (let generation = 0; generation < generations; generation++) {
    const genes = new Uint8Array(size * queries);
    for (let k = 0; k < size; k += 2) {
      crossover.cross(random, genesOf(population, winner()), genesOf(population, winner()), first, second);
      mutation.mutate(random, first);
      mutation.mutate(random, second);
      genes.set(k + 1 < size ? pair : first, k * queries);
    }
    repair(task, genes);
    const both = join(population, { genes, ...task.evaluate(genes) });
    population = take(both, survive(both, size, task));
    yield;
  }
  return population;
}
