import type { Random } from "../../src/random.js";
import type { Population, Task } from "./task.js";

/**
 * The first population: every gene uniform over the models, so that each model is as likely as any other. With
 * `isSeeded` the first two allocations are the cheapest and the most accurate one.
 */
export function firstPopulation(task: Task, random: Random): Population {
  const { queries, models, size, extremes, isSeeded } = task;
  const genes = new Uint8Array(size * queries);
  for (let g = 0; g < genes.length; g++) genes[g] = Math.floor((random.uint32() / 2 ** 32) * models);
  if (isSeeded) genes.set(extremes.genes);
  repair(task, genes);
  return { genes, ...task.evaluate(genes) };
}

/** Replaces models that must not answer by the nearest that may; `genes`: points × queries. */
export function repair({ allowed, queries, models }: Task, genes: Uint8Array): void {
  if (allowed === undefined) return;
  for (let g = 0, q = 0; g < genes.length; g++, q = q + 1 === queries ? 0 : q + 1) {
    genes[g] = allowed[q * models + genes[g]];
  }
}

/** One allocation of a population. */
export function genesOf({ genes, cost }: Population, point: number): Uint8Array {
  const queries = genes.length / cost.length;
  return genes.subarray(point * queries, (point + 1) * queries);
}

/** Copies one allocation with its objectives over another. */
export function copyPoint(source: Population, from: number, target: Population, to: number): void {
  genesOf(target, to).set(genesOf(source, from));
  target.cost[to] = source.cost[from];
  target.accuracy[to] = source.accuracy[from];
}

/** Both populations, the first one first. */
export function join(a: Population, b: Population): Population {
  const both = {
    genes: new Uint8Array(a.genes.length + b.genes.length),
    cost: new Float64Array(a.cost.length + b.cost.length),
    accuracy: new Float64Array(a.cost.length + b.cost.length),
  };
  for (const field of ["genes", "cost", "accuracy"] as const) {
    both[field].set(a[field]);
    both[field].set(b[field], a[field].length);
  }
  return both;
}

/** Some allocations, in the order given. */
export function take(population: Population, points: Uint32Array): Population {
  const queries = population.genes.length / population.cost.length;
  const genes = new Uint8Array(points.length * queries);
  points.forEach((point, k) => genes.set(genesOf(population, point), k * queries));
  return {
    genes,
    cost: Float64Array.from(points, (point) => population.cost[point]),
    accuracy: Float64Array.from(points, (point) => population.accuracy[point]),
  };
}
