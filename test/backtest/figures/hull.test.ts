import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accuracyAt, type Curve } from "../../../src/backtest/figures/curve.js";
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
