import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choose } from "../../src/solve/choose.js";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { bestSingle } from "../../src/solve/single.js";
import { solveFront } from "../../src/solve/front.js";
import { enumerate, evaluateSlowly } from "../oracle.js";
import { problemOf, problems, small } from "../problems.js";

const limits = { queries: 5, models: 4 };
const resolutions = fc.constantFrom("full" as const, "buckets" as const);

describe("a budget", () => {
  it("is never exceeded, and its bound is at least every allocation that keeps it", async () => {
    await fc.assert(
      fc.asyncProperty(
        problems(limits),
        resolutions,
        fc.integer({ min: 0, max: 330 }),
        async (problem, resolution, eighths) => {
          const budget = eighths / 8;
          const within = enumerate(small(problem)).filter((p) => p.cost <= budget);
          const choice = await choose(await solveFront(problem, { resolution }), { budget });
          expect(choice.status).toBe(within.length === 0 ? "infeasible" : "chosen");
          if (choice.status === "infeasible") return;
          const found = evaluateSlowly(small(problem), choice.allocation);
          const best = Math.max(...within.map((p) => p.accuracy));
          expect([choice.totalCost, choice.expectedAccuracy]).toEqual([found.cost, found.accuracy]);
          expect(found.cost).toBeLessThanOrEqual(budget);
          expect(choice.bound).toBeGreaterThanOrEqual(best - 1e-15);
          expect(choice.gap).toBeGreaterThanOrEqual(0);
          expect(found.accuracy).toBeLessThanOrEqual(best + 1e-15);
        },
      ),
    );
  });

  it("buys no less when it is larger", async () => {
    await fc.assert(
      fc.asyncProperty(problems({ queries: 12, models: 5 }), async (problem) => {
        const front = await solveFront(problem);
        const dearest = front.totalCost[front.totalCost.length - 1];
        let last = 0;
        for (let k = 0; k <= 10; k++) {
          const budget = front.totalCost[0] + ((dearest - front.totalCost[0]) * k) / 10;
          const choice = await choose(front, { budget });
          if (choice.status !== "chosen") throw new Error("feasible by construction");
          expect(choice.expectedAccuracy).toBeGreaterThanOrEqual(last);
          last = choice.expectedAccuracy;
        }
      }),
    );
  });

  it("of exactly a point's cost gives that point with no gap", async () => {
    const problem = problemOf(
      [
        [1, 2, 4],
        [1, 3, 8],
      ],
      [
        [0.25, 0.5, 0.75],
        [0.125, 0.5, 0.625],
      ],
    );
    const front = await solveFront(problem, { resolution: "full" });
    for (let k = 0; k < front.totalCost.length; k++) {
      const choice = await choose(front, { budget: front.totalCost[k] });
      expect(choice).toMatchObject({
        status: "chosen",
        totalCost: front.totalCost[k],
        expectedAccuracy: front.expectedAccuracy[k],
        gap: 0,
      });
    }
  });

  it("below the cheapest allocation is infeasible, with the cost of the cheapest", async () => {
    const front = await solveFront(problemOf([[2, 3]], [[0.5, 0.75]]));
    expect(await choose(front, { budget: 1.5 })).toEqual({
      status: "infeasible",
      closest: { totalCost: 2, expectedAccuracy: 0.5 },
    });
  });
});

describe("an accuracy", () => {
  it("is never missed, and no allocation that reaches it costs less than the bound", async () => {
    await fc.assert(
      fc.asyncProperty(
        problems(limits),
        resolutions,
        fc.integer({ min: 0, max: 160 }),
        async (problem, resolution, pick) => {
          const points = enumerate(small(problem));
          // Half the targets are accuracies that some allocation has exactly.
          const accuracy = pick < 80 ? pick / 80 : points[pick % points.length].accuracy;
          const reaching = points.filter((p) => p.accuracy >= accuracy);
          const choice = await choose(await solveFront(problem, { resolution }), { accuracy });
          expect(choice.status).toBe(reaching.length === 0 ? "infeasible" : "chosen");
          if (choice.status === "infeasible") return;
          const found = evaluateSlowly(small(problem), choice.allocation);
          const least = Math.min(...reaching.map((p) => p.cost));
          expect(found.accuracy).toBeGreaterThanOrEqual(accuracy);
          expect(choice.costBound).toBeLessThanOrEqual(least + 1e-12);
          expect(found.cost).toBeGreaterThanOrEqual(least - 1e-12);
          expect(choice.costGap).toBeCloseTo(found.cost - choice.costBound, 12);
        },
      ),
    );
  });
});

