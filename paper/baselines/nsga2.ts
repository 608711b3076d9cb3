import type { Random } from "../../src/random.js";
import { evolve, type Run } from "./genetic.js";
import { byCrowding } from "./sorting.js";
import type { Task } from "./task.js";

/** NSGA-II [Deb2002]: survival by front, then by crowding distance. Rates and indices as in [Liu2024]. */
export function nsga2(task: Task, random: Random, generations: number): Run {
  return evolve(task, random, generations, {
    crossover: { rate: 0.778, index: 7 },
    mutation: { rate: 0.8119, index: 9 },
    survive: (points, keep) => byCrowding(points).slice(0, keep),
  });
}
