import { beforeAll, expect, it } from "vitest";
import { chooseUnder } from "../../../src/solve/constraints/choose.js";
import { randomConstraints, randomWorkload } from "./beside.js";
import { loadHighs, solveByHighs, type Highs } from "./highs.js";

let highs: Highs;
beforeAll(async () => {
  highs = await loadHighs();
});

/** Compares verdicts and bounds; returns what was met. */
async function compare(seeds: readonly number[], queries: (seed: number) => number) {
  const tally = { feasible: 0, infeasible: 0, notFound: 0, undecided: 0, worst: 0, gaps: [] as number[] };
  for (const seed of seeds) {
    const problem = randomWorkload(seed, queries(seed), 5);
    const { budget, constraints } = randomConstraints(problem, seed);
    const relaxed = solveByHighs(highs, problem, constraints, budget);
    if (relaxed === undefined) {
      tally.undecided++;
      continue;
    }
    const choice = await chooseUnder(problem, constraints, { budget }, { steps: 1000 });
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
    // A proven optimum is its own bound; then the relaxation's is above it.
    if (!choice.optimal) {
      tally.worst = Math.max(tally.worst, Math.abs(choice.bound - relaxed));
      expect(Math.abs(choice.bound - relaxed), where).toBeLessThan(1e-6);
    } else expect(choice.bound, where).toBeLessThan(relaxed + 1e-6);
    tally.gaps.push(choice.gap * queries(seed));
  }
  tally.gaps.sort((a, b) => a - b);
  return tally;
}

it("gives the verdicts and the bounds of HiGHS's linear relaxation", async () => {
  const seeds = Array.from({ length: Number(process.env.OPTLLM_SEEDS ?? 16) }, (_, i) => i + 1);
  const tally = await compare(seeds, (seed) => 50 + 10 * (seed % 8));
  if (process.env.OPTLLM_LONG) console.log(tally);
  console.log(JSON.stringify({ ...tally, gaps: [tally.gaps[tally.gaps.length >> 1], tally.gaps.at(-1)] }));
  expect(tally.feasible).toBeGreaterThan(4);
  expect(tally.infeasible).toBeGreaterThan(1);
});
