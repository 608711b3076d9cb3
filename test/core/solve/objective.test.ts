import { describe, expect, it } from "vitest";
import { evaluateSlowly } from "../../oracle.js";
import { Random } from "../../../src/random.js";
import { addAllocated, sumAllocated } from "../../../src/core/solve/objective.js";
import { BUILDS, coreOf, randomMatrices } from "./matrices.js";

describe.each(BUILDS)("the %s build", (build) => {
  const core = coreOf(build);

  it("evaluates an allocation to the same bytes as a plain loop", () => {
    const problem = randomMatrices(3, 30_000, 7);
    const random = new Random(4);
    const allocation = Uint8Array.from({ length: 30_000 }, () => random.below(7));
    const expected = evaluateSlowly(problem, allocation);
    expect(sumAllocated(core, problem.cost as Float32Array, 7, allocation)).toBe(expected.cost);
    expect(sumAllocated(core, problem.successProbability, 7, allocation) / 30_000).toBe(expected.accuracy);
    const both = addAllocated(core, problem, allocation);
    expect(both.cost).toBe(expected.cost);
    expect(both.gain / 30_000).toBe(expected.accuracy);
  });

  it("evaluates weighted queries to the same bytes as a plain loop", () => {
    const random = new Random(6);
    const weight = Float32Array.from({ length: 30_001 }, () => random.uniform());
    const problem = { ...randomMatrices(5, 30_001, 7), weight };
    const allocation = Uint8Array.from({ length: 30_001 }, () => random.below(7));
    const plain = { cost: 0, gain: 0 };
    allocation.forEach((m, q) => {
      plain.cost += weight[q] * problem.cost[q * 7 + m];
      plain.gain += weight[q] * problem.successProbability[q * 7 + m];
    });
    expect(addAllocated(core, problem, allocation)).toEqual(plain);
    expect(sumAllocated(core, problem.cost as Float32Array, 7, allocation, weight)).toBe(plain.cost);
  });
});
