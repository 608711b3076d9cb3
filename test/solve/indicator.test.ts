import fc from "fast-check";
import { expect, it } from "vitest";
import { hypervolume, igd, nondominated } from "../../src/solve/indicator.js";
import { hypervolumeSlowly, nondominatedSlowly, type Point } from "../oracle.js";

const points = fc.array(
  fc.record({ cost: fc.integer({ min: 0, max: 12 }), accuracy: fc.integer({ min: 0, max: 12 }) }),
  { maxLength: 50 },
);
const setOf = (set: readonly Point[]) => ({
  cost: Float64Array.from(set, (p) => p.cost),
  accuracy: Float64Array.from(set, (p) => p.accuracy),
});

it("finds the nondominated points in any order, by rising cost", () => {
  fc.assert(
    fc.property(points, (set) => {
      const expected = nondominatedSlowly(set).sort((a, b) => a.cost - b.cost);
      expect(Array.from(nondominated(setOf(set)), (i) => set[i])).toEqual(expected);
    }),
  );
});

it("measures the hypervolume of any point set", () => {
  fc.assert(
    fc.property(points, (set) => {
      const reference = { cost: 10, accuracy: 2 };
      expect(hypervolume(setOf(set), reference)).toBeCloseTo(hypervolumeSlowly(set, reference), 9);
    }),
  );
});

it("gives a distance of 0 from a set to itself and the shift from a shifted one", () => {
  const set = setOf([
    { cost: 1, accuracy: 0.5 },
    { cost: 100, accuracy: 0.75 },
  ]);
  const shifted = setOf([
    { cost: 4, accuracy: 4.5 },
    { cost: 103, accuracy: 4.75 },
  ]);
  expect(igd(set, set)).toBe(0);
  expect(igd(shifted, set)).toBe(5);
});

it("refuses what is no point set", () => {
  const one = setOf([{ cost: 1, accuracy: 1 }]);
  expect(() => igd(one, setOf([]))).toThrow(/at least one point/);
  expect(() => nondominated({ ...one, accuracy: Float64Array.of(NaN) })).toThrow(/not finite/);
  expect(() => nondominated({ ...one, accuracy: new Float64Array(2) })).toThrow(/1 costs for 2 accuracies/);
});
