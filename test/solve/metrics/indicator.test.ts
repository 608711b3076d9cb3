import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulateProblem } from "../../../src/simulate/simulate.js";
import { nondominated, nondominatedRanks } from "../../../src/solve/metrics/dominance.js";
import { solveFront } from "../../../src/solve/front.js";
import {
  additiveEpsilon,
  hypervolume,
  igd,
  igdPlus,
  normalisedHypervolume,
  spread,
} from "../../../src/solve/metrics/indicator.js";
import { idealNadir, normalise, type PointSet } from "../../../src/solve/metrics/pointSet.js";
import {
  epsilonSlowly,
  hypervolumeSlowly,
  igdPlusSlowly,
  igdSlowly,
  nondominatedSlowly,
  ranksSlowly,
  spreadSlowly,
  type Point,
} from "../../oracle.js";

const point = fc.record({ cost: fc.integer({ min: 0, max: 12 }), accuracy: fc.integer({ min: 0, max: 12 }) });
const anySet = fc.array(point, { maxLength: 50 });
const someSet = fc.array(point, { minLength: 1, maxLength: 50 });
const setOf = (set: readonly Point[]): PointSet => ({
  cost: Float64Array.from(set, (p) => p.cost),
  accuracy: Float64Array.from(set, (p) => p.accuracy),
});
const pairs = (...list: [cost: number, accuracy: number][]) =>
  setOf(list.map(([cost, accuracy]) => ({ cost, accuracy })));
const EMPTY = pairs();

const bounds = { ideal: { cost: 2, accuracy: 10 }, nadir: { cost: 10, accuracy: 2 } };
const scaled = (set: readonly Point[]) =>
  set.map((p) => ({ cost: (p.cost - 2) / 8, accuracy: (p.accuracy - 2) / 8 }));

/** Every indicator that compares a set with a reference set, beside its definition. */
const INDICATORS = [
  ["igd", igd, igdSlowly],
  ["igdPlus", igdPlus, igdPlusSlowly],
  ["additiveEpsilon", additiveEpsilon, epsilonSlowly],
  ["spread", spread, spreadSlowly],
] as const;

it("finds the nondominated points in any order, by rising cost", () => {
  fc.assert(
    fc.property(anySet, (set) => {
      const expected = nondominatedSlowly(set).sort((a, b) => a.cost - b.cost);
      expect(Array.from(nondominated(setOf(set)), (i) => set[i])).toEqual(expected);
    }),
  );
});

it("ranks every point by the front it lies on, equal points equally", () => {
  fc.assert(
    fc.property(anySet, (set) => {
      expect([...nondominatedRanks(setOf(set))]).toEqual(ranksSlowly(set));
    }),
  );
  expect([...nondominatedRanks(pairs([1, 5], [2, 5], [1, 5], [3, 9], [3, 4]))]).toEqual([0, 1, 0, 0, 2]);
  expect(nondominatedRanks(EMPTY).length).toBe(0);
});

it("measures the hypervolume of any point set", () => {
  fc.assert(
    fc.property(anySet, (set) => {
      const reference = { cost: 10, accuracy: 2 };
      expect(hypervolume(setOf(set), reference)).toBeCloseTo(hypervolumeSlowly(set, reference), 9);
    }),
  );
});

describe.each(INDICATORS)("%s", (_, indicator, slowly) => {
  it("equals its definition, raw and normalised, for any two sets", () => {
    fc.assert(
      fc.property(someSet, someSet, (set, reference) => {
        expect(indicator(setOf(set), setOf(reference))).toBeCloseTo(slowly(set, reference), 12);
        const normalised = indicator(setOf(set), setOf(reference), bounds);
        expect(normalised).toBeCloseTo(slowly(scaled(set), scaled(reference)), 12);
      }),
    );
  });

  it("does not depend on the order of the points, nor on copies of the set's points", () => {
    fc.assert(
      fc.property(someSet, someSet, (set, reference) => {
        const value = indicator(setOf(set), setOf(reference));
        const shuffled = setOf([...set].reverse().concat(set));
        expect(indicator(shuffled, setOf([...reference].reverse()))).toBeCloseTo(value, 12);
      }),
    );
  });

  it("refuses empty and infinite sets and wrong bounds", () => {
    const one = pairs([1, 1]);
    expect(() => indicator(EMPTY, one)).toThrow(/points is empty/);
    expect(() => indicator(one, EMPTY)).toThrow(/reference is empty/);
    expect(() => indicator(one, pairs([Infinity, 1]))).toThrow(/cost 0 of reference is Infinity; not finite/);
    expect(() => indicator(one, one, { ideal: bounds.nadir, nadir: bounds.ideal })).toThrow(
      /worse than nadir/,
    );
  });
});

