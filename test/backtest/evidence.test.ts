import { describe, expect, it } from "vitest";
import { accuracyAt, costAt } from "../../src/backtest/figures/curve.js";
import { nonDecreasingHull } from "../../src/backtest/figures/hull.js";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { solveFront } from "../../src/solve/front.js";
import { bestAlone, recordsAlone, singlesOf } from "../../src/backtest/alone.js";
import { realise } from "../../src/backtest/comparators.js";
import type { Dataset } from "../../src/types.js";
import { dealBlocks, evidenceOf, evidenceOver, tracedPoints } from "../../src/backtest/evidence.js";

/** All models alone, and the best of them. */
function standing(dataset: Dataset) {
  const name = bestAlone(dataset, dataset.models);
  const alone = recordsAlone(dataset, dataset.models, name);
  const singles = singlesOf(alone);
  return { alone, singles, best: singles.find(({ model }) => model === name)! };
}

describe("blocks", () => {
  it("hold one row each while these are few, and as many each beyond", () => {
    const rows = (n: number) => Array.from({ length: n }, (_, q) => `${q}`);
    const few = dealBlocks(rows(50), 1, false);
    expect([few.count, new Set(few.of).size]).toEqual([50, 50]);
    const many = dealBlocks(rows(4100), 1, false);
    const sizes = new Uint32Array(many.count);
    many.of.forEach((block) => sizes[block]++);
    expect([many.count, Math.min(...sizes), Math.max(...sizes)]).toEqual([1000, 4, 5]);
    expect(dealBlocks(rows(4100), 2, false).of).not.toEqual(many.of);
  });

  it("keep rows of equal text together when told to", () => {
    const { of, count } = dealBlocks(["a", "b", "a", "c", "b"], 1, true);
    expect(count).toBe(3);
    expect([of[0] === of[2], of[1] === of[4], new Set(of).size]).toEqual([true, true, 3]);
  });
});

it("takes the points of a front by rising recorded cost, where predicted costs rose otherwise", async () => {
  const queries = 60;
  const models = ["a", "b", "c"];
  const matrix = (row: (q: number) => number[]): Float32Array =>
    Float32Array.from(Array.from({ length: queries }, (_, q) => row(q)).flat());
  // Each query goes from a to b and on to c, which was thought to be dearer than b but is not.
  const predicted = matrix((q) => [1, 2 + q / 1000, 4 + q / 500]);
  const successProbability = matrix(() => [0.2, 0.6, 0.8]);
  const cost = matrix(() => [1, 5, 3]);
  const outcome = matrix((q) => [q % 2, 1, q % 3 === 0 ? 0 : 1]);
  const front = await solveFront({ models, cost: predicted, successProbability });
  const ids = Array.from({ length: queries }, (_, q) => `${q}`);
  const { alone, singles, best } = standing({ ids, queries: ids, models, cost, outcome });
  const records = { cost, outcome, isCostPredicted: true };
  const judged = {
    front,
    records,
    alone,
    singles,
    best,
    offered: alone.best,
    allocations: [],
    continued: front,
  };
  const { observed } = await evidenceOf(judged, dealBlocks(ids, 1, false), 1, {});

  const realised = await realise(front, records, {});
  const order = tracedPoints(front).slice();
  expect(Array.from(order, (k) => realised.cost[k])).not.toEqual(
    Array.from(order, (k) => realised.cost[k]).sort((a, b) => a - b),
  );
  order.sort((a, b) => realised.cost[a] - realised.cost[b] || a - b);
  const line = {
    cost: Float64Array.from(order, (k) => realised.cost[k]),
    accuracy: Float64Array.from(order, (k) => realised.realisedAccuracy[k]),
  };
  expect(observed[0]).toBeCloseTo(accuracyAt(line, best.cost) - best.accuracy, 12);
  expect(observed[1]).toBeCloseTo(1 - costAt(line, best.accuracy) / best.cost, 12);
});

