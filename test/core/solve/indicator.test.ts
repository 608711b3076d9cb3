import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  epsilonSlowly,
  hypervolumeSlowly,
  igdPlusSlowly,
  igdSlowly,
  nondominatedSlowly,
  spreadSlowly,
  type Point,
} from "../../oracle.js";
import { additiveEpsilon, hypervolume, igd, igdSorted, spread } from "../../../src/core/solve/indicator.js";
import { BUILDS, coreOf } from "./matrices.js";
import { chains, coordinates, points } from "./points.js";

describe.each(BUILDS)("the %s build", (build) => {
  const core = coreOf(build);

  it("measures the hypervolume of a front", () => {
    const reference = { cost: 15, accuracy: 3 };
    fc.assert(
      fc.property(points, (set) => {
        const front = nondominatedSlowly(set).sort((a, b) => a.cost - b.cost);
        expect(hypervolume(core, coordinates(front), reference)).toBeCloseTo(
          hypervolumeSlowly(set, reference),
          9,
        );
      }),
    );
  });

  it.each([
    ["IGD", false, igdSlowly],
    ["IGD+", true, igdPlusSlowly],
  ])("measures %s between any sets", (_, isPlus, slowly) => {
    fc.assert(
      fc.property(points, points, (set, reference) => {
        const found = igd(core, coordinates(set), coordinates(reference), isPlus);
        expect(found).toBeCloseTo(slowly(set, reference), 12);
      }),
    );
  });

  it.each([
    ["IGD", false, igdSlowly],
    ["IGD+", true, igdPlusSlowly],
  ])("measures %s between chains by halving as the definition does", (_, isPlus, slowly) => {
    fc.assert(
      fc.property(chains, chains, (set, reference) => {
        const { mean } = igdSorted(core, coordinates(set), coordinates(reference), isPlus);
        expect(Math.abs(mean - slowly(set, reference))).toBeLessThan(1e-14);
      }),
      { numRuns: 500 },
    );
  });

  it("measures IGD of points that lie equally far from the reference, up to rounding", () => {
    // A quarter circle around (1, 0), and reference points at its centre and beside it.
    const arc = Array.from({ length: 50 }, (_, i) => ({
      cost: 1 - Math.cos((i / 49) * (Math.PI / 2)),
      accuracy: Math.sin((i / 49) * (Math.PI / 2)),
    }));
    for (let k = 0; k < 50; k++) {
      const reference = [
        { cost: arc[k].cost, accuracy: 0 },
        { cost: 1, accuracy: 0 },
        { cost: 1, accuracy: 1 },
      ];
      const { mean } = igdSorted(core, coordinates(arc), coordinates(reference));
      expect(Math.abs(mean - igdSlowly(arc, reference))).toBeLessThan(1e-14);
    }
  });

  it("measures the additive epsilon of a front as the definition does, to the bit", () => {
    fc.assert(
      fc.property(points, points, (set, reference) => {
        const front = nondominatedSlowly(set).sort((a, b) => a.cost - b.cost);
        const found = additiveEpsilon(core, coordinates(front), coordinates(reference));
        expect(found + 0).toBe(epsilonSlowly(set, reference) + 0);
      }),
    );
  });

  it("measures the spread of a front", () => {
    fc.assert(
      fc.property(points, points, (set, reference) => {
        const front = nondominatedSlowly(set).sort((a, b) => a.cost - b.cost);
        const ends = nondominatedSlowly(reference).sort((a, b) => a.cost - b.cost);
        const last = (all: Point[]) => all[all.length - 1];
        const between = (a: Point, b: Point) => Math.hypot(a.cost - b.cost, a.accuracy - b.accuracy);
        const found = spread(
          core,
          coordinates(front),
          between(front[0], ends[0]) + between(last(front), last(ends)),
        );
        expect(found).toBeCloseTo(spreadSlowly(set, reference), 12);
      }),
    );
  });
});
