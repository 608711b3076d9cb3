import { normalisedHypervolume } from "../../src/solve/metrics/indicator.js";
import { idealNadir } from "../../src/solve/metrics/pointSet.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { digestOf, type Row } from "../report.js";
import { addRow, timed } from "../rows.js";
import type { Scenario, Threads } from "./scenario.js";
import { chosen, fitsFull, OURS, type Verified, type Workload } from "./workload.js";

function frontScenario(resolution: "buckets" | "full", title: string): Scenario {
  const scenario: Scenario = { key: resolution, title, run };
  return scenario;

  async function run(work: Workload, { count, pool }: Threads): Promise<void> {
    const { problem, task } = work;
    const row = { solver: OURS, queries: task.queries, threads: count };
    if (resolution === "full" && !fitsFull(task.queries)) {
      const why = "at most 64 million possible increments";
      return addRow(scenario, { ...row, samples: [], status: "skipped", note: why });
    }
    const { samples, result } = await timed(() => solveFront(problem, { resolution, pool }));
    const { totalCost, expectedAccuracy, lambda } = result;
    const same = work.verify(resolution, digestOf(totalCost, expectedAccuracy, lambda));
    const choice = chosen(await choose(result, { budget: task.budget }));
    const verified: Verified =
      digestOf(choice.allocation) === work.expected
        ? same
        : {
            ...same,
            status: "disagrees",
            note: "a choice from this front differs from one at buckets resolution",
          };
    const quality = frontQuality({ cost: totalCost, accuracy: expectedAccuracy });
    addRow(scenario, { ...row, samples, ...verified, ...quality });
  }
}

export const buckets = frontScenario(
  "buckets",
  "front at buckets resolution: from matrices to one point an efficiency bucket",
);
export const full = frontScenario("full", "front at full resolution: from matrices to every supported point");

/** Number of points and hypervolume of a front, for its row. */
export function frontQuality(set: {
  cost: Float64Array;
  accuracy: Float64Array;
}): Pick<Row, "points" | "hypervolume"> {
  return { points: set.cost.length, hypervolume: normalisedHypervolume(set, idealNadir(set)) };
}
