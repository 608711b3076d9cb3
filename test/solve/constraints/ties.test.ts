import { describe, expect, it } from "vitest";
import { chooseUnder } from "../../../src/solve/constraints/choose.js";
import { frontUnder } from "../../../src/solve/constraints/front.js";
import type { ChoiceUnder } from "../../../src/solve/constraints/result.js";
import type { Constraint } from "../../../src/solve/constraints/constraint.js";
import type { Problem } from "../../../src/types.js";

const MODELS = ["a", "b", "c"];
const PRICES = [0.001, 0.01, 0.1];

/** Costs that differ from query to query. `p`: the success probability of each model, the same for all queries. */
function tied(queries: number, p: readonly number[], prices = PRICES): Problem {
  const options = queries * MODELS.length;
  return {
    models: MODELS,
    cost: Float64Array.from({ length: options }, (_, o) =>
      Number(((1 + (Math.floor(o / 3) % 7)) * prices[o % 3]).toFixed(3)),
    ),
    successProbability: Float32Array.from({ length: options }, (_, o) => p[o % 3]),
  };
}

const FEW_OF_A: Constraint[] = [{ name: "few of a", models: ["a"], atMost: 1500 }];

function plan(choice: ChoiceUnder) {
  if (choice.status !== "chosen") throw new Error(choice.status);
  return choice;
}

describe("plans that are equally good by the target", () => {
  /** Of query q, in dollars, with a: 0.001 × (1 to 7). The 500 that cost least go to b, at ten times as much. */
  const sizes = Array.from({ length: 2000 }, (_, q) => 1 + (q % 7)).sort((a, b) => a - b);
  const sum = (list: number[]): number => list.reduce((all, one) => all + one, 0);
  const free = sum(sizes) / 1000;
  const cheapest = (sum(sizes) + 9 * sum(sizes.slice(0, 500))) / 1000;

  it.each([100, 200, 1000, Infinity])(
    "spends no more than the accuracy needs, within %d dollars",
    async (budget) => {
      const chosen = plan(await chooseUnder(tied(2000, [0.75, 0.75, 0.75]), FEW_OF_A, { budget }));
      expect(chosen.expectedAccuracy).toBe(0.75);
      expect(chosen.totalCost).toBe(cheapest);
      expect(chosen.costGap).toBeLessThan(1e-6);
      expect(chosen.optimal).toBe(true);
      const [limit, target] = chosen.limits;
      expect(limit).toMatchObject({ value: 1500, slack: 0, binds: true });
      // One query from b to a, where it costs a dollar's 1.9 cents less at the margin.
      expect(limit.price.dollars).toBeGreaterThan(0.009);
      expect(limit.price.accuracy).toBe(0);
      if (budget < Infinity) expect(target).toMatchObject({ value: cheapest, slack: budget - cheapest });
    },
  );

  it("says what the plan would cost without a limit that costs no accuracy", async () => {
    const problem = tied(2000, [0.75, 0.75, 0.75]);
    const chosen = plan(await chooseUnder(problem, FEW_OF_A, { budget: 100 }, { withoutEach: true }));
    expect(chosen.without).toEqual([
      { constraint: 0, name: "few of a", totalCost: free, expectedAccuracy: 0.75 },
    ]);
  });

  it("is as accurate as its cost allows, where models are free", async () => {
    const problem = tied(500, [0.5, 0.75, 1], [0, 0, 0.1]);
    const limits: Constraint[] = [{ models: ["b"], atMost: 200 }];
    const chosen = plan(await chooseUnder(problem, limits, { accuracy: 0.25 }));
    expect(chosen.totalCost).toBe(0);
    expect(chosen.expectedAccuracy).toBe((200 * 0.75 + 300 * 0.5) / 500);
    expect(chosen.gap).toBeLessThan(1e-6);
  });

  it("has a knee that wastes nothing", async () => {
    const chosen = plan(await chooseUnder(tied(2000, [0.75, 0.75, 0.75]), FEW_OF_A, { knee: true }));
    expect(chosen.totalCost).toBe(cheapest);
  });

  it("has a front whose ends are best by both", async () => {
    const front = await frontUnder(tied(500, [0.25, 0.5, 0.5], [0, 0, 0.1]), [
      { models: ["b"], atMost: 200 },
    ]);
    if (front.status !== "found") throw new Error(front.status);
    const [first, last] = [front.points[0], front.points[front.points.length - 1]];
    expect(first).toMatchObject({ totalCost: 0, expectedAccuracy: 0.35, lambda: Infinity });
    expect(last.lambda).toBeLessThan(Infinity);
    expect(last.expectedAccuracy).toBe(0.5);
    // The 300 that cost least go to c.
    const sizes = Array.from({ length: 500 }, (_, q) => 1 + (q % 7)).sort((a, b) => a - b);
    expect(last.totalCost).toBeCloseTo(0.1 * sizes.slice(0, 300).reduce((a, b) => a + b), 9);
  });

  it("has a front of one plan, whose λ is that of the cheapest", async () => {
    const front = await frontUnder(tied(10, [0.5, 0.5, 0.5]), []);
    expect(front).toMatchObject({ status: "found", points: [{ totalCost: 0.034, lambda: Infinity }] });
  });
});
