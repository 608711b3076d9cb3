import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cheapest } from "../../oracle.js";
import { problems, small } from "../../problems.js";
import { allocate } from "../../../src/core/solve/allocate.js";
import { bracketPrices } from "../../../src/core/solve/bracket.js";
import { scanBuckets, sumHulls } from "../../../src/core/solve/buckets.js";
import { Random } from "../../../src/random.js";
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
    expect(units).toMatchObject({ steps: 4, isWhole: true });
    expect(sumHulls(core, problem, 0, 2, 11).isWhole).toBe(false);
    const inUnits = bracketPrices(core, problem, 0, 2, Infinity, 0, false, 12);
    expect(inUnits).toMatchObject({ isWhole: true, cost: 1e11 + 7e12 - 100 });
    expect([...concatSteps(inUnits.steps).dCost]).toEqual([1, 1, 100, 100]);
    expect(bracketPrices(core, problem, 0, 2, Infinity, 0, false, 11).isWhole).toBe(false);
  });

  it.each([3, 4, 11, 17])("decide by their last digits at any price (%i models)", (models) => {
    const random = new Random(models);
    for (const lambda of [0, 1e-3, 7, 1e6, 1e40, Infinity]) {
      const queries = 50;
      const near = Float64Array.from({ length: queries * models }, () => 0.25 + random.below(4) * 2 ** -50);
      const problem = {
        models,
        cost: near.map((c, i) => (i % models > 0 && random.below(5) === 0 ? Infinity : c)),
        successProbability: Float32Array.from({ length: queries * models }, () => random.below(3) / 2),
      };
      const found = new Uint8Array(queries);
      allocate(core, problem, 0, queries, lambda, found, false);
      for (let q = 0; q < queries; q++) {
        const cost = problem.cost.subarray(q * models, (q + 1) * models);
        const p = problem.successProbability.subarray(q * models, (q + 1) * models);
        const least = Math.min(...cost);
        const valueOf = (m: number): number =>
          lambda === Infinity ? -cost[m] : lambda === 0 ? p[m] : p[m] - lambda * (cost[m] - least);
        const order = Array.from(cost.keys())
          .filter((m) => cost[m] < Infinity)
          .sort((a, b) => valueOf(b) - valueOf(a) || p[b] - p[a] || cost[a] - cost[b] || a - b);
        expect(found[q]).toBe(order[0]);
      }
    }
  });

  it.each([NaN, -1, 1e-13, 1e12 + 1])("are refused where one is %s", (wrong) => {
    const problem = {
      models: 5,
      cost: new Float64Array(500).fill(0.5),
      successProbability: new Float32Array(500),
    };
    const before = sumHulls(core, problem, 0, 100, 1);
    problem.cost[333] = wrong;
    expect(() => sumHulls(core, problem, 0, 100, 1)).toThrow(/cost of query 66, model 3 is/);
    problem.cost.fill(Infinity, 330, 335);
    expect(() => sumHulls(core, problem, 0, 100, 1)).toThrow(/no model may answer query 66/);
    problem.cost.fill(0.5);
    problem.successProbability[7] = 1.5;
    expect(() => sumHulls(core, problem, 0, 100, 1)).toThrow(
      /success probability of query 1, model 2 is 1.5/,
    );
    problem.successProbability[7] = 0;
    expect(sumHulls(core, problem, 0, 100, 1)).toEqual(before);
  });
});
