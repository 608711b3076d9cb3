import { describe, expect, it } from "vitest";
import { areaUnderFront, highestAccuracy, savingAtEqualAccuracy } from "../../src/backtest/realised.js";
import { thin } from "../../src/solve/thin.js";

const front = {
  cost: Float64Array.of(1, 2, 4, 8),
  realisedAccuracy: Float64Array.of(0.25, 0.5, 0.45, 0.75),
};
const single = (accuracy: number, cost: number) => ({ model: "best", accuracy, cost });

describe("figures by hand", () => {
  it("takes the highest realised accuracy of any point", () => {
    expect(highestAccuracy(front)).toBe(0.75);
  });

  it("saves against the cheapest point that is as accurate as the single model", () => {
    expect(savingAtEqualAccuracy(front, single(0.5, 4))).toBe(0.5);
    expect(savingAtEqualAccuracy(front, single(0.45, 4))).toBe(0.5);
    expect(savingAtEqualAccuracy(front, single(0.7, 4))).toBe(-1);
  });

  it("has no saving where that accuracy is never reached", () => {
    expect(savingAtEqualAccuracy(front, single(0.76, 4))).toBe(null);
  });

  it("averages the accuracy of the dearest point that a budget buys, even where a cheaper one did better", () => {
    // From $1 to $5: a quarter of the budgets buys the first point, half the second, a quarter the third.
    const expected = 0.25 * 0.25 + 0.5 * 0.5 + 0.25 * 0.45;
    expect(Math.abs(areaUnderFront(front, single(0.5, 5)) - expected)).toBeLessThan(1e-3);
  });

  it("is the first point's accuracy where the single model costs no more than it", () => {
    expect(areaUnderFront(front, single(0.5, 1))).toBeCloseTo(0.25, 12);
    expect(areaUnderFront(front, single(0.5, 0.5))).toBeCloseTo(0.25, 12);
  });
});

describe("thinning", () => {
  it("keeps both ends and at most so many points", () => {
    expect([...thin(5, 10)]).toEqual([0, 1, 2, 3, 4]);
    expect([...thin(101, 5)]).toEqual([0, 25, 50, 75, 100]);
    expect([...thin(9, 1)]).toEqual([8]);
    expect([...thin(1, 7)]).toEqual([0]);
  });
});
