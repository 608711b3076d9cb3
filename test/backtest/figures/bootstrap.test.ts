import { describe, expect, it } from "vitest";
import { decide, labelsToSettle } from "../../../src/backtest/figures/verdict.js";
import { interval } from "../../../src/backtest/figures/interval.js";
import { meanOfKnown, observed, overRepeats, resample } from "../../../src/backtest/figures/bootstrap.js";
import { Random } from "../../../src/random.js";

/** One column of ones, one of values, one of the same values plus 0.25: blocks of one query each. */
function blocksOf(values: readonly number[]) {
  return { columns: 3, sums: Float64Array.from(values.flatMap((x) => [1, x, x + 0.25])) };
}
const means = ([n, a, b]: Float64Array) => [a / n, (b - a) / n];
const random = new Random(5);
const coin = Array.from({ length: 400 }, (): number => (random.uniform() < 0.3 ? 1 : 0));

describe("the paired bootstrap", () => {
  it("spreads a mean as its standard error says", () => {
    const blocks = blocksOf(coin);
    const replicates = resample(blocks, means, { replicates: 4000, seed: 1 });
    const [mean] = observed(blocks, means);
    expect(mean).toBeCloseTo(coin.reduce((a, b) => a + b, 0) / 400, 12);
    const error = Math.sqrt((mean * (1 - mean)) / 400);
    const drawn = replicates.map(([x]) => x);
    const centre = meanOfKnown(drawn);
    const deviation = Math.sqrt(meanOfKnown(drawn.map((x) => (x - centre) ** 2)));
    expect(Math.abs(centre - mean)).toBeLessThan(4 * (error / Math.sqrt(4000)));
    expect(deviation / error).toBeGreaterThan(0.94);
    expect(deviation / error).toBeLessThan(1.06);
    const { low, high } = interval(mean, Float64Array.from(drawn));
    expect((high! - low!) / (2 * 1.96 * error)).toBeGreaterThan(0.9);
    expect((high! - low!) / (2 * 1.96 * error)).toBeLessThan(1.1);
  });

  it("is paired: what two things have in common cancels", () => {
    for (const [, difference] of resample(blocksOf(coin), means, { replicates: 50, seed: 2 }))
      expect(difference).toBeCloseTo(0.25, 12);
  });

  it("draws the same blocks for the same seed, so that repeats stay paired, and others for another", () => {
    const draw = (values: readonly number[], seed: number) =>
      resample(blocksOf(values), means, { replicates: 20, seed }).map(([x]) => x);
    expect(draw(coin, 3)).toEqual(draw(coin, 3));
    expect(draw(coin, 3)).not.toEqual(draw(coin, 4));
    const opposite = draw(
      coin.map((x) => 1 - x),
      3,
    );
    draw(coin, 3).forEach((x, b) => expect(opposite[b]).toBeCloseTo(1 - x, 12));
  });

  it("averages repeats that are drawn again, without those that have no figure", () => {
    const constant = (x: number) => Array.from({ length: 300 }, () => Float64Array.of(x));
    const [figure] = overRepeats([constant(1), constant(3)], 1);
    expect(new Set(figure)).toEqual(new Set([1, 2, 3]));
    const [known] = overRepeats([constant(1), constant(NaN)], 1);
    expect(new Set(known)).toEqual(new Set([1, NaN]));
    expect(overRepeats([constant(7)], 1)[0].every((x) => x === 7)).toBe(true);
  });
});

describe("an interval", () => {
  it("leaves 2.5 % of the replicates beyond each end", () => {
    const replicates = Float64Array.from({ length: 1001 }, (_, k) => 1000 - k);
    expect(interval(500, replicates)).toEqual({ estimate: 500, low: 25, high: 975 });
  });

  it("has no end where the figure was not reached, and leaves missing ones out", () => {
    const replicates = Float64Array.from({ length: 101 }, (_, k) => (k < 10 ? -Infinity : k));
    expect(interval(-Infinity, replicates)).toEqual({ estimate: null, low: null, high: 98 });
    expect(interval(1, Float64Array.of(NaN, 1, NaN))).toEqual({ estimate: 1, low: 1, high: 1 });
    expect(interval(NaN, Float64Array.of(NaN))).toEqual({ estimate: null, low: null, high: null });
  });
});

describe("a decision", () => {
  it.each([
    [0.01, 0.03, "route"],
    [-0.03, -0.01, "single"],
    [-0.01, 0.03, "unsure"],
    [0, 0, "single"],
    [0, 0.1, "unsure"],
    [null, 0.1, "unsure"],
    [null, -0.1, "single"],
  ] as const)("for %d … %d is %s", (low, high, decision) => {
    expect(decide({ estimate: 0, low, high })).toBe(decision);
  });

  it("asks for as many labels as halve the interval by 1 / √n", () => {
    // Half width 0.02 against an estimate of 0.01: half as wide needs four times as many.
    expect(labelsToSettle({ estimate: 0.01, low: -0.01, high: 0.04 }, 1000)).toBe(3000);
    expect(labelsToSettle({ estimate: -0.01, low: -0.09, high: 0.01 }, 1000)).toBe(3000);
    expect(labelsToSettle({ estimate: 0.03, low: 0.01, high: 0.05 }, 1000)).toBe(0);
    expect(labelsToSettle({ estimate: 0.03, low: 0, high: 0.05 }, 1000)).toBe(100);
  });

  it("asks for none where no number would do", () => {
    expect(labelsToSettle({ estimate: 0, low: -1, high: 1 }, 10)).toBe(null);
    expect(labelsToSettle({ estimate: 0.001, low: -0.1, high: 0.1 }, 10)).toBe(null);
    expect(labelsToSettle({ estimate: 0.1, low: null, high: 0.2 }, 10)).toBe(null);
  });
});
