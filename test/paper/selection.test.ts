import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dropLeast } from "../../paper/baselines/contribution.js";
import {
  boundaryIntersection,
  gridWeights,
  neighbourhoods,
  randomWeights,
  tchebycheff,
} from "../../paper/baselines/scalarise.js";
import { byCrowding, crowding, sortFronts } from "../../paper/baselines/sorting.js";
import { Random } from "../../src/random.js";
import { hypervolumeSlowly, ranksSlowly, type Point } from "../oracle.js";

const sets = fc.array(
  fc.record({ cost: fc.integer({ min: 0, max: 12 }), accuracy: fc.integer({ min: 0, max: 12 }) }),
  { minLength: 1, maxLength: 30 },
);
const coordinates = (set: readonly Point[]) => ({
  cost: Float64Array.from(set, (p) => p.cost),
  accuracy: Float64Array.from(set, (p) => p.accuracy),
});

describe("nondominated sorting", () => {
  it("gives the fronts of the definition by rising cost, and copies last", () => {
    fc.assert(
      fc.property(sets, (set) => {
        const isCopy = set.map((p, i) =>
          set.slice(0, i).some((o) => o.cost === p.cost && o.accuracy === p.accuracy),
        );
        const ranks = ranksSlowly(set);
        const most = Math.max(...ranks) + 1;
        const fronts = sortFronts(coordinates(set));
        expect(fronts.flatMap((front) => [...front]).sort((a, b) => a - b)).toEqual(set.map((_, i) => i));
        fronts.forEach((front, rank) => {
          front.forEach((i, k) => {
            expect(isCopy[i] ? most : ranks[i]).toBe(rank);
            if (k > 0) expect(set[i].cost).toBeGreaterThanOrEqual(set[front[k - 1]].cost);
          });
        });
      }),
    );
  });
});

describe("crowding distance", () => {
  // Extent 8 dollars and 0.5: (2 + 2) / 8 of cost and (0.25 + 0.125) / 0.5 of accuracy around the second point.
  const points = {
    cost: Float64Array.of(1, 3, 5, 9),
    accuracy: Float64Array.of(0.25, 0.5, 0.625, 0.75),
  };

  it("is the normalised box between the neighbours, and infinite at the ends", () => {
    const front = Uint32Array.of(0, 1, 2, 3);
    expect([...crowding(points, front)]).toEqual([
      Infinity,
      4 / 8 + 0.375 / 0.5,
      6 / 8 + 0.25 / 0.5,
      Infinity,
    ]);
  });

  it("ties are broken by cost, and ends go first", () => {
    expect([...byCrowding(points)]).toEqual([0, 3, 1, 2]);
  });
});

describe("the least contributor", () => {
  it("is the one whose loss costs least hypervolume, again and again", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 12 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 2, max: 12 }),
        (costs, accuracies, keep) => {
          const rising = (a: number, b: number): number => a - b;
          const accuracy = accuracies.slice(0, costs.length).sort(rising);
          const set = costs.sort(rising).map((cost, k) => ({ cost, accuracy: accuracy[k] }));
          let left = set.map((_, k) => k);
          // Far beyond both ends, so that they always contribute most.
          const area = (indices: number[]): number =>
            hypervolumeSlowly(
              indices.map((k) => set[k]),
              { cost: 1e4, accuracy: -1e4 },
            );
          while (left.length > keep) {
            const losses = left.map((k) => area(left) - area(left.filter((other) => other !== k)));
            const least = losses.indexOf(Math.min(...losses));
            left = left.filter((_, k) => k !== least);
          }
          const all = Uint32Array.from(set, (_, k) => k);
          expect([...dropLeast(coordinates(set), all, keep)]).toEqual(left);
        },
      ),
    );
  });

  it("leaves the cheaper of two ends when there is room for one", () => {
    const points = coordinates([
      { cost: 1, accuracy: 0 },
      { cost: 2, accuracy: 1 },
    ]);
    expect([...dropLeast(points, Uint32Array.of(0, 1), 1)]).toEqual([0]);
  });
});

describe("decomposition", () => {
  it("spreads grid weights evenly from end to end", () => {
    expect(gridWeights(3)).toEqual([
      [0, 1],
      [0.5, 0.5],
      [1, 0],
    ]);
  });

  it("keeps both ends among random weights", () => {
    const weights = randomWeights(50, new Random(1));
    expect(weights.slice(0, 2)).toEqual([
      [0, 1],
      [1, 0],
    ]);
    weights.forEach(([c, l]) => {
      expect(c + l).toBeCloseTo(1, 12);
      expect(Math.min(c, l)).toBeGreaterThanOrEqual(0);
    });
  });

  it("finds the nearest weights, itself first", () => {
    expect(neighbourhoods(gridWeights(5), 3).map((list) => [...list])).toEqual([
      [0, 1, 2],
      [1, 0, 2],
      [2, 1, 3],
      [3, 2, 4],
      [4, 3, 2],
    ]);
  });

  it("scalarises by hand", () => {
    // Along (1, 1)/√2: (0.25 + 0.75)/√2; across: 0.5/√2, five times.
    expect(boundaryIntersection(0.25, 0.75, [0.5, 0.5])).toBeCloseTo((1 + 5 * 0.5) / Math.SQRT2, 12);
    expect(boundaryIntersection(1, 0, [1, 0])).toBe(1);
    expect(boundaryIntersection(1, 0, [0, 1])).toBe(5);
    expect(tchebycheff(0.5, 0.25, [0.5, 0.5])).toBe(0.25);
    expect(tchebycheff(0.5, 0.25, [0, 1])).toBe(0.25);
    expect(tchebycheff(0, 1, [1, 0])).toBe(1e-4);
  });
});
