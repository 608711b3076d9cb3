import type { Random } from "../../src/random.js";
import { dropLeast } from "./contribution.js";
import { evolve, type Run } from "./genetic.js";
import { sortFronts } from "./sorting.js";
import type { Population, Task } from "./task.js";

/**
 * SMS-EMOA [BeumeNaujoksEmmerich2007]: survival by front; from the front that does not fit, the points that add least
 * hypervolume go. A generation of children at once, as in pymoo, where the original has one. Rates and indices as in
 * [Liu2024].
 */
export function smsEmoa(task: Task, random: Random, generations: number): Run {
  return evolve(task, random, generations, {
    crossover: { rate: 0.7595, index: 5 },
    mutation: { rate: 0.0675, index: 28 },
    survive: byContribution,
  });
}

function byContribution(points: Population, keep: number): Uint32Array {
  const survivors: number[] = [];
  for (const front of sortFronts(points)) {
    const room = keep - survivors.length;
    if (room === 0) break;
    survivors.push(...(front.length > room ? dropLeast(points, front, room) : front));
  }
  return Uint32Array.from(survivors);
}
