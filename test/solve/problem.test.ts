import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { countShares, traceFront } from "../../src/solve/trace.js";
import { allocationAt, enumerate, evaluateSlowly, supportedFront } from "../oracle.js";
import { constrained, problemOf, small } from "../problems.js";

const resolutions = ["full", "buckets"] as const;

describe("weights, masks and minimum probabilities", () => {
  it("give the front of the problem with infinite costs and repeated queries", async () => {
    await fc.assert(
      fc.asyncProperty(constrained({ queries: 12, models: 5 }), async ({ full, plain, isFeasible }) => {
        for (const resolution of resolutions) {
          const run = solveFront(full, { resolution });
          if (!isFeasible) {
            await expect(run).rejects.toThrow(/no model may answer query/);
            continue;
          }
          const front = await run;
          const expected = supportedFront(small(plain));
          const last = front.totalCost.length - 1;
          expect(front.totalCost[0]).toBeCloseTo(expected[0].cost, 9);
          expect(front.expectedAccuracy[last]).toBeCloseTo(expected[expected.length - 1].accuracy, 12);
          front.lambda.forEach((lambda, k) => {
            const point = evaluateSlowly(small(plain), allocationAt(small(plain), lambda));
            expect(front.totalCost[k]).toBeCloseTo(point.cost, 9);
            expect(front.expectedAccuracy[k]).toBeCloseTo(point.accuracy, 12);
          });
        }
      }),
    );
  });

  it("give the enumerated optimum of budgets and targets", async () => {
    await fc.assert(
      fc.asyncProperty(
        constrained({ queries: 5, models: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async ({ full, plain, isFeasible }, t) => {
          fc.pre(isFeasible);
          const front = await solveFront(full);
          const points = enumerate(small(plain));
          const budget = t * Math.max(...points.map((p) => p.cost));
          const within = points.filter((p) => p.cost <= budget);
          const choice = await choose(front, { budget });
          expect(choice.status).toBe(within.length > 0 ? "chosen" : "infeasible");
          if (choice.status === "chosen") {
            expect(choice.totalCost).toBeLessThanOrEqual(budget);
            expect(choice.expectedAccuracy).toBeCloseTo(Math.max(...within.map((p) => p.accuracy)), 12);
            expect(choice.optimal).toBe(true);
          }
          const reaching = points.filter((p) => p.accuracy >= t);
          const cheapest = await choose(front, { accuracy: t });
          expect(cheapest.status).toBe(reaching.length > 0 ? "chosen" : "infeasible");
          if (cheapest.status === "chosen") {
            expect(cheapest.expectedAccuracy).toBeGreaterThanOrEqual(t);
            expect(cheapest.totalCost).toBeCloseTo(Math.min(...reaching.map((p) => p.cost)), 12);
          }
        },
      ),
    );
  });

  it("weigh the trace and the shares", async () => {
    const problem = {
      ...problemOf(
        [
          [1, 2],
          [1, 4],
        ],
        [
          [0.25, 0.5],
          [0.25, 0.75],
        ],
      ),
      weight: Float32Array.of(3, 1),
    };
    for (const resolution of resolutions) {
      const front = await solveFront(problem, { resolution });
      expect([...front.totalCost]).toEqual([4, 7, 10]);
      expect([...front.expectedAccuracy]).toEqual([1 / 4, 7 / 16, 9 / 16]);
      expect([...(await traceFront(front, Float32Array.of(0, 1, 1, 0)))]).toEqual([1, 4, 3]);
      expect([...(await countShares(front, Uint32Array.of(0, 1, 2)))]).toEqual([4, 0, 1, 3, 0, 4]);
    }
    const choice = await choose(await solveFront(problem), { budget: 7 });
    expect(choice).toMatchObject({ totalCost: 7, shares: { "model-0": 0.25, "model-1": 0.75 } });
  });

  it("exclude a model that may not answer some query from the best single ones", async () => {
    const problem = problemOf(
      [
        [1, 2],
        [1, 2],
      ],
      [
        [0.25, 0.75],
        [0.25, 0.75],
      ],
    );
    const front = await solveFront({ ...problem, allowed: Uint8Array.of(1, 1, 1, 0) });
    expect(await choose(front, { matchBest: true })).toMatchObject({ totalCost: 2, expectedAccuracy: 0.25 });
  });

  it.each([
    [{ weight: Float32Array.of(1, -1) }, /weight of query 1 is -1; expected a finite number ≥ 0/],
    [{ weight: Float32Array.of(NaN, 1) }, /weight of query 0 is NaN/],
    [{ weight: Float32Array.of(0, 0) }, /all weights are 0/],
    [{ weight: Float32Array.of(1) }, /weight has 1 values; expected 2/],
    [{ weight: [1, 1] }, /weight is not a Float32Array/],
    [{ allowed: new Uint8Array(3) }, /allowed has 3 values; expected 4/],
    [{ minProbability: Float32Array.of(0, 1.5) }, /minProbability of query 1 is 1.5; expected 0 … 1/],
    [{ allowed: Uint8Array.of(1, 1, 0, 0) }, /no model may answer query 1/],
    [{ minProbability: Float32Array.of(0, 0.875) }, /no model may answer query 1/],
  ])("refuse %j", async (more, message) => {
    const problem = problemOf(
      [
        [1, 2],
        [1, 2],
      ],
      [
        [0.25, 0.75],
        [0.25, 0.75],
      ],
    );
    await expect(solveFront({ ...problem, ...more } as never)).rejects.toThrow(message);
  });
});
