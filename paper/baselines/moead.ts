import type { Random } from "../../src/random.js";
import type { Run } from "./genetic.js";
import { Crossover, differ, Mutation } from "./operators.js";
import { copyPoint, firstPopulation, genesOf, repair, take } from "./population.js";
import {
  boundaryIntersection,
  gridWeights,
  neighbourhoods,
  randomWeights,
  tchebycheff,
  type Scalarise,
  type Weight,
} from "./scalarise.js";
import type { Task } from "./task.js";

/** MOEA/D [ZhangLi2007] with penalty boundary intersection, weights of a grid and ten neighbours [Liu2024]. */
export function moead(task: Task, random: Random, generations: number): Run {
  return decompose(task, random, generations, {
    weights: gridWeights(task.size),
    scalarise: boundaryIntersection,
    neighbours: 10,
    batch: 1,
  });
}

/** MOEA/D by generations, with Tchebycheff distances, random weights and 24 neighbours [Liu2024]. */
export function moeadGen(task: Task, random: Random, generations: number): Run {
  return decompose(task, random, generations, {
    weights: randomWeights(task.size, random),
    scalarise: tchebycheff,
    neighbours: 24,
    batch: task.size,
  });
}

interface DecompositionSettings {
  weights: Weight[];
  scalarise: Scalarise;
  /** How many of the nearest weights a child may come from and go to. */
  neighbours: number;
  /** Children made before the first of them takes a place: 1, or the population for a generation at once. */
  batch: number;
}

/** Chance of mating among neighbours rather than all, and how many places one child may take: pagmo's defaults. */
const NEIGHBOUR_CHANCE = 0.9;
const MOST_PLACES = 2;
/** η of crossover and of mutation, as in [ZhangLi2007]. */
const INDEX = 20;

/**
 * The loop of both. From a seeded population children come by crossover, as in [ZhangLi2007]; from a random one by
 * differences, as in pagmo and so in [Liu2024]: on the paper's own data each is the stronger of the two there.
 */
function* decompose(task: Task, random: Random, generations: number, settings: DecompositionSettings): Run {
  const { queries, models, size, isSeeded } = task;
  const { weights, scalarise, batch } = settings;
  const near = neighbourhoods(weights, Math.min(settings.neighbours, size));
  const all = Uint32Array.from(weights, (_, k) => k);
  const crossover = new Crossover(1, INDEX, models - 1);
  const mutation = new Mutation(1, INDEX, models - 1);
  const population = take(firstPopulation(task, random), places(task, settings));
  const { cost, loss } = task.normalise(population);
  const children = new Uint8Array(batch * queries);
  const sibling = new Uint8Array(queries);
  for (let generation = 0; generation < generations; generation++) {
    const order = random.permutation(size);
    for (let start = 0; start < size; start += batch) {
      const mates: Uint32Array[] = [];
      for (let k = 0; k < batch; k++) {
        const from = random.uniform() < NEIGHBOUR_CHANCE ? near[order[start + k]] : all;
        const child = children.subarray(k * queries, (k + 1) * queries);
        const parent = (): Uint8Array => genesOf(population, from[random.below(from.length)]);
        if (isSeeded) crossover.cross(random, parent(), parent(), child, sibling);
        else differ(random, genesOf(population, order[start + k]), parent(), parent(), child, models - 1);
        mutation.mutate(random, child);
        mates.push(from);
      }
      repair(task, children);
      const made = { genes: children, ...task.evaluate(children) };
      const { cost: childCost, loss: childLoss } = task.normalise(made);
      mates.forEach((from, k) => {
        let taken = 0;
        for (const at of random.permutation(from.length)) {
          const place = from[at];
          const weight = weights[place];
          if (scalarise(childCost[k], childLoss[k], weight) >= scalarise(cost[place], loss[place], weight)) {
            continue;
          }
          copyPoint(made, k, population, place);
          cost[place] = childCost[k];
          loss[place] = childLoss[k];
          if (++taken === MOST_PLACES) break;
        }
      });
    }
    yield;
  }
  return population;
}

/**
 * Which allocation of the first population takes which weight: any, since they are random, but a seeded extreme takes
 * the weight under which it is worth most.
 */
function places({ extremes, size, isSeeded, normalise }: Task, settings: DecompositionSettings): Uint32Array {
  const order = Uint32Array.from({ length: size }, (_, k) => k);
  if (!isSeeded) return order;
  const { cost, loss } = normalise(extremes);
  for (const extreme of [0, 1]) {
    const values = settings.weights.map((weight) => settings.scalarise(cost[extreme], loss[extreme], weight));
    const place = values.indexOf(Math.min(...values));
    const from = order.indexOf(extreme);
    [order[from], order[place]] = [order[place], order[from]];
  }
  return order;
}
