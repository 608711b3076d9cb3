import type { Points } from "../core/solve/points.js";
import type { Steps } from "../core/solve/steps.js";
import { Sweeps, type Direction } from "../core/solve/sweeps.js";
import { breathe } from "../pool/breathe.js";
import type { OnProgress } from "../types.js";

export interface SweepOptions {
  /** One more than the number of destroy-and-rebuild steps in a sweep. */
  gridNumber: number;
  /** Stops between two steps; its reason is thrown. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * OptLLM-M [Liu2024]: the cheapest and the most accurate allocation, and the points that an upward sweep from the first
 * and a downward sweep from the second reach after each destroy and rebuild; at most 2 · gridNumber points.
 *
 * `steps`: every increment, in query order; `cheapest`: cost and summed probability of the cheapest allocation;
 * `queries`, `weight`: number and total weight of the queries. Every point is on the exact front. O(gridNumber ×
 * (queries + steps / 8)) time, single-threaded; 37 bytes per increment and 16 per query.
 */
export async function sweepFront(
  steps: Steps,
  cheapest: { cost: number; gain: number },
  { queries, weight }: { queries: number; weight: number },
  options: SweepOptions,
): Promise<Points> {
  const sweeps = new Sweeps(steps, queries);
  const prices = new Set([Infinity, sweeps.leastPrice]);
  await sweep(sweeps, "up", prices, options);
  await sweep(sweeps, "down", prices, options);
  // A price identifies one point of the exact front: no two of them dominate each other.
  prices.delete(Infinity);
  return sweeps.points(
    Float64Array.from(prices).sort((a, b) => b - a),
    cheapest,
    weight,
  );
}

async function sweep(
  sweeps: Sweeps,
  direction: Direction,
  prices: Set<number>,
  { gridNumber, signal, onProgress }: SweepOptions,
): Promise<void> {
  const phase = `sweeping ${direction}`;
  const gap = sweeps.begin(direction) / gridNumber;
  for (let k = 1; k < gridNumber; k++) {
    await breathe(signal);
    const price = sweeps.step(gap);
    if (price === undefined) break;
    prices.add(price);
    onProgress?.({ phase, done: k, total: gridNumber - 1 });
  }
}
