import { describe, expect, it } from "vitest";
import { costSave, gapToOracle, perfGain, relativeGain } from "../../../src/backtest/figures/gains.js";

describe("LLMRouterBench's figures by hand", () => {
  const points = { cost: Float64Array.of(1, 2, 3), accuracy: Float64Array.of(0.5, 0.88, 0.8) };

  it("are relative", () => {
    expect(relativeGain(0.6, 0.5)).toBeCloseTo(0.2, 12);
    expect(gapToOracle(0.6, 0.8)).toBeCloseTo(0.25, 12);
    expect([relativeGain(1, 0), gapToOracle(1, 0)]).toEqual([null, null]);
  });

  it("take the best point, and the cheapest that keeps the accuracy", () => {
    expect(perfGain(points, 0.8)).toBeCloseTo(0.1, 12);
    expect(costSave(points, { cost: 4, accuracy: 0.8 })).toBe(0.5);
    expect(costSave(points, { cost: 4, accuracy: 0.9 })).toBe(null);
    expect(costSave(points, { cost: 1, accuracy: 0.8 })).toBe(-1);
  });
});
