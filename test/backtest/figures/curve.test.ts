import { describe, expect, it } from "vitest";
import { accuracyAt, costAt, type Curve } from "../../../src/backtest/figures/curve.js";

const curve = (...points: [number, number][]): Curve => ({
  cost: Float64Array.from(points, ([c]) => c),
  accuracy: Float64Array.from(points, ([, a]) => a),
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
