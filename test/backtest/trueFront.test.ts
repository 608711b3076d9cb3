import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trueFront } from "../../src/backtest/trueFront.js";
import { problems } from "../problems.js";

/** The paper's construction for outcomes 0 or 1, from its words. */
function slowly(models: number, cost: Float32Array, outcome: Float32Array): [number, number][] {
  const queries = cost.length / models;
  const extra: number[] = [];
  let total = 0;
  let right = 0;
  for (let q = 0; q < queries; q++) {
    const options = Array.from({ length: models }, (_, m) => ({
      cost: cost[q * models + m],
      right: outcome[q * models + m],
    })).filter((option) => option.cost < Infinity);
    const cheapest = Math.min(...options.map((option) => option.cost));
    const correct = Math.min(...options.filter((option) => option.right === 1).map((option) => option.cost));
    total += cheapest;
    if (correct === cheapest) right++;
    else if (correct < Infinity) extra.push(correct - cheapest);
  }
  const points: [number, number][] = [[total, right / queries]];
  for (const delta of extra.sort((a, b) => a - b)) points.push([(total += delta), ++right / queries]);
  return points;
}

describe("the true front", () => {
  it("is the paper's for outcomes 0 or 1", async () => {
    await fc.assert(
      fc.asyncProperty(problems({ queries: 12, models: 5 }), async (problem) => {
        const outcome = problem.successProbability.map((p) => Number(p > 0.5));
        const front = await trueFront(problem, outcome);
        const expected = slowly(problem.models.length, problem.cost, outcome);
        expect(front.cost.length).toBe(expected.length);
        expected.forEach(([cost, accuracy], k) => {
          expect(front.cost[k]).toBeCloseTo(cost, 9);
          expect(front.accuracy[k]).toBeCloseTo(accuracy, 12);
        });
      }),
    );
  });

  it("has a point for each of several equal increments", async () => {
    const cost = Float32Array.of(1, 2, 1, 2);
    const front = await trueFront({ models: ["a", "b"], cost }, Float32Array.of(0, 1, 0, 1));
    expect(front).toEqual({ cost: Float64Array.of(2, 3, 4), accuracy: Float64Array.of(0, 0.5, 1) });
  });
});
