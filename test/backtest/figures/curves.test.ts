import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accuracyAt, costAt, type Curve } from "../../../src/backtest/figures/curve.js";
import { aiq, aiqRepo } from "../../../src/backtest/figures/aiq.js";
import { nonDecreasingHull } from "../../../src/backtest/figures/hull.js";

const curve = (...points: [number, number][]): Curve => ({
  cost: Float64Array.from(points, ([c]) => c),
  accuracy: Float64Array.from(points, ([, a]) => a),
});

/** Five models; the hull is $1, $2, $4: slopes 0.2 and 0.1. */
const models = curve([4, 0.9], [1, 0.5], [3, 0.6], [2, 0.7], [5, 0.8]);

const anyCurve = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })), {
    minLength: 1,
    maxLength: 14,
  })
  .map((points) => curve(...points.map(([c, a]) => [c, a / 16] as [number, number])));

/** The best accuracy within a cost that one point, or a mix of two, gives: from the definition. */
function mixSlowly({ cost, accuracy }: Curve, budget: number): number {
  let best = -Infinity;
  cost.forEach((c, i) => {
    if (c <= budget) best = Math.max(best, accuracy[i]);
    cost.forEach((d, j) => {
      if (c <= budget && budget < d)
        best = Math.max(best, accuracy[i] + ((budget - c) / (d - c)) * (accuracy[j] - accuracy[i]));
    });
  });
  return best;
}

describe("the non-decreasing hull", () => {
  it("keeps the models that no mix of others beats, by rising cost", () => {
    const { cost, accuracy, index } = nonDecreasingHull(models);
    expect([...cost]).toEqual([1, 2, 4]);
    expect([...accuracy]).toEqual([0.5, 0.7, 0.9]);
    expect([...index]).toEqual([1, 3, 0]);
  });

  it("is the best that mixing gives at every cost, and rises and bends down from corner to corner", () => {
    fc.assert(
      fc.property(anyCurve, (points) => {
        const hull = nonDecreasingHull(points);
        for (let budget = hull.cost[0]; budget <= 13; budget += 0.25)
          expect(accuracyAt(hull, budget)).toBeCloseTo(mixSlowly(points, budget), 12);
        for (let k = 1; k < hull.cost.length; k++) {
          const slope = (i: number) =>
            (hull.accuracy[i] - hull.accuracy[i - 1]) / (hull.cost[i] - hull.cost[i - 1]);
          expect(slope(k)).toBeGreaterThan(0);
          if (k > 1) expect(slope(k)).toBeLessThan(slope(k - 1));
        }
      }),
    );
  });

  it("drops points on a straight line and takes one model as it is", () => {
    expect([...nonDecreasingHull(curve([0, 0], [1, 0.25], [2, 0.5])).index]).toEqual([0, 2]);
    expect([...nonDecreasingHull(curve([3, 0.5], [3, 0.5], [3, 0.25])).index]).toEqual([0]);
  });

  it("refuses an empty and an infinite set", () => {
    expect(() => nonDecreasingHull(curve())).toThrow(/0 costs/);
    expect(() => nonDecreasingHull(curve([1, 1], [Infinity, 1]))).toThrow(
      /point 1 of the curve is \(Infinity, 1\)/,
    );
  });
});

describe("a curve", () => {
  const line = curve([1, 0.5], [3, 0.75], [5, 0.625]);

  it("has straight lines between points and stays level beyond its ends", () => {
    expect([0, 1, 2, 3, 4, 9].map((c) => accuracyAt(line, c))).toEqual([
      0.5, 0.5, 0.625, 0.75, 0.6875, 0.625,
    ]);
  });

  it("tells the least cost of an accuracy, or that there is none", () => {
    expect([0.25, 0.5, 0.625, 0.75, 0.8].map((a) => costAt(line, a))).toEqual([1, 1, 2, 3, Infinity]);
  });
});

describe("AIQ by hand", () => {
  // Areas under the hull: $1…$2 0.6, $2…$4 1.6, level from there: 0.9 a dollar.
  it("is the paper's mean over the hull's own costs, or over a range", () => {
    expect(aiq(models)).toBeCloseTo(2.2 / 3, 12);
    expect(aiq(models, { low: 2, high: 4 })).toBeCloseTo(0.8, 12);
    expect(aiq(models, { low: 1, high: 6 })).toBeCloseTo((2.2 + 1.8) / 5, 12);
  });

  it("counts 0 below the cheapest corner", () => {
    expect(aiq(models, { low: 0, high: 4 })).toBeCloseTo(2.2 / 4, 12);
    expect(aiq(models, { low: 0, high: 0.5 })).toBe(0);
    expect(aiq(models, { low: 3, high: 3 })).toBeCloseTo(0.8, 12);
    expect(aiq(models, { low: 0.5, high: 0.5 })).toBe(0);
  });

  it("is divided by the greatest cost in the repository's form", () => {
    expect(aiqRepo(models, 4)).toBeCloseTo(2.2 / 4, 12);
    expect(aiqRepo(models, 5)).toBeCloseTo((2.2 + 0.9) / 5, 12);
  });

  it("refuses ranges the wrong way round and a greatest cost below the curve's", () => {
    expect(() => aiq(models, { low: 2, high: 1 })).toThrow(/expected low ≤ high/);
    expect(() => aiqRepo(models, 3)).toThrow(/maxCost is 3/);
  });
});
