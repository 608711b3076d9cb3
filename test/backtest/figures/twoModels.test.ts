import { describe, expect, it } from "vitest";
import { apgr, cpt, quantilePoints, type CallCurve } from "../../../src/backtest/figures/twoModels.js";

const calls = (...points: [number, number][]): CallCurve => ({
  strongShare: Float64Array.from(points, ([x]) => x),
  accuracy: Float64Array.from(points, ([, a]) => a),
});
const pair = { weak: 0.5, strong: 0.9 };
const router = calls([0, 0.5], [0.5, 0.8], [1, 0.9]);

describe("two models by hand", () => {
  it("recovers the share of the area between the models", () => {
    // Area 0.5 · 0.65 + 0.5 · 0.85 = 0.75, so (0.75 − 0.5) / (0.9 − 0.5).
    expect(apgr(router, pair)).toBeCloseTo(0.625, 12);
    expect(apgr(calls([0, 0.5], [1, 0.9]), pair)).toBeCloseTo(0.5, 12);
    // Over the shares that the curve covers: (0.5 · 0.65 − 0.25) / (0.45 − 0.25).
    expect(apgr(calls([0, 0.5], [0.5, 0.8]), pair)).toBeCloseTo(0.375, 12);
  });

  it("finds the share of strong calls that recovers a share of the gap", () => {
    expect(cpt(router, pair, 0.2)).toBeCloseTo((0.08 / 0.3) * 0.5, 12);
    expect(cpt(router, pair, 0.5)).toBeCloseTo(1 / 3, 12);
    expect(cpt(router, pair, 0.8)).toBeCloseTo(0.6, 12);
    expect(cpt(calls([0.3, 0.9]), pair, 0.8)).toBe(0.3);
  });

  it("has no figure where the strong model is not better, the accuracy is not reached, or no share is covered", () => {
    expect(apgr(router, { weak: 0.9, strong: 0.9 })).toBe(null);
    expect(apgr(calls([0.4, 0.7]), pair)).toBe(null);
    expect(cpt(calls([0, 0.5], [1, 0.7]), pair, 0.8)).toBe(null);
    expect(cpt(router, { weak: 0.9, strong: 0.5 }, 0.5)).toBe(null);
  });

  it("takes the points nearest to even shares", () => {
    const even = quantilePoints(calls([0, 0.5], [0.1, 0.6], [0.45, 0.7], [0.6, 0.8], [1, 0.9]), 2);
    expect([...even.strongShare]).toEqual([0, 0.45, 1]);
    expect([...even.accuracy]).toEqual([0.5, 0.7, 0.9]);
    expect(quantilePoints(router).strongShare.length).toBe(11);
  });

  it("refuses falling shares", () => {
    expect(() => apgr(calls([0.5, 0.5], [0.4, 0.6]), pair)).toThrow(/point 1 .* never fall/);
    expect(() => cpt(calls(), pair, 0.5)).toThrow(/at least one/);
  });
});
