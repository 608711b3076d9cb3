import { describe, expect, it } from "vitest";
import { withUnbeaten } from "../../src/plan/unbeaten.js";
import { Random } from "../../src/random.js";
import { allocateAt } from "../../src/solve/allocate.js";
import type { Chosen } from "../../src/solve/choice.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import type { Problem } from "../../src/types.js";

const QUERIES = 60;
const random = new Random(7);

/** Three models; the last is the dearest everywhere, and predicted to be the best for about a third of the queries. */
const problem: Problem = {
  models: ["small", "middle", "large"],
  cost: Float32Array.from({ length: 3 * QUERIES }, (_, i) => [1, 3, 9][i % 3] + random.uniform()),
  successProbability: Float32Array.from({ length: 3 * QUERIES }, () => 0.5 + random.uniform() / 2),
};

describe("a best single model that is not beaten", () => {
  it("ends the front, and all that is cheaper stays as it is", async () => {
    const { continued: kept, notes } = withUnbeaten(problem, { model: "large", isMatched: true });
    expect(notes).toEqual([expect.stringContaining("more accurate than large alone")]);
    // Steps to the best model are worth at most a hair; all others here are worth more than that.
    for (const lambda of [Infinity, 0.2, 0.1, 0.05, 0.01, 0.002])
      expect(await allocateAt(kept, lambda)).toEqual(await allocateAt(problem, lambda));
    expect(new Set(await allocateAt(kept, 0))).toEqual(new Set([2]));
    expect((await solveFront(problem)).totalCost.length).toBeLessThan(
      (await solveFront(kept)).totalCost.length,
    );
  });

  it("keeps its own probabilities, and those of models that cost more", () => {
    const { problem: kept } = withUnbeaten(problem, { model: "middle", isMatched: false });
    kept.successProbability.forEach((p, i) => {
      if (i % 3 > 0) return expect(p).toBe(problem.successProbability[i]);
      const [own, middle] = problem.successProbability.subarray(i, i + 2);
      expect(p).toBeCloseTo(own > middle ? middle - 1e-4 : own, 6);
    });
  });

  it("changes nothing where it may not answer, is unknown, or is nowhere behind", () => {
    const cost = problem.cost.map((dollars, i) => (i % 3 === 2 ? Infinity : dollars));
    for (const [world, name] of [
      [{ ...problem, cost }, "large"],
      [problem, "another"],
      [problem, undefined],
      [
        { ...problem, successProbability: problem.successProbability.map((p, i) => (i % 3 === 2 ? 1 : p)) },
        "large",
      ],
    ] as const)
      expect(withUnbeaten(world, name && { model: name, isMatched: true })).toEqual({
        ...{ problem: world, continued: world, within: 0, notes: [] },
      });
  });

  it("does not prolong the front where held-out rows show the others to be no less accurate", async () => {
    const { problem: kept, within } = withUnbeaten(problem, { model: "large", isMatched: true });
    expect(within).toBe(1e-4);
    for (const lambda of [Infinity, 0.2, 0.05, 0.002, 1e-6, 0])
      expect(await allocateAt(kept, lambda)).toEqual(await allocateAt(problem, lambda));
  });

  it("is matched by itself alone, or by the cheapest allocation that held-out rows show to be no less accurate", async () => {
    const allocationWhere = async (isMatched: boolean): Promise<number[]> => {
      const { problem: kept, within } = withUnbeaten(problem, { model: "large", isMatched });
      const choice = await choose(await solveFront(kept), { matchBest: true }, { within });
      return [...(choice as Chosen).allocation];
    };
    expect(new Set(await allocationWhere(false))).toEqual(new Set([2]));
    const own = [...(await allocateAt(problem, 0))];
    const matched = await allocationWhere(true);
    // Within 0.0001 of the best model, a query or two in which it leads by little may stay with a cheaper one.
    expect(matched.filter((m, q) => m !== own[q]).length).toBeLessThanOrEqual(3);
    expect(new Set(matched).size).toBeGreaterThan(1);
  });
});
