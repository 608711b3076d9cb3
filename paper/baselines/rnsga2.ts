import type { Random } from "../../src/random.js";
import { evolve, type Run } from "./genetic.js";
import { ordered, sortFronts } from "./sorting.js";
import type { Population, Task } from "./task.js";

/** Normalised distance within which points of a front clear each other away. */
const EPSILON = 0.9964;

/**
 * R-NSGA-II [DebSundar2006]: survival by front, then by nearness to a reference point, with clearing. The reference
 * points are the objectives of the two extremes and ε is .9964, as in [Liu2024]; rates and indices are pymoo's.
 */
export function rnsga2(task: Task, random: Random, generations: number): Run {
  return evolve(task, random, generations, {
    crossover: { rate: 0.9, index: 15 },
    mutation: { rate: 0.9, index: 20 },
    survive: byReference,
  });
}

function byReference(points: Population, keep: number, task: Task): Uint32Array {
  const { cost, loss } = task.normalise(points);
  const references = [
    [0, 1],
    [1, 0],
  ];
  const distance = (i: number, c: number, l: number): number => Math.hypot(cost[i] - c, loss[i] - l);
  const survivors: number[] = [];
  for (const front of sortFronts(points)) {
    const places = references.map(([c, l]) => placesOf(Float64Array.from(front, (i) => distance(i, c, l))));
    const preference = Float64Array.from(front, (_, k) => Math.min(...places.map((place) => place[k])));
    const room = keep - survivors.length;
    const best = ordered(front, (j, k) => preference[j] - preference[k]);
    survivors.push(
      ...(front.length <= room
        ? best
        : clear(best, (i, j) => distance(i, cost[j], loss[j]) < EPSILON).slice(0, room)),
    );
    if (survivors.length === keep) break;
  }
  return Uint32Array.from(survivors);
}

/** The place of each value when they are sorted by rising value. */
function placesOf(values: Float64Array): Uint32Array {
  const place = new Uint32Array(values.length);
  Array.from(values, (_, k) => k)
    .sort((j, k) => values[j] - values[k])
    .forEach((k, rank) => (place[k] = rank));
  return place;
}

/** Moves every point that is near one kept before it behind those that are not; best first, as given. */
function clear(points: readonly number[], isNear: (i: number, j: number) => boolean): number[] {
  const kept: number[] = [];
  const cleared: number[] = [];
  for (const i of points) (kept.some((j) => isNear(i, j)) ? cleared : kept).push(i);
  return [...kept, ...cleared];
}
