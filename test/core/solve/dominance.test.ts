import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nondominatedSlowly, ranksSlowly } from "../../oracle.js";
import { markFront, rankPoints, sortPoints } from "../../../src/core/solve/dominance.js";
import { BUILDS, coreOf } from "./matrices.js";
import { accuracies, coordinates, inOrder, points } from "./points.js";

describe.each(BUILDS)("the %s build", (build) => {
  const core = coreOf(build);

  it("orders points by rising cost, falling accuracy and index", () => {
    fc.assert(
      fc.property(points, (set) => {
        expect([...sortPoints(core, coordinates(set)).order]).toEqual(inOrder(set));
      }),
    );
  });

  it("marks the nondominated points and one of equal ones", () => {
    fc.assert(
      fc.property(points, (set) => {
        const keep = markFront(core, Uint32Array.from(inOrder(set)), accuracies(set));
        expect(set.filter((_, i) => keep[i] === 1)).toEqual(nondominatedSlowly(set));
      }),
    );
  });

  it("ranks points as removing front after front does", () => {
    fc.assert(
      fc.property(points, (set) => {
        const { rank, fronts } = rankPoints(core, coordinates(set));
        const expected = ranksSlowly(set);
        expect([...rank]).toEqual(expected);
        expect(fronts).toBe(Math.max(...expected) + 1);
      }),
    );
  });
});