it("never finds a set worse than one that it dominates, by IGD+ and epsilon", () => {
  fc.assert(
    fc.property(someSet, someSet, fc.nat(3), fc.nat(3), (set, reference, dearer, poorer) => {
      const worse = set.map((p) => ({ cost: p.cost + dearer, accuracy: p.accuracy - poorer }));
      for (const indicator of [igdPlus, additiveEpsilon]) {
        const value = indicator(setOf(set), setOf(reference));
        expect(indicator(setOf(worse), setOf(reference))).toBeGreaterThanOrEqual(value - 1e-12);
      }
    }),
  );
});

describe("by hand", () => {
  // Reference: three points on the line from (0, 0) to (4, 4).
  const reference = pairs([0, 0], [2, 2], [4, 4]);

  it("gives 0 for the reference itself, whose steps are even", () => {
    for (const [, indicator] of INDICATORS) expect(indicator(reference, reference)).toBe(0);
  });

  it("measures one point", () => {
    const one = pairs([2, 1]);
    // Distances √5, 1 and √13; harmful parts: 2 dearer than (0, 0), 1 below (2, 2), 3 below (4, 4).
    expect(igd(one, reference)).toBeCloseTo((Math.sqrt(5) + 1 + Math.sqrt(13)) / 3, 12);
    expect(igdPlus(one, reference)).toBeCloseTo((2 + 1 + 3) / 3, 12);
    expect(additiveEpsilon(one, reference)).toBe(3);
    expect(spread(one, reference)).toBe(1);
    expect(spread(one, one)).toBe(0);
    expect(hypervolume(one, { cost: 5, accuracy: -1 })).toBe(6);
  });

  it("measures an uneven front that stops short", () => {
    // Steps of length 3 and 1 along the cost axis' direction (accuracy rises by a negligible power of 2).
    const tiny = 2 ** -60;
    const front = pairs([0, 0], [3, tiny], [4, 2 * tiny]);
    // d = 3, 1; mean 2; deviation 2; ends 0 and 4; so (0 + 4 + 2) / (0 + 4 + 4).
    expect(spread(front, reference)).toBeCloseTo(0.75, 12);
  });

  it("measures a set that is better everywhere as negative by epsilon and 0 by IGD+", () => {
    const better = pairs([-1, 5]);
    expect(additiveEpsilon(better, reference)).toBe(-1);
    expect(igdPlus(better, reference)).toBe(0);
    expect(igd(better, reference)).toBeGreaterThan(0);
  });

  it("gives IGD the shift between two sets", () => {
    const shifted = pairs([3, 4], [103, 104]);
    expect(igd(shifted, pairs([0, 0], [100, 100]))).toBe(5);
  });
});