describe("the choice", () => {
  it("does not depend on the front's resolution", async () => {
    await fc.assert(
      fc.asyncProperty(
        problems({ queries: 30, models: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (problem, t) => {
          const full = await solveFront(problem, { resolution: "full" });
          const buckets = await solveFront(problem, { resolution: "buckets" });
          const last = full.totalCost.length - 1;
          const budget = full.totalCost[0] + t * (full.totalCost[last] - full.totalCost[0]);
          for (const target of [{ budget }, { accuracy: t }, { knee: true as const }]) {
            expect(await choose(buckets, target)).toEqual(await choose(full, target));
          }
        },
      ),
    );
  });

  it("does not depend on the front it is chosen from on many queries either", async () => {
    const problem = simulateProblem({ queries: 60_000, models: 6, seed: 4 });
    const buckets = await solveFront(problem, { resolution: "buckets" });
    const full = await solveFront(problem, { resolution: "full" });
    const sweeps = await solveFront(problem, { algorithm: "optllm", gridNumber: 20 });
    const last = buckets.totalCost[buckets.totalCost.length - 1];
    for (const t of [0.02, 0.1, 0.5]) {
      const target = { budget: buckets.totalCost[0] + t * (last - buckets.totalCost[0]) };
      const chosen = await choose(buckets, target);
      expect(chosen).toMatchObject({ status: "chosen" });
      for (const front of [full, sweeps]) {
        const again = await choose(front, target);
        if (again.status !== "chosen" || chosen.status !== "chosen")
          throw new Error("feasible by construction");
        expect(Buffer.compare(again.allocation, chosen.allocation)).toBe(0);
        expect({ ...again, allocation: 0 }).toEqual({ ...chosen, allocation: 0 });
      }
    }
  });

  // Few enough to look at every option, and too many for that.
  it.each([2_000, 140_000])(
    "spends a budget in the order of %i queries when all increments are alike",
    async (rows) => {
      const problem = problemOf(
        Array.from({ length: rows }, () => [1, 2]),
        Array.from({ length: rows }, () => [0.25, 0.5]),
      );
      const choice = await choose(await solveFront(problem), { budget: rows + 777.5 });
      if (choice.status !== "chosen") throw new Error("feasible by construction");
      expect(choice.totalCost).toBe(rows + 777);
      expect(choice.allocation.indexOf(0)).toBe(777);
      expect(choice.allocation.lastIndexOf(1)).toBe(776);
      expect(choice.shares).toEqual({ "model-0": (rows - 777) / rows, "model-1": 777 / rows });
    },
  );

  it("leaves its inputs as they were and gives arrays of its own", async () => {
    const problem = problemOf([[1, 2]], [[0.25, 0.5]]);
    const before = structuredClone(problem);
    const front = await solveFront(problem);
    const first = await choose(front, { budget: 3 });
    if (first.status !== "chosen") throw new Error("feasible by construction");
    first.allocation.fill(0);
    expect(await choose(front, { budget: 3 })).toMatchObject({ totalCost: 2 });
    expect(problem).toEqual(before);
  });

  it.each([
    [{}, /0 targets given; expected one of budget, accuracy, knee, matchBest/],
    [{ budget: 1, knee: true }, /2 targets given/],
    [{ budget: NaN }, /budget is NaN; expected a number/],
    [{ accuracy: "0.5" }, /accuracy is 0.5; expected a number/],
    [{ knee: false }, /knee is false; expected true/],
  ])("refuses the target %j", async (target, message) => {
    const front = await solveFront(problemOf([[1, 2]], [[0.25, 0.5]]));
    await expect(choose(front, target as never)).rejects.toThrow(message);
  });
});

describe("the knee", () => {
  it("is the point farthest above the line between the ends", async () => {
    await fc.assert(
      fc.asyncProperty(problems({ queries: 20, models: 5 }), async (problem) => {
        const front = await solveFront(problem, { resolution: "full" });
        const { totalCost: cost, expectedAccuracy: accuracy } = front;
        const last = cost.length - 1;
        const choice = await choose(front, { knee: true });
        if (choice.status !== "chosen") throw new Error("always feasible");
        if (last === 0) {
          expect(choice.totalCost).toBe(cost[0]);
          return;
        }
        const above = (c: number, a: number) =>
          (a - accuracy[0]) / (accuracy[last] - accuracy[0]) - (c - cost[0]) / (cost[last] - cost[0]);
        const most = Math.max(...Array.from(cost, (c, k) => above(c, accuracy[k])));
        expect(above(choice.totalCost, choice.expectedAccuracy)).toBeCloseTo(most, 6);
      }),
    );
  });
});

describe("matching the best single model", () => {
  it("reaches its expected accuracy for no more than it costs", async () => {
    await fc.assert(
      fc.asyncProperty(problems({ queries: 8, models: 5 }), async (problem) => {
        const front = await solveFront(problem);
        const single = await bestSingle(problem);
        if (single === undefined) {
          await expect(choose(front, { matchBest: true })).rejects.toThrow(
            /no single model may answer every query/,
          );
          return;
        }
        const choice = await choose(front, { matchBest: true });
        if (choice.status !== "chosen") throw new Error("the model itself is feasible");
        expect(choice.expectedAccuracy).toBeGreaterThanOrEqual(single.objective.expectedAccuracy);
        expect(choice.totalCost).toBeLessThanOrEqual(single.objective.totalCost);
        expect(choice.costBound).toBeLessThanOrEqual(choice.totalCost);
      }),
    );
  });
});
