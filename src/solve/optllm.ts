import type { Points } from "../core/solve/points.js";
import type { Steps } from "../core/solve/steps.js";
import { Sweeps, type Direction } from "../core/solve/sweeps.js";
import { breathe } from "../pool/breathe.js";
import type { OnProgress } from "../types.js";

export interface SweepOptions {
  /** Destroys and rebuilds of one sweep, plus one. */
  gridNumber: number;
  /** Stops between two of them; its reason is thrown. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * OptLLM-M [Liu2024]: the cheapest and the most accurate allocation, and where an upward sweep from the one and a
 * downward sweep from the other settle after each destroy and rebuild; at most 2 · gridNumber points.
 *
 * `steps`: every increment, in query order; `cheapest`: cost and summed probability of the cheapest allocation;
 * `queries`, `weight`: how many there are, and how much all of them weigh.
 * Every point is one of the exact front. O(gridNumber × (queries + steps / 8)) time, single-threaded; 37 bytes an
 * increment and 16 a query.
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
  // A price names one point of the exact front: no two of them dominate each other.
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
