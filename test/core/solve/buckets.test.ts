import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocationAt, evaluateSlowly } from "../../oracle.js";
import { problems, small } from "../../problems.js";
import { allocate } from "../../../src/core/solve/allocate.js";
import { scanBuckets, sumHulls } from "../../../src/core/solve/buckets.js";
import { BUILDS, coreOf, limits, matrices, randomMatrices } from "./matrices.js";

describe.each(BUILDS)("the %s build", (build) => {
  const core = coreOf(build);

  it("sums every increment into some bucket, and every point of the scan is the allocation at its price", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const queries = problem.cost.length / problem.models.length;
        const sums = sumHulls(core, matrices(problem), 0, queries);
        const front = scanBuckets(core, sums, queries);
        const last = front.totalCost.length - 1;
        const end = evaluateSlowly(small(problem), allocationAt(small(problem), 0));
        expect(front.totalCost[last]).toBeCloseTo(end.cost, 9);
        expect(front.expectedAccuracy[last]).toBeCloseTo(end.accuracy, 12);
        front.lambda.forEach((lambda, k) => {
          const expected = evaluateSlowly(small(problem), allocationAt(small(problem), lambda));
          expect(front.totalCost[k]).toBeCloseTo(expected.cost, 9);
          expect(front.expectedAccuracy[k]).toBeCloseTo(expected.accuracy, 12);
        });
      }),
    );
  });

  it.each([
    [1, 1],
    [3, 2],
    [1000, 3],
    [777, 12],
    [30_001, 4],
    [600, 255],
  ])("sums %i × %i realistic options over several blocks as the sorted increments do", (queries, models) => {
    const problem = randomMatrices(queries, queries, models);
    const front = scanBuckets(core, sumHulls(core, problem, 0, queries), queries);
    const allocation = new Uint8Array(queries);
    for (const k of [0, Math.floor(front.lambda.length / 2), front.lambda.length - 1]) {
      allocate(core, problem, 0, queries, front.lambda[k], allocation);
      const point = evaluateSlowly(problem, allocation);
      // float32 slopes may put an increment at a border on the other side of it.
      expect(Math.abs(front.totalCost[k] / point.cost - 1)).toBeLessThan(1e-4);
      expect(Math.abs(front.expectedAccuracy[k] / point.accuracy - 1)).toBeLessThan(1e-4);
    }
    for (let k = 1; k < front.lambda.length; k++) {
      expect(front.totalCost[k]).toBeGreaterThan(front.totalCost[k - 1]);
      expect(front.expectedAccuracy[k]).toBeGreaterThan(front.expectedAccuracy[k - 1]);
      expect(front.lambda[k]).toBeLessThan(front.lambda[k - 1]);
    }
  });

  it("sums a range of queries as a problem of its own", () => {
    const problem = randomMatrices(7, 1000, 5);
    const part = {
      models: 5,
      cost: problem.cost.slice(13 * 5, 900 * 5),
      successProbability: problem.successProbability.slice(13 * 5, 900 * 5),
    };
    expect(sumHulls(core, problem, 13, 900)).toEqual(sumHulls(core, part, 0, 887));
  });
});
