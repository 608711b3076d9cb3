import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepsOf } from "../../oracle.js";
import { problems, small } from "../../problems.js";
import { allocate } from "../../../src/core/solve/allocate.js";
import { bracketPrices } from "../../../src/core/solve/bracket.js";
import { orderFalling } from "../../../src/core/solve/sort.js";
import { concatSteps } from "../../../src/core/solve/steps.js";
import { BUILDS, coreOf, limits, matrices, randomMatrices } from "./matrices.js";

describe.each(BUILDS)("the %s build", (build) => {
  const core = coreOf(build);

  it("brackets two prices as two allocations do", () => {
    fc.assert(
      fc.property(problems(limits), fc.nat(), fc.nat(), (problem, a, b) => {
        const efficiencies = stepsOf(small(problem)).map(({ efficiency }) => efficiency * (1 + 1e-9));
        fc.pre(efficiencies.length > 0);
        const [low, high] = [a, b].map((k) => efficiencies[k % efficiencies.length]).sort((x, y) => x - y);
        const queries = problem.cost.length / problem.models.length;
        const bracket = bracketPrices(core, matrices(problem), 0, queries, high, low, true);
        const found = new Uint8Array(queries);
        allocate(core, matrices(problem), 0, queries, high, found);
        expect(bracket.allocation).toEqual(found);
        const { query, to } = concatSteps(bracket.steps);
        query.forEach((q, s) => (found[q] = to[s]));
        const expected = new Uint8Array(queries);
        allocate(core, matrices(problem), 0, queries, low, expected);
        expect(found).toEqual(expected);
      }),
    );
  });

  it("lists the increments of the hulls", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const queries = problem.cost.length / problem.models.length;
        const bracket = bracketPrices(core, matrices(problem), 0, queries, Infinity, 0, false);
        const steps = concatSteps(bracket.steps);
        const order = orderFalling(core, steps.efficiency);
        const found = Array.from(order, (s) => [steps.query[s], steps.dCost[s], steps.dGain[s]]);
        const expected = stepsOf(small(problem)).map(({ query, dCost, dGain }) => [query, dCost, dGain]);
        expect(found).toEqual(expected);
      }),
    );
  });

  it("lists the increments of a query independently of the others", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const { models, cost, successProbability } = matrices(problem);
        const queries = cost.length / models;
        const all = concatSteps(bracketPrices(core, matrices(problem), 0, queries, Infinity, 0, false).steps);
        for (let q = 0; q < queries; q++) {
          const row = (values: Float32Array | Float64Array) =>
            Float32Array.from(values).slice(q * models, (q + 1) * models);
          const alone = { models, cost: row(cost), successProbability: row(successProbability) };
          const one = concatSteps(bracketPrices(core, alone, 0, 1, Infinity, 0, false).steps);
          const mine = Array.from(all.query, (_, s) => s).filter((s) => all.query[s] === q);
          expect(mine.map((s) => all.efficiency[s])).toEqual([...one.efficiency]);
          expect(mine.map((s) => all.to[s])).toEqual([...one.to]);
        }
      }),
    );
  });

  it("lists realistic increments as the definition does", () => {
    const problem = randomMatrices(11, 2_001, 13);
    const steps = concatSteps(bracketPrices(core, problem, 0, 2_001, Infinity, 0, false).steps);
    const order = orderFalling(core, steps.efficiency);
    const found = Array.from(order, (s) => [steps.query[s], steps.from[s], steps.to[s]]);
    expect(found).toEqual(stepsOf(problem).map(({ query, from, to }) => [query, from, to]));
  });
});
