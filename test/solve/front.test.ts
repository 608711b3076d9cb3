import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { solveFront } from "../../src/solve/front.js";
import { countShares, traceFront } from "../../src/solve/trace.js";
import { allocationAt } from "../oracle.js";
import { problemOf, problems, small } from "../problems.js";
import type { Problem } from "../../src/types.js";

const limits = { queries: 25, models: 6 };

function permuteQueries(problem: Problem, order: readonly number[]): Problem {
  const models = problem.models.length;
  const rows = (matrix: Float32Array | Float64Array) =>
    Float32Array.from(order.flatMap((q) => [...matrix.slice(q * models, (q + 1) * models)]));
  return { ...problem, cost: rows(problem.cost), successProbability: rows(problem.successProbability) };
}

describe("the front", () => {
  it("rises strictly in cost and accuracy while the price falls, and its slopes fall", async () => {
    await fc.assert(
      fc.asyncProperty(problems(limits), async (problem) => {
        const { totalCost, expectedAccuracy, lambda } = await solveFront(problem, { resolution: "full" });
        expect(lambda[0]).toBe(Infinity);
        for (let k = 1; k < lambda.length; k++) {
          expect(totalCost[k]).toBeGreaterThan(totalCost[k - 1]);
          expect(expectedAccuracy[k]).toBeGreaterThan(expectedAccuracy[k - 1]);
          expect(lambda[k]).toBeLessThan(lambda[k - 1]);
        }
      }),
    );
  });

  it("is the same whatever the order of the queries", async () => {
    await fc.assert(
      fc.asyncProperty(problems(limits), async (problem) => {
        const queries = problem.cost.length / problem.models.length;
        const order = Array.from({ length: queries }, (_, q) => (q * 7 + 3) % queries);
        fc.pre(new Set(order).size === queries);
        for (const resolution of ["full", "buckets"] as const) {
          const front = await solveFront(problem, { resolution });
          const permuted = await solveFront(permuteQueries(problem, order), { resolution });
          // The numbers are exact in float64, so that the sums do not depend on the order.
          expect(permuted.totalCost).toEqual(front.totalCost);
          expect(permuted.lambda).toEqual(front.lambda);
        }
      }),
    );
  });

  it("scales its prices down when all costs double", async () => {
    await fc.assert(
      fc.asyncProperty(problems(limits), async (problem) => {
        const front = await solveFront(problem, { resolution: "full" });
        const double = await solveFront(
          { ...problem, cost: problem.cost.map((c) => 2 * c) },
          { resolution: "full" },
        );
        expect(double.totalCost).toEqual(front.totalCost.map((c) => 2 * c));
        expect(double.lambda).toEqual(front.lambda.map((l) => l / 2));
        expect(double.expectedAccuracy).toEqual(front.expectedAccuracy);
      }),
    );
  });

  it("does not change when a model is added that is dearer and worse than another", async () => {
    await fc.assert(
      fc.asyncProperty(problems(limits), async (problem) => {
        const models = problem.models.length;
        const add = (matrix: Float32Array | Float64Array, worse: (x: number) => number) =>
          Float32Array.from({ length: (matrix.length / models) * (models + 1) }, (_, i) => {
            const [q, m] = [Math.floor(i / (models + 1)), i % (models + 1)];
            return m < models ? matrix[q * models + m] : worse(matrix[q * models]);
          });
        const wider = {
          models: [...problem.models, "worse"],
          cost: add(problem.cost, (c) => c + 1),
          successProbability: add(problem.successProbability, (p) => p / 2),
        };
        for (const resolution of ["full", "buckets"] as const) {
          const front = await solveFront(problem, { resolution });
          const again = await solveFront(wider, { resolution });
          expect(again.totalCost).toEqual(front.totalCost);
          expect(again.expectedAccuracy).toEqual(front.expectedAccuracy);
        }
      }),
    );
  });

  it.each([
    [
      "no models",
      { models: [], cost: new Float32Array(), successProbability: new Float32Array() },
      /0 models/,
    ],
    [
      "a model named twice",
      { ...problemOf([[1, 2]], [[0, 1]]), models: ["a", "a"] },
      /model "a" is named twice/,
    ],
    [
      "no queries",
      { models: ["a"], cost: new Float32Array(), successProbability: new Float32Array() },
      /no queries/,
    ],
    ["plain arrays", { models: ["a"], cost: [1], successProbability: [1] }, /cost is not a Float32Array/],
    [
      "a ragged matrix",
      { ...problemOf([[1, 2]], [[0, 1]]), models: ["a", "b", "c"] },
      /not a multiple of 3 models/,
    ],
    [
      "matrices of two sizes",
      { ...problemOf([[1, 2]], [[0, 1]]), successProbability: new Float32Array(1) },
      /successProbability has 1 values; expected 2/,
    ],
    ["too few ids", { ...problemOf([[1], [2]], [[0], [1]]), ids: ["x"] }, /1 ids for 2 queries/],
    [
      "a NaN cost",
      {
        ...problemOf(
          [
            [1, 2],
            [1, NaN],
          ],
          [
            [0, 1],
            [0, 1],
          ],
        ),
        ids: ["x", "y"],
      },
      /cost of query "y", model "model-1" is NaN; expected dollars ≥ 0/,
    ],
    [
      "a probability of 1.2",
      problemOf([[1, 2]], [[0, 1.2]]),
      /success probability of query 0, model "model-1" is 1\.2/,
    ],
    [
      "a query without a model",
      problemOf(
        [
          [1, 2],
          [Infinity, Infinity],
        ],
        [
          [0, 1],
          [0, 1],
        ],
      ),
      /no model may answer query 1/,
    ],
  ])("refuses %s", async (_, problem, message) => {
    for (const resolution of ["full", "buckets"] as const) {
      await expect(solveFront(problem as never, { resolution })).rejects.toThrow(message);
    }
  });

  it("refuses an unknown resolution", async () => {
    const problem = problemOf([[1]], [[1]]);
    await expect(solveFront(problem, { resolution: "coarse" as never })).rejects.toThrow(
      /expected auto, full or buckets/,
    );
  });

  it("stops when its signal fires, with the signal's reason", async () => {
    const reason = new Error("enough");
    const problem = problemOf([[1, 2]], [[0, 1]]);
    await expect(solveFront(problem, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("a trace along the front", () => {
  it("adds up any matrix over the allocation at each point", async () => {
    await fc.assert(
      fc.asyncProperty(problems(limits), async (problem) => {
        const models = problem.models.length;
        const outcome = problem.cost.map((_, i) => ((i * 7) % 3 === 0 ? 1 : 0));
        for (const resolution of ["full", "buckets"] as const) {
          const front = await solveFront(problem, { resolution });
          const sums = await traceFront(front, outcome);
          const shares = await countShares(
            front,
            Uint32Array.from(front.lambda, (_, k) => k),
          );
          front.lambda.forEach((lambda, k) => {
            const allocation = allocationAt(small(problem), lambda);
            expect(sums[k]).toBe(allocation.reduce((sum, m, q) => sum + outcome[q * models + m], 0));
            const counts = problem.models.map((_, m) => allocation.filter((chosen) => chosen === m).length);
            expect([...shares.slice(k * models, (k + 1) * models)]).toEqual(counts);
          });
        }
      }),
    );
  });

  it("counts shares at some points as at all of them", async () => {
    const problem = problemOf(
      [
        [1, 2, 3],
        [1, 2, 3],
        [2, 2.5, 9],
      ],
      [
        [0.1, 0.5, 0.6],
        [0.2, 0.4, 0.9],
        [0.3, 0.8, 0.85],
      ],
    );
    const front = await solveFront(problem, { resolution: "full" });
    const all = await countShares(
      front,
      Uint32Array.from(front.lambda, (_, k) => k),
    );
    const last = front.lambda.length - 1;
    const some = await countShares(front, Uint32Array.of(2, last));
    expect([...some]).toEqual([...all.slice(6, 9), ...all.slice(last * 3)]);
  });
});
