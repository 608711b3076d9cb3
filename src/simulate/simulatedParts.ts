import type { SimulatedRow, SimulatedWorkload } from "./simulate.js";
import { Random } from "../random.js";
import { partSize, type Part } from "../plan/rows.js";

export interface SimulatedParts {
  work: Iterable<SimulatedRow>;
  /** The rows that a seeded draw labels; they are not part of the work. */
  sample?: Iterable<SimulatedRow>;
}

/** Deals a simulated workload into work and a labelled sample of the size asked for; without one, all is work. */
export function simulatedParts(
  workload: SimulatedWorkload,
  labelled: Part | undefined,
  seed: number,
  onRow?: (done: number) => void,
): SimulatedParts {
  const isLabelled = new Uint8Array(workload.queries);
  if (labelled !== undefined) {
    const order = new Random(seed, 1).permutation(workload.queries);
    for (const row of order.subarray(0, partSize(labelled, workload.queries, "labelled")))
      isLabelled[row] = 1;
  }
  const side = (label: number): Iterable<SimulatedRow> => ({
    *[Symbol.iterator]() {
      let row = 0;
      for (const item of workload.rows()) {
        if (isLabelled[row++] === label) yield item;
        onRow?.(row);
      }
    },
  });
  return { work: side(0), sample: labelled === undefined ? undefined : side(1) };
}
