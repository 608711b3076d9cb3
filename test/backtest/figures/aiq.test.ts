import { describe, expect, it } from "vitest";
import { type Curve } from "../../../src/backtest/figures/curve.js";
import { aiq, aiqRepo } from "../../../src/backtest/figures/aiq.js";

const curve = (...points: [number, number][]): Curve => ({
  cost: Float64Array.from(points, ([c]) => c),
  accuracy: Float64Array.from(points, ([, a]) => a),
});

/** Five models; the hull is $1, $2, $4: slopes 0.2 and 0.1. */
const models = curve([4, 0.9], [1, 0.5], [3, 0.6], [2, 0.7], [5, 0.8]);

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
