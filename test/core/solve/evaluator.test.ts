import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Evaluator } from "../../../src/core/solve/evaluator.js";
import { compileCore, type Build } from "../../builds.js";
import { InputError } from "../../../src/errors.js";
import { evaluate } from "../../../src/solve/objective.js";
import { evaluateSlowly } from "../../oracle.js";
import { problems, small } from "../../problems.js";

describe.each(["debug", "release"] as Build[])("the evaluator of the %s build", (build) => {
  it("gives the sums of a plain loop, to the bit, for many allocations at once", () => {
    fc.assert(
      fc.property(
        problems({ queries: 20, models: 6 }),
        fc.array(fc.integer({ min: 0, max: 2 ** 31 }), { minLength: 1, maxLength: 5 }),
        (problem, picks) => {
          const models = problem.models.length;
          const queries = problem.cost.length / models;
          const allocations = Uint8Array.from(
            { length: picks.length * queries },
            (_, g) => (picks[Math.floor(g / queries)] + 7 * g) % models,
          );
          const found = new Evaluator({ ...problem, models }, compileCore(build, "solve")).evaluate(
            allocations,
          );
          picks.forEach((_, point) => {
            const allocation = allocations.slice(point * queries, (point + 1) * queries);
            const expected = evaluateSlowly(small(problem), allocation);
            expect(found.cost[point]).toBe(expected.cost);
            expect(found.accuracy[point]).toBe(expected.accuracy);
            const { totalCost, expectedAccuracy } = evaluate(problem, allocation);
            expect([found.cost[point], found.accuracy[point]]).toEqual([totalCost, expectedAccuracy]);
          });
        },
      ),
    );
  });

  it("reads a view into a larger array, and shared memory", () => {
    const shared = new Float32Array(new SharedArrayBuffer(16)).fill(2);
    const part = Float32Array.of(9, 9, 0.25, 0.5, 0.75, 1).subarray(2);
    const evaluator = new Evaluator(
      { models: 2, cost: shared, successProbability: part },
      compileCore(build, "solve"),
    );
    expect(evaluator.evaluate(Uint8Array.of(0, 1, 1, 0))).toEqual({
      cost: Float64Array.of(4, 4),
      accuracy: Float64Array.of(0.625, 0.625),
    });
  });
});

it("refuses matrices that do not fit one memory", () => {
  const many = { length: 2 ** 29 } as Float32Array;
  expect(() => new Evaluator({ models: 8, cost: many, successProbability: many })).toThrow(InputError);
  expect(() => new Evaluator({ models: 8, cost: many, successProbability: many })).toThrow(
    /67108864 queries × 8 models do not fit/,
  );
});
