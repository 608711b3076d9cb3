import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  approach,
  descend,
  priceAtAccuracy,
  priceAtCost,
  rangeOf,
} from "../../../src/online/pacing/lambda.js";
import { allocateAt } from "../../../src/solve/allocate.js";
import { solveFront } from "../../../src/solve/front.js";
import { frontNow } from "../../../src/solve/frontNow.js";
import { evaluate } from "../../../src/solve/objective.js";
import { simulateProblem } from "../../../src/simulate/simulate.js";
import { problems } from "../../problems.js";
import { runs } from "../../runs.js";

describe("the front at once", () => {
  it("is the front of solveFront", async () => {
    await fc.assert(
      fc.asyncProperty(problems({ queries: 40, models: 6 }), async (problem) => {
        const { totalCost, expectedAccuracy, lambda } = await solveFront(problem, { resolution: "full" });
        expect(frontNow(problem)).toEqual({ totalCost, expectedAccuracy, lambda });
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("the price that a sample asks for", () => {
  const problem = simulateProblem({ queries: 500, models: 5, seed: 3 });
  const front = frontNow(problem);
  const range = rangeOf(front)!;
  const last = front.totalCost.length - 1;

  it("costs at most what it is to cost, and less than one step of the front less", async () => {
    for (let k = 1; k < 40; k++) {
      const wanted = front.totalCost[0] + (k / 40) * (front.totalCost[last] - front.totalCost[0]);
      const { totalCost } = evaluate(problem, await allocateAt(problem, priceAtCost(front, wanted, range)));
      const next = front.totalCost.find((cost) => cost > totalCost * (1 + 1e-9))!;
      expect(totalCost).toBeLessThanOrEqual(wanted * (1 + 1e-9));
      expect(next).toBeGreaterThan(wanted * (1 - 1e-9));
    }
  });

  it("is 0 if everything is affordable and beyond the front if nothing is", () => {
    expect(priceAtCost(front, front.totalCost[last], range)).toBe(0);
    expect(priceAtCost(front, 0, range)).toBe(range.most);
    expect(priceAtAccuracy(front, 1, range)).toBe(0);
  });

  it("reaches an accuracy to within one step", async () => {
    const wanted = (front.expectedAccuracy[0] + front.expectedAccuracy[last]) / 2;
    const lambda = priceAtAccuracy(front, wanted, range);
    const { expectedAccuracy } = evaluate(problem, await allocateAt(problem, lambda));
    expect(Math.abs(expectedAccuracy - wanted)).toBeLessThan(0.005);
  });
});

describe("λ", () => {
  const range = { least: 1, most: 1_000 };

  it("doubles in 10 seconds at most, and reaches its target when there is time", () => {
    expect(approach(10, 100, 10_000, range)).toBeCloseTo(10 * Math.exp(0.7), 9);
    expect(approach(100, 10, 5_000, range)).toBeCloseTo(100 * Math.exp(-0.35), 9);
    expect(approach(10, 100, 60_000, range)).toBe(100);
  });

  it("falls to 0 from the end of the range, and rises again from there", () => {
    expect(approach(1.2, 0, 10_000, range)).toBe(0);
    expect(approach(0, 50, 10_000, range)).toBeCloseTo(Math.exp(0.7), 9);
    expect(approach(Infinity, 900, 10_000, range)).toBe(900);
  });

  it("follows dual descent by at most 2 % for each request", () => {
    expect(descend(100, 3, 1)).toBeCloseTo(100 * Math.exp(0.01), 9);
    expect(descend(100, 1_000, 1)).toBeCloseTo(100 * Math.exp(0.02), 9);
    expect(descend(100, 0, 1)).toBeCloseTo(100 * Math.exp(-0.005), 9);
    expect(descend(100, 1, 0)).toBeCloseTo(100 * Math.exp(0.02), 9);
  });
});