describe("ideal and nadir", () => {
  it("are the best and worst over the nondominated points", () => {
    fc.assert(
      fc.property(someSet, (set) => {
        const front = nondominatedSlowly(set);
        const of = (pick: (p: Point) => number, best: typeof Math.min) => best(...front.map(pick));
        expect(idealNadir(setOf(set))).toEqual({
          ideal: { cost: of((p) => p.cost, Math.min), accuracy: of((p) => p.accuracy, Math.max) },
          nadir: { cost: of((p) => p.cost, Math.max), accuracy: of((p) => p.accuracy, Math.min) },
        });
      }),
    );
    expect(() => idealNadir(EMPTY)).toThrow(/points is empty/);
  });

  it("become (0, 1) and (1, 0)", () => {
    const { cost, accuracy } = normalise(pairs([2, 10], [10, 2], [4, 4], [14, 1]), bounds);
    expect([...cost]).toEqual([0, 1, 0.25, 1.5]);
    expect([...accuracy]).toEqual([1, 0, 0.25, -0.125]);
  });

  it("that are equal shift the points and leave their scale", () => {
    const degenerate = { ideal: { cost: 5, accuracy: 0.5 }, nadir: { cost: 5, accuracy: 0.5 } };
    const { cost, accuracy } = normalise(pairs([5, 0.5], [7, 0.25]), degenerate);
    expect([...cost]).toEqual([0, 2]);
    expect([...accuracy]).toEqual([1, 0.75]);
    expect(normalisedHypervolume(pairs([5, 0.5]), degenerate)).toBe(1);
  });

  it("are refused when infinite, undefined or the wrong way round", () => {
    const one = pairs([1, 1]);
    const { ideal, nadir } = bounds;
    expect(() => normalise(one, { ideal: { ...ideal, cost: -Infinity }, nadir })).toThrow(
      /cost of ideal is -Infinity; expected a finite number/,
    );
    expect(() => normalise(one, { ideal, nadir: { ...nadir, accuracy: NaN } })).toThrow(/accuracy of nadir/);
    expect(() => normalise(one, { ideal, nadir: { cost: 1, accuracy: 2 } })).toThrow(/is worse than nadir/);
  });
});

describe("the normalised hypervolume", () => {
  it("is 1 at the ideal, 0.01 / 1.21 at the nadir and 0 without points", () => {
    expect(normalisedHypervolume(pairs([2, 10]), bounds)).toBe(1);
    expect(normalisedHypervolume(pairs([10, 2]), bounds)).toBeCloseTo(0.01 / 1.21, 12);
    expect(normalisedHypervolume(EMPTY, bounds)).toBe(0);
  });

  it("is the dominated area up to (1.1, 1.1) by 1.21", () => {
    // (0.25, 0.5) and (0.5, 0.75) normalised: 0.85 × 0.6 + 0.6 × 0.25 = 0.66.
    expect(normalisedHypervolume(pairs([4, 6], [6, 8]), bounds)).toBeCloseTo(0.66 / 1.21, 12);
  });
});

it("refuses an invalid point set", () => {
  const one = pairs([1, 1]);
  expect(() => nondominated({ ...one, accuracy: Float64Array.of(NaN) })).toThrow(
    /accuracy 0 of points is NaN/,
  );
  expect(() => nondominatedRanks({ ...one, accuracy: new Float64Array(2) })).toThrow(
    /1 costs for 2 accuracies/,
  );
  expect(() => hypervolume(one, { cost: Infinity, accuracy: 0 })).toThrow(/cost of reference is Infinity/);
});

it("finds the front at buckets resolution almost as good as the full one, and writes to no input", async () => {
  const problem = simulateProblem({ queries: 5000, models: 8, seed: 1 });
  const [full, buckets] = await Promise.all(
    (["full", "buckets"] as const).map(async (resolution) => {
      const { totalCost, expectedAccuracy } = await solveFront(problem, { resolution });
      return { cost: totalCost, accuracy: expectedAccuracy };
    }),
  );
  const before = { cost: buckets.cost.slice(), accuracy: buckets.accuracy.slice() };
  const scale = idealNadir(full);
  expect(nondominated(full).length).toBe(full.cost.length);
  expect(igd(full, full, scale)).toBe(0);
  expect(igdPlus(buckets, full, scale)).toBeLessThan(igd(buckets, full, scale));
  expect(igd(buckets, full, scale)).toBeLessThan(1e-3);
  const volume = normalisedHypervolume(full, scale);
  expect(normalisedHypervolume(buckets, scale)).toBeLessThanOrEqual(volume);
  expect(normalisedHypervolume(buckets, scale)).toBeGreaterThan(volume - 1e-3);
  expect(buckets).toEqual(before);
});