it("observes what the records say of front and plans", async () => {
  const { models, cost, successProbability } = simulateProblem({ queries: 90, models: 4, seed: 3 });
  const outcome = successProbability.map((p, i) => ((i * 37) % 100 < 100 * p ? 1 : 0));
  const dataset = {
    ids: Array.from({ length: 90 }, (_, q) => `${q}`),
    queries: Array<string>(90).fill(""),
    models,
  };
  const { alone, singles, best } = standing({ ...dataset, cost, outcome });
  const front = await solveFront({ models, cost, successProbability });
  const records = { cost, outcome };
  const plan = Uint8Array.from({ length: 90 }, (_, q) => q % 4);
  const blocks = dealBlocks(dataset.ids, 1, false);
  const judged = {
    front,
    records,
    alone,
    singles,
    best,
    offered: alone.best,
    continued: front,
    allocations: [plan, undefined],
  };
  const evidence = await evidenceOf(judged, blocks, 1, {});

  const realised = await realise(front, records, {});
  const points = tracedPoints(front);
  const line = {
    cost: Float64Array.from(points, (k) => realised.cost[k]),
    accuracy: Float64Array.from(points, (k) => realised.realisedAccuracy[k]),
  };
  const zero = nonDecreasingHull({
    cost: Float64Array.from(singles, (single) => single.cost),
    accuracy: Float64Array.from(singles, (single) => single.accuracy),
  });
  // By many small steps.
  const steps = 20000;
  const meanAt = (points: Parameters<typeof accuracyAt>[0]): number => {
    const [low, high] = [zero.cost[0], best.cost];
    let mean = 0;
    for (let k = 0.5; k < steps; k++) mean += accuracyAt(points, low + ((high - low) * k) / steps) / steps;
    return mean;
  };
  const sum = (values: Float32Array) => plan.reduce((total, m, q) => total + values[4 * q + m], 0);
  const [dollars, accuracy] = [sum(cost), sum(outcome) / 90];
  const expected = [
    accuracyAt(line, best.cost) - best.accuracy,
    1 - costAt(line, best.accuracy) / best.cost,
    meanAt(line) - meanAt(zero),
    accuracy - accuracyAt(zero, dollars),
    1 - dollars / costAt(zero, accuracy),
    accuracy - best.accuracy,
    1 - dollars / best.cost,
  ];
  expected.forEach((value, f) => expect(evidence.observed[f]).toBeCloseTo(value, f === 2 ? 6 : 9));
  expect(evidence.observed.slice(7)).toEqual([NaN, NaN, NaN, NaN]);
  expect(evidence.replicates.length).toBe(1000);

  const over = evidenceOver([evidence, evidence], 2, 1);
  expect(over.plans[0].againstBestSingle.saving.estimate).toBeCloseTo(expected[6], 9);
  expect(over.frontAboveZeroRouter.estimate).toBeCloseTo(expected[2], 6);
  expect(over.plans[1].againstZeroRouter.accuracyAtEqualCost).toEqual({
    estimate: null,
    low: null,
    high: null,
  });
});

it("continues a front to the best model of the sample alone, if that costs more", async () => {
  const queries = 40;
  const models = ["a", "b"];
  const matrix = (row: (q: number) => number[]): Float32Array =>
    Float32Array.from(Array.from({ length: queries }, (_, q) => row(q)).flat());
  const cost = matrix(() => [1, 3]);
  // By the predictions a is better everywhere, by the records b.
  const front = await solveFront({ models, cost, successProbability: matrix(() => [0.9, 0.8]) });
  const outcome = matrix((q) => [q % 2, 1]);
  const ids = Array.from({ length: queries }, (_, q) => `${q}`);
  const judged = {
    ...{ front, continued: front, records: { cost, outcome }, allocations: [] },
    ...standing({ ids, queries: ids, models, cost, outcome }),
  };
  const savingTo = async (offered: number): Promise<number> =>
    (await evidenceOf({ ...judged, offered }, dealBlocks(ids, 1, false), 1, {})).observed[1];
  expect(await savingTo(1)).toBe(0);
  expect(await savingTo(0)).toBe(-Infinity);

  // The same from a front that goes on by itself, half of the way at no loss.
  const isHalf = (q: number): boolean => q % 2 === 0;
  const continued = await solveFront({
    ...{ models, cost: cost.map((dollars, i) => (i % 4 === 1 ? 2 : dollars)) },
    successProbability: matrix((q) => (isHalf(q) ? [0.7, 0.8] : [0.79, 0.8])),
  });
  const { observed } = await evidenceOf(
    { ...judged, continued, offered: 0 },
    dealBlocks(ids, 1, false),
    1,
    {},
  );
  expect(observed[0]).toBe(-0.5);
  expect(observed[1]).toBeCloseTo(1 - 80 / 120, 12);
});

it("traces both ends of the longest step of a front, and a hundred points of the others", () => {
  const totalCost = Float64Array.from({ length: 1000 }, (_, k) => k + (k >= 998 ? 5000 : 0));
  const points = tracedPoints({ totalCost });
  expect(points.length).toBeLessThanOrEqual(102);
  expect([...points]).toEqual(expect.arrayContaining([0, 997, 998, 999]));
  expect([...points]).toEqual([...points].sort((a, b) => a - b));
  expect([...tracedPoints({ totalCost: Float64Array.of(1) })]).toEqual([0]);
});
