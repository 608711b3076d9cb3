import { describe, expect, it } from "vitest";
import type { Matrices } from "../../../src/core/solve/block.js";
import { allocate } from "../../../src/core/solve/allocate.js";
import { bracketPrices } from "../../../src/core/solve/bracket.js";
import { sumHulls } from "../../../src/core/solve/buckets.js";
import { concatSteps } from "../../../src/core/solve/steps.js";
import { BUILDS, coreOf, randomMatrices } from "./matrices.js";

describe.each(BUILDS)("the %s build", (build) => {
  const core = coreOf(build);

  it.each([
    ["a NaN cost", NaN, 0.5, /cost of query 17, model 2 is NaN; expected dollars ≥ 0/],
    ["a negative cost", -1, 0.5, /cost of query 17, model 2 is -1; /],
    ["a probability above 1", 1, 1.25, /success probability of query 17, model 2 is 1.25; expected 0 … 1/],
    ["a negative probability", 1, -0.5, /success probability of query 17, model 2 is -0.5/],
    ["a NaN probability", 1, NaN, /success probability of query 17, model 2 is NaN/],
  ])("refuses %s, naming the place", (_, cost, probability, message) => {
    const problem = randomMatrices(5, 40, 3);
    problem.cost[17 * 3 + 2] = cost;
    problem.successProbability[17 * 3 + 2] = probability;
    expect(() => sumHulls(core, problem, 0, 40)).toThrow(message);
    expect(() => bracketPrices(core, problem, 0, 40, Infinity, 0, false)).toThrow(message);
  });

  it("refuses a wrong value in the last place, and takes a negative zero", () => {
    const problem = randomMatrices(5, 13, 3);
    const found = new Uint8Array(13);
    problem.cost[0] = -0;
    problem.successProbability[1] = -0;
    problem.cost[2] = Infinity;
    allocate(core, problem, 0, 13, 1, found, false);
    problem.successProbability[38] = 1.5;
    expect(() => allocate(core, problem, 0, 13, 1, found, false)).toThrow(/query 12, model 2 is 1.5/);
  });

  it("refuses a query that no model may answer", () => {
    const problem = randomMatrices(5, 40, 3);
    problem.cost.fill(Infinity, 39 * 3, 40 * 3);
    expect(() => sumHulls(core, problem, 0, 40)).toThrow(/no model may answer query 39/);
  });

  it("ends with huge, tiny and zero costs", () => {
    const problem: Matrices = {
      models: 4,
      cost: Float32Array.of(0, 1e-12, 1, 1e12, 0, 0, 0, 0, 1e12, 1e12, 1e11, 1e-12),
      successProbability: Float32Array.of(0, 1e-45, 1e-38, 1, 0.25, 0.5, 0.5, 0.125, 0.5, 1, 0.25, 0),
    };
    const found = new Uint8Array(3);
    allocate(core, problem, 0, 3, 0, found);
    expect([...found]).toEqual([3, 1, 1]);
    const bracket = bracketPrices(core, problem, 0, 3, Infinity, 0, false);
    expect(concatSteps(bracket.steps).query.length).toBeGreaterThan(2);
    expect([...bracket.allocation]).toEqual([0, 1, 3]);
    expect(sumHulls(core, problem, 0, 3).startCost).toBe(Math.fround(1e-12));
  });
});
