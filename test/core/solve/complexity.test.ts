import { describe, expect, it } from "vitest";
import { Core } from "../../../src/core/core.js";
import { solveModule } from "../../../src/core/solve/module.js";
import { rankPoints, sortPoints } from "../../../src/core/solve/dominance.js";
import { igdSorted } from "../../../src/core/solve/indicator.js";
import { Random } from "../../../src/random.js";

const core = new Core(solveModule());
const random = new Random(1);
const make = (n: number, point: (i: number) => [cost: number, accuracy: number]) => {
  const pairs = Array.from({ length: n }, (_, i) => point(i));
  return { cost: Float64Array.from(pairs, ([c]) => c), accuracy: Float64Array.from(pairs, ([, a]) => a) };
};

const SIZES = [1_000, 4_000, 16_000, 64_000];

/** Point sets that differ in how many fronts they have, in shuffled order unless said otherwise. */
const SETS: [string, (n: number) => ReturnType<typeof make>, fronts: (n: number) => number][] = [
  ["all nondominated", (n) => shuffled(make(n, (i) => [i, i])), () => 1],
  ["all nondominated, sorted", (n) => make(n, (i) => [i, i]), () => 1],
  ["all nondominated, in reverse", (n) => make(n, (i) => [n - i, n - i]), () => 1],
  ["a chain of dominated points", (n) => shuffled(make(n, (i) => [i, n - i])), (n) => n],
  ["of equal cost", (n) => shuffled(make(n, (i) => [1, i])), (n) => n],
  ["all equal", (n) => make(n, () => [1, 1]), () => 1],
  ["random", (n) => make(n, () => [random.uniform(), random.uniform()]), () => NaN],
];

function shuffled(points: ReturnType<typeof make>) {
  const n = points.cost.length;
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    for (const values of [points.cost, points.accuracy]) [values[i], values[j]] = [values[j], values[i]];
  }
  return points;
}

describe.each(SETS)("nondominated sorting of a set %s", (_, setOf, fronts) => {
  it("takes at most 2 n log₂ n + n comparisons, the sort included", () => {
    for (const n of SIZES) {
      const found = rankPoints(core, setOf(n));
      expect(found.comparisons).toBeLessThan(2 * n * Math.log2(n) + n);
      expect(found.comparisons).toBeGreaterThanOrEqual(n - 1);
      if (!Number.isNaN(fronts(n))) expect(found.fronts).toBe(fronts(n));
    }
  });
});

it("takes n − 1 comparisons to sort what is sorted", () => {
  for (const n of SIZES)
    expect(
      sortPoints(
        core,
        make(n, (i) => [i, i]),
      ).comparisons,
    ).toBe(n - 1);
});

/** Pairs of chains, near and far from each other, of which the nearest points bunch up or not. */
const PAIRS: [string, (n: number) => ReturnType<typeof make>, (n: number) => ReturnType<typeof make>][] = [
  ["near each other", (n) => make(n, (i) => [i, i]), (n) => make(n, (i) => [i + 0.4, i + 0.2])],
  ["far worse", (n) => make(n, (i) => [i + 5 * n, i - 5 * n]), (n) => make(n, (i) => [i, i])],
  ["far better", (n) => make(n, (i) => [i - 5 * n, i + 5 * n]), (n) => make(n, (i) => [i, i])],
  ["beside each other", (n) => make(n, (i) => [i / n, i / n]), (n) => make(n, (i) => [9 + i / n, 9 + i / n])],
];

describe.each(PAIRS)("the distance between chains %s", (_, setOf, referenceOf) => {
  it.each([
    ["IGD", false],
    ["IGD+", true],
  ])("takes O((n + m) log m) steps for %s", (_name, isPlus) => {
    for (const n of SIZES) {
      for (const m of [n, n / 4]) {
        const found = igdSorted(core, setOf(n), referenceOf(m), isPlus);
        expect(found.distances).toBeLessThanOrEqual((n + m) * (Math.log2(m) + 2));
      }
    }
  });
});
