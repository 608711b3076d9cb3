import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { supportedFront } from "../../oracle.js";
import { problems, small } from "../../problems.js";
import { bracketPrices } from "../../../src/core/solve/bracket.js";
import { scanSteps } from "../../../src/core/solve/fullFront.js";
import { BUILDS, coreOf, limits, matrices } from "./matrices.js";

describe.each(BUILDS)("the %s build", (build) => {
  const core = coreOf(build);

  it("scans the sorted increments into the supported front", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const queries = problem.cost.length / problem.models.length;
        const { steps, cost, gain } = bracketPrices(core, matrices(problem), 0, queries, Infinity, 0, false);
        const front = scanSteps(core, steps, { cost, gain }, queries);
        const expected = supportedFront(small(problem));
        expect(front.totalCost.length).toBe(expected.length);
        expected.forEach(({ cost, accuracy }, k) => {
          expect(front.totalCost[k]).toBeCloseTo(cost, 9);
          expect(front.expectedAccuracy[k]).toBeCloseTo(accuracy, 12);
        });
      }),
    );
  });
});
