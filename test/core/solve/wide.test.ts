import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cheapest } from "../../oracle.js";
import { problems, small } from "../../problems.js";
import { allocate } from "../../../src/core/solve/allocate.js";
import { bracketPrices } from "../../../src/core/solve/bracket.js";
import { scanBuckets, sumHulls } from "../../../src/core/solve/buckets.js";
import { concatSteps } from "../../../src/core/solve/steps.js";
import { BUILDS, coreOf, limits, matrices } from "./matrices.js";

describe.each(BUILDS)("float64 costs in the %s build", (build) => {
  const core = coreOf(build);

  it("give what the same costs in float32 give", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const narrow = matrices(problem);
        const wide = { ...narrow, cost: Float64Array.from(narrow.cost) };
        const queries = narrow.cost.length / narrow.models;
        const [one, other] = [narrow, wide].map((p) =>
          bracketPrices(core, p, 0, queries, Infinity, 0, false),
        );
        expect(other.allocation).toEqual(one.allocation);
        expect(concatSteps(other.steps)).toEqual(concatSteps(one.steps));
        const mostProbable = [narrow, wide].map((p) => {
          const found = new Uint8Array(queries);
          allocate(core, p, 0, queries, 0, found);
          return found;
        });
        expect(mostProbable[1]).toEqual(mostProbable[0]);
        const fronts = [narrow, wide].map((p) => scanBuckets(core, sumHulls(core, p, 0, queries), queries));
        expect(fronts[1].totalCost[0]).toBeCloseTo(fronts[0].totalCost[0], 9);
        expect(fronts[1].totalCost.at(-1)).toBeCloseTo(fronts[0].totalCost.at(-1)!, 9);
      }),
    );
  });

  it("tell costs apart that float32 does not", () => {
    const problem = {
      models: 3,
      cost: Float64Array.of(0.100000000001, 0.1, 0.100000000002, 7, 7.0000000001, 6.9999999999),
      successProbability: Float32Array.of(0.75, 0.5, 0.875, 0.5, 0.625, 0.25),
    };
    const { allocation, steps } = bracketPrices(core, problem, 0, 2, Infinity, 0, false);
    const slow = small({ ...problem, models: ["a", "b", "c"] } as never);
    expect([...allocation]).toEqual([1, 2]);
    expect([...allocation]).toEqual(cheapest(slow));
    expect([...concatSteps(steps).to]).toEqual([0, 2, 0, 1]);
    const units = sumHulls(core, problem, 0, 2, 12);
    expect(units.startCost).toBe(1e11 + 7e12 - 100);
    expect(units.steps).toBe(4);
  });
});
