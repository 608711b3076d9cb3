import type { Core } from "./core.js";

import { readPoints, type Points } from "./points.js";
import { sortFalling } from "./sort.js";
import type { Steps } from "./steps.js";

/**
 * The front of all increments, given in parts. Takes 60 bytes an increment of memory, which the instance keeps: use a
 * short-lived one.
 */
export function scanSteps(
  core: Core,
  steps: readonly Steps[],
  start: { cost: number; gain: number },
  weight: number,
): Points {
  const { arena, at, kernels } = core;
  const n = steps.reduce((sum, part) => sum + part.efficiency.length, 0);
  return arena.scoped(() => {
    const efficiency = writeParts(
      core,
      n,
      steps.map((part) => part.efficiency),
    );
    const dCost = writeParts(
      core,
      n,
      steps.map((part) => part.dCost),
    );
    const dGain = writeParts(
      core,
      n,
      steps.map((part) => part.dGain),
    );
    const cost = arena.reserve((n + 1) * 8);
    const accuracy = arena.reserve((n + 1) * 8);
    const lambda = arena.reserve((n + 1) * 8);
    // Two of the outputs serve the sort as scratch before they are written.
    const sorted = sortFalling(core, efficiency, n, cost, accuracy);
    arena.f64(at.total, 2).set([start.cost, start.gain]);
    const points = kernels.scanSteps(
      n,
      sorted,
      efficiency,
      dCost,
      dGain,
      at.total,
      weight,
      cost,
      accuracy,
      lambda,
    );
    return readPoints(arena, points, cost, accuracy, lambda);
  });
}

/** Copies arrays of n numbers in all in, one after another; the address of the first. */
function writeParts({ arena }: Core, n: number, parts: readonly Float64Array[]): number {
  const address = arena.reserve(n * 8);
  let at = address;
  for (const part of parts) {
    arena.f64(at, part.length).set(part);
    at += part.byteLength;
  }
  return address;
}
