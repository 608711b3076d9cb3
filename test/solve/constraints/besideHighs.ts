import { expect } from "vitest";
import { chooseUnder } from "../../../src/solve/constraints/choose.js";
import { processorMs } from "../../processor.js";
import { randomConstraints, randomWorkload } from "./beside.js";
import { solveByHighs, type Highs } from "./highs.js";

/**
 * Compares verdicts and bounds on random problems with at most `most` constraints; returns what was met. Gaps are in queries,
 * times are processor milliseconds of all problems together, HiGHS's with the reading of its text.
 */
export async function compareWithHighs(
  highs: Highs,
  seeds: readonly number[],
  queries: (seed: number) => number,
  { models = 5, most = 24, steps = 1000 } = {},
) {
  const counts = { feasible: 0, infeasible: 0, notFound: 0, undecided: 0, proven: 0 };
  const tally = { ...counts, worst: 0, ms: 0, highsMs: 0, gaps: [] as number[] };
  for (const seed of seeds) {
    const problem = randomWorkload(seed, queries(seed), models);
    const { budget, constraints: all } = randomConstraints(problem, seed);
    const constraints = all.slice(0, most);
    const from = processorMs();
    const relaxed = await solveByHighs(highs, problem, constraints, budget);
    tally.highsMs += processorMs() - from;
    if (relaxed === undefined) {
      tally.undecided++;
      continue;
    }
    const start = processorMs();
    const choice = await chooseUnder(problem, constraints, { budget }, { steps });
    tally.ms += processorMs() - start;
    const where = `seed ${seed}, ${queries(seed)} queries, ${choice.status}, HiGHS ${relaxed}`;
    if (relaxed === "infeasible") {
      expect(choice.status, where).toBe("infeasible");
      tally.infeasible++;
      continue;
    }
    expect(["chosen", "notFound"], where).toContain(choice.status);
    if (choice.status === "notFound") tally.notFound++;
    if (choice.status !== "chosen") continue;
    tally.feasible++;
    expect(
      choice.limits.every(({ slack }) => slack >= 0),
      where,
    ).toBe(true);
    if (choice.optimal) tally.proven++;
    // A search for a proof lowers the bound; without it the bound is the relaxation's.
    expect(choice.bound, where).toBeLessThan(relaxed + 1e-6);
    const first = await chooseUnder(problem, constraints, { budget }, { steps: 0 });
    if (first.status !== "infeasible" && !(first.status === "chosen" && first.optimal)) {
      tally.worst = Math.max(tally.worst, Math.abs(first.bound - relaxed));
      expect(Math.abs(first.bound - relaxed), where).toBeLessThan(1e-6);
    }
    tally.gaps.push(choice.gap * queries(seed));
  }
  tally.gaps.sort((a, b) => a - b);
  return tally;
}
