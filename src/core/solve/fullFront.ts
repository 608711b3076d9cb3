import type { Core } from "../core.js";
import { readFront, reserveFront, type Points } from "./points.js";
import { sortFalling } from "./sort.js";
import type { Steps } from "./steps.js";

/**
 * The front of all increments, given in parts. Takes 52 bytes of memory per increment, which the instance keeps: use a
 * short-lived instance.
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
    const record = arena.reserve(n * 24);
    const front = reserveFront(arena, n + 1);
    const lambda = front.get("lambda");
    writeRecords(steps, arena.f64(record, 3 * n), arena.f64(lambda, n));
    // The sort uses the outputs as its values and its scratch before they are written.
    const sorted = sortFalling(core, lambda, n, front.get("cost"), front.get("accuracy"));
    arena.f64(at.total, 2).set([start.cost, start.gain]);
    const points = kernels.scanSteps(n, sorted, record, at.total, weight, front.address);
    return readFront(arena, front, points);
  });
}

/** Joins the parts: (efficiency, Δcost, Δprobability) per increment, and all efficiencies. */
function writeRecords(steps: readonly Steps[], record: Float64Array, efficiency: Float64Array): void {
  let from = 0;
  for (const part of steps) {
    efficiency.set(part.efficiency, from);
    const { efficiency: e, dCost, dGain } = part;
    for (let s = 0, at = 3 * from; s < e.length; s++, at += 3) {
      record[at] = e[s];
      record[at + 1] = dCost[s];
      record[at + 2] = dGain[s];
    }
    from += e.length;
  }
}
