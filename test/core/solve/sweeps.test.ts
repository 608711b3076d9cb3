import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Core } from "../../../src/core/core.js";
import { bracketPrices } from "../../../src/core/solve/bracket.js";
import { compileCore, type Build } from "../../builds.js";
import { concatSteps } from "../../../src/core/solve/steps.js";
import { Sweeps, type Direction } from "../../../src/core/solve/sweeps.js";
import { simulateProblem } from "../../../src/simulate/simulate.js";
import { InputError } from "../../../src/errors.js";
import type { Problem } from "../../../src/types.js";
import { allocationAt, evaluateSlowly, sweepSlowly, totalWeight } from "../../oracle.js";
import { problems, small } from "../../problems.js";
import { runs } from "../../runs.js";

const limits = { queries: 12, models: 5 };

describe.each(["debug", "release"] as Build[])("the sweeps of the %s build", (build) => {
  const core = new Core(compileCore(build, "solve"));
  const open = (problem: Problem) => {
    const queries = problem.cost.length / problem.models.length;
    const matrices = { ...problem, models: problem.models.length };
    const { cost, gain, ...bracket } = bracketPrices(core, matrices, 0, queries, Infinity, 0, false);
    const steps = concatSteps(bracket.steps);
    return { sweeps: new Sweeps(steps, queries, compileCore(build, "solve")), cheapest: { cost, gain } };
  };
  const pricesOf = (sweeps: Sweeps, direction: Direction, gridNumber: number) => {
    const gap = sweeps.begin(direction) / gridNumber;
    const prices: number[] = [];
    for (let k = 1; k < gridNumber; k++) {
      const price = sweeps.step(gap);
      if (price === undefined) break;
      prices.push(price);
    }
    return prices;
  };

  it.each(["up", "down"] as const)("settle as the published loop does, going %s", (direction) => {
    fc.assert(
      fc.property(problems(limits), fc.integer({ min: 1, max: 12 }), (problem, gridNumber) => {
        const states = sweepSlowly(small(problem), gridNumber, direction);
        const { sweeps, cheapest } = open(problem);
        const prices = pricesOf(sweeps, direction, gridNumber);
        expect(prices).toEqual(states.map(({ price }) => price));

        const finite = [...new Set(prices)].filter((price) => price < Infinity).sort((a, b) => b - a);
        const points = sweeps.points(Float64Array.from(finite), cheapest, totalWeight(small(problem)));
        expect([...points.lambda]).toEqual([Infinity, ...finite]);
        for (const { allocation, price, isSplit } of states) {
          // Of increments that are equal all are applied: that is what a price names.
          const named = isSplit ? allocationAt(small(problem), price) : allocation;
          const expected = evaluateSlowly(small(problem), named);
          const k = points.lambda.indexOf(price);
          expect(points.totalCost[k]).toBeCloseTo(expected.cost, 9);
          expect(points.expectedAccuracy[k]).toBeCloseTo(expected.accuracy, 9);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  it("move no query if all together are below the gap, and all if they just reach it", () => {
    const problem = {
      models: ["a", "b"],
      cost: Float32Array.of(1, 2, 1, 3, 1, 5),
      successProbability: Float32Array.of(0, 0.5, 0, 0.25, 0, 0.25),
    };
    const { sweeps } = open(problem);
    expect(sweeps.begin("up")).toBe(1);
    expect(sweeps.step(1.0000001)).toBeUndefined();
    expect(sweeps.step(1)).toBe(0.0625);
    expect(sweeps.begin("down")).toBe(7);
    expect(sweeps.step(7.5)).toBeUndefined();
    expect(sweeps.step(7)).toBe(Infinity);
    expect(sweeps.step(1)).toBeUndefined();
  });

  it("settle as the published loop does on many queries with realistic numbers", () => {
    const problem = simulateProblem({ queries: 300, models: 4, seed: 5 });
    for (const direction of ["up", "down"] as const) {
      const states = sweepSlowly(small(problem), 8, direction);
      expect(states.length).toBeGreaterThanOrEqual(5);
      expect(pricesOf(open(problem).sweeps, direction, 8)).toEqual(states.map(({ price }) => price));
    }
  });
});

it("refuse increments that do not fit one memory, naming the bytes", () => {
  const many = { length: 2 ** 27 } as never;
  const steps = { efficiency: many, dCost: many, dGain: many, query: many, from: many, to: many };
  expect(() => new Sweeps(steps, 1)).toThrow(InputError);
  expect(() => new Sweeps(steps, 1)).toThrow(/134217728 increments of 1 queries need 4\.6 GiB/);
});
