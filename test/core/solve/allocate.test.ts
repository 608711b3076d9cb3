import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocationAt, bestAtPrice, cheapest, evaluateSlowly, stepsOf } from "../../oracle.js";
import { problems, small } from "../../problems.js";
import { Random } from "../../../src/random.js";
import { allocate } from "../../../src/core/solve/allocate.js";
import { BUILDS, coreOf, limits, matrices, nearlyEqual, randomMatrices } from "./matrices.js";

describe.each(BUILDS)("the %s build", (build) => {
  const core = coreOf(build);

  // At a price that equals an efficiency, rounding may decide either way: prices between them are tested.
  it("allocates at a price between efficiencies as the sorted increments do", () => {
    fc.assert(
      fc.property(problems(limits), fc.integer({ min: 0, max: 40 }), (problem, pick) => {
        const steps = stepsOf(small(problem));
        const price =
          pick === 0 || steps.length === 0 ? 0 : steps[pick % steps.length].efficiency * (1 - 1e-9);
        const found = new Uint8Array(problem.cost.length / problem.models.length);
        allocate(core, matrices(problem), 0, found.length, price, found);
        const point = evaluateSlowly(small(problem), found);
        const expected = evaluateSlowly(small(problem), allocationAt(small(problem), price));
        expect(point.accuracy).toBeCloseTo(expected.accuracy, 12);
        expect(point.cost).toBeCloseTo(expected.cost, 9);
      }),
    );
  });

  it.each([1, 2, 3, 4, 5, 8, 9, 11, 12, 13, 16, 17, 31, 64, 255])(
    "allocates among %i models as float64 does if float32 cannot distinguish them",
    (models) => {
      for (let seed = 1; seed <= 30; seed++) {
        const random = new Random(1000 * models + seed);
        const lambda = 10 ** (seed % 3 === 0 ? 8 * random.normal() : 2 * random.normal());
        const problem = nearlyEqual(random, 1 + random.below(40), models, lambda);
        const found = new Uint8Array(problem.cost.length / models);
        allocate(core, problem, 0, found.length, lambda, found);
        expect([...found]).toEqual(bestAtPrice(problem, lambda));
      }
    },
  );

  it.each([5e-324, 1e-45, 1e-31, 1e-29, 1e29, 1e31, 1e40, 1e300])(
    "allocates at the price %f by the definition",
    (lambda) => {
      const random = new Random(8);
      for (const models of [3, 20]) {
        for (const scale of [1, Math.min(Math.max(1 / lambda, 1e-44), 1e38)]) {
          const problem = randomMatrices(random.below(1000), 50, models);
          const cost = problem.cost.map(() => scale * random.uniform());
          const found = new Uint8Array(50);
          allocate(core, { ...problem, cost }, 0, 50, lambda, found);
          expect([...found]).toEqual(bestAtPrice({ ...problem, cost }, lambda));
        }
      }
    },
  );

  it("allocates each query's cheapest model at an infinite price", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const found = new Uint8Array(problem.cost.length / problem.models.length);
        allocate(core, matrices(problem), 0, found.length, Infinity, found);
        expect([...found]).toEqual(cheapest(small(problem)));
      }),
    );
  });
});
