import highsModule, { type Highs } from "highs";
import { beforeAll, describe, expect, it } from "vitest";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { Random } from "../../src/random.js";
import type { Problem } from "../../src/types.js";

// The package's types are those of its CommonJS build; the ES module's default export is the loader itself.
const highsLoader = highsModule as unknown as typeof highsModule.default;

let highs: Highs;
beforeAll(async () => {
  highs = await highsLoader();
});

function randomProblem(seed: number, queries: number, models: number): Problem {
  const random = new Random(seed);
  const skill = Array.from({ length: models }, (_, m) => m / models + 0.3 * random.normal());
  const option = Array.from({ length: queries }, () => random.normal()).flatMap((difficulty) =>
    skill.map((s, m) => ({
      cost: Math.exp(m * 0.6 + 0.4 * random.normal()),
      probability: 1 / (1 + Math.exp(difficulty - 2 * s)),
    })),
  );
  return {
    models: skill.map((_, m) => `model-${m}`),
    cost: Float32Array.from(option, (o) => o.cost),
    successProbability: Float32Array.from(option, (o) => o.probability),
  };
}

/** The multiple-choice knapsack of one budget in CPLEX LP format; `isWhole`: binary variables, else relaxed. */
function knapsack(problem: Problem, budget: number, isWhole: boolean): string {
  const models = problem.models.length;
  const queries = problem.cost.length / models;
  const sum = (value: Float32Array | Float64Array) => Array.from(value, (v, i) => `${v} x${i}`).join("\n + ");
  const rows = Array.from(
    { length: queries },
    (_, q) =>
      ` q${q}: ` + Array.from({ length: models }, (_, m) => `x${q * models + m}`).join(" + ") + " = 1",
  );
  const names = Array.from(problem.cost, (_, i) => `x${i}`).join("\n ");
  return (
    `Maximize\n obj: ${sum(problem.successProbability)}\nSubject To\n cost: ${sum(problem.cost)} <= ${budget}\n` +
    `${rows.join("\n")}\n${isWhole ? `Binary\n ${names}\n` : ""}End\n`
  );
}

describe.each([
  [11, 4, 3],
  [12, 15, 6],
  [13, 40, 5],
])("beside HiGHS, seed %i, %i × %i", (seed, queries, models) => {
  it("bounds by the relaxation's own value without refinement, and refines to the exact optimum", async () => {
    const problem = randomProblem(seed, queries, models);
    const front = await solveFront(problem);
    const last = front.totalCost.length - 1;
    for (const t of [0.1, 0.35, 0.8]) {
      const budget = front.totalCost[0] + t * (front.totalCost[last] - front.totalCost[0]);
      const plain = await choose(front, { budget }, { refine: false });
      const refined = await choose(front, { budget });
      if (plain.status !== "chosen" || refined.status !== "chosen")
        throw new Error("feasible by construction");
      const exact = highs.solve(knapsack(problem, budget, true), { mip_rel_gap: 0 }).ObjectiveValue / queries;
      const relaxed = highs.solve(knapsack(problem, budget, false)).ObjectiveValue / queries;
      expect(Math.abs(plain.bound - relaxed)).toBeLessThan(1e-6);
      expect(exact).toBeGreaterThanOrEqual(plain.expectedAccuracy - 1e-7);
      expect(refined.totalCost).toBeLessThanOrEqual(budget);
      expect(refined.optimal).toBe(true);
      expect(Math.abs(refined.expectedAccuracy - exact)).toBeLessThan(1e-7);
      expect(refined.gap).toBe(0);
    }
  });
});
