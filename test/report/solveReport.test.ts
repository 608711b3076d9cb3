import { expect, it } from "vitest";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { nonDecreasingHull } from "../../src/backtest/figures/hull.js";
import { solveFront } from "../../src/solve/front.js";
import { allocateAt } from "../../src/solve/allocate.js";
import { reliability } from "../../src/predict/selection/reliability.js";
import { explorerOf, kneeOf, pointsDrawn, markOf, zeroRouterCurve } from "../../src/report/frontData.js";
import { queriesData } from "../../src/report/queriesData.js";
import { cut } from "../../src/text/names.js";

const problem = simulateProblem({ queries: 5000, models: 6, seed: 3 });

it("draws at most 1,000 points: both ends and the last one within the budget", async () => {
  const front = await solveFront(problem);
  const start = front.totalCost[1234] + 1e-9;
  const drawn = pointsDrawn(front, start);
  expect(drawn.length).toBeLessThanOrEqual(1000);
  expect([...drawn]).toEqual([...drawn].sort((a, b) => a - b));
  expect([drawn[0], drawn.at(-1)]).toEqual([0, front.totalCost.length - 1]);
  expect(drawn).toContain(1234);
});

it("tells the shares of the allocation at each point drawn", async () => {
  const front = await solveFront(problem);
  const drawn = pointsDrawn(front, front.totalCost[100]);
  const { shares, cost, lambda } = await explorerOf(front, drawn, front.totalCost[100], {});
  for (const k of [0, 17, 500, drawn.length - 1]) {
    const allocation = await allocateAt(problem, front.lambda[drawn[k]] * (1 - 1e-12));
    shares!.ofModel.forEach((share, m) => {
      expect(share[k]).toBeCloseTo(allocation.filter((model) => model === m).length / 5000, 4);
    });
    expect(cost[k]).toBeCloseTo(front.totalCost[drawn[k]], 4);
  }
  expect(lambda![0]).toBeNull();
});

it("puts the knee where the curve is farthest above its chord", () => {
  expect(kneeOf([0, 1, 2, 10], [0, 0.5, 0.6, 1])).toBe(1);
  expect(kneeOf([3], [0.5])).toBe(0);
});

it("joins single models by straight lines of dollars to the zero router", () => {
  const marks = [
    [1, 0.2],
    [3, 0.6],
    [2, 0.3],
    [9, 0.5],
  ].map(([cost, accuracy], m) => ({ ...markOf(`m${m}`, cost, accuracy), kind: "single" as const }));
  const { cost, accuracy } = zeroRouterCurve(marks)!;
  const hull = nonDecreasingHull({ cost: Float64Array.of(1, 3), accuracy: Float64Array.of(0.2, 0.6) });
  expect([cost[0], cost.at(-1)]).toEqual([...hull.cost]);
  cost.forEach((at, k) => expect(accuracy[k]).toBeCloseTo(0.2 + 0.2 * (at - 1), 6));
  expect(zeroRouterCurve(marks.slice(0, 1))).toBeUndefined();
});

it("samples queries by seed, cuts texts, and names the next best model", async () => {
  const small = {
    models: ["a", "b", "c"],
    cost: Float32Array.of(1, 2, 4, 1, 2, Infinity),
    successProbability: Float32Array.of(0.1, 0.5, 0.9, 0.4, 0.5, 0.6),
    ids: ["x".repeat(100), "y"],
  };
  const shown = { problem: small, queries: ["t".repeat(500), ""], lambda: 0.2, seed: 1 };
  // Scores at 0.2 a dollar: −0.1, 0.1, 0.1 and 0.2, 0.1.
  const { rows } = queriesData({ ...shown, allocation: Uint8Array.of(2, 0) });
  expect(rows[0].query).toBe(`${"t".repeat(199)}…`);
  expect(rows[0].id.length).toBe(80);
  expect(rows.map(({ next }) => next!.model)).toEqual([1, 1]);
  expect(rows[0]).toMatchObject({ model: 2, probability: 0.9, cost: 4, next: { probability: 0.5, cost: 2 } });

  const queries = Array.from({ length: 5000 }, (_, q) => `query ${q}`);
  const allocation = new Uint8Array(5000);
  const sample = (seed: number) =>
    queriesData({ problem, queries, allocation, lambda: Infinity, seed }).rows.map(({ id }) => Number(id));
  expect(sample(1)).toEqual(sample(1));
  expect(sample(1)).not.toEqual(sample(2));
  expect(new Set(sample(1)).size).toBe(2000);
  expect(sample(1)).toEqual([...sample(1)].sort((a, b) => a - b));
});

it("cuts no surrogate pair in half", () => {
  expect(cut("abc😀def", 5)).toBe("abc…");
  expect(cut("abc", 3)).toBe("abc");
});

it("bins answers as the calibration error does", () => {
  const p = Float32Array.of(0.01, 0.5, 0.99, 1, 0.2, 0.25);
  const y = Float32Array.of(0, 1, 1, 0, NaN, 1);
  const { perModel, pooledBins: all } = reliability(p, y, 2);
  const [first, second] = perModel.map(({ bins }) => bins);
  expect(all.map(({ labels }) => labels)).toEqual([1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2]);
  expect(all[14]).toMatchObject({ labels: 2, observed: 0.5 });
  expect(all[14].predicted).toBeCloseTo(0.995, 6);
  expect([first, second].map((bins) => bins.reduce((sum, { labels }) => sum + labels, 0))).toEqual([2, 3]);
  const ece = [first, second].map(
    (bins) =>
      bins.reduce(
        (sum, { labels, predicted, observed }) => sum + labels * Math.abs(predicted - observed),
        0,
      ) / bins.reduce((sum, { labels }) => sum + labels, 0),
  );
  ece.forEach((value, m) => expect(value).toBeCloseTo(perModel[m].ece, 6));
});
