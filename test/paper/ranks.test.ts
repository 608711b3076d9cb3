import { describe, expect, it } from "vitest";
import { chiSquareTail, fTail, rankTest } from "../../paper/ranks.js";

describe("tails of distributions", () => {
  it("are those of χ² by hand and by table", () => {
    // Two degrees of freedom: e^(−x/2); four: e^(−x/2) (1 + x/2).
    expect(chiSquareTail(6, 2)).toBeCloseTo(Math.exp(-3), 14);
    expect(chiSquareTail(5, 4)).toBeCloseTo(Math.exp(-2.5) * 3.5, 14);
    for (const [x, degrees] of [
      [3.8415, 1],
      [7.8147, 3],
      [14.0671, 7],
      [16.919, 9],
    ]) {
      expect(chiSquareTail(x, degrees)).toBeCloseTo(0.05, 5);
    }
    expect(chiSquareTail(0, 3)).toBe(1);
    expect(chiSquareTail(400, 7)).toBeLessThan(1e-12);
  });

  it("are those of F by hand and by table", () => {
    // Two and d₂ degrees of freedom: (1 + 2 f / d₂)^(−d₂/2); one and one: 1 − (2/π) arctan √f.
    expect(fTail(3, 2, 8)).toBeCloseTo(1.75 ** -4, 14);
    expect(fTail(0.4, 2, 6)).toBeCloseTo((1 + 0.8 / 6) ** -3, 14);
    expect(fTail(4, 1, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(2), 14);
    for (const [f, d1, d2] of [
      [2.8451, 3, 39],
      [2.7642, 7, 14],
      [161.4476, 1, 1],
    ]) {
      expect(fTail(f, d1, d2)).toBeCloseTo(0.05, 5);
    }
    expect(fTail(0, 3, 3)).toBe(1);
  });
});

describe("ranks over repeats", () => {
  it("agree by hand when every repeat ranks alike", () => {
    // Rank sums 3, 6, 9: 12 / (3·3·4) · (9 + 36 + 81) − 3·3·4 = 6, the most there is, so that F is infinite.
    const values = [
      [0.9, 0.5, 0.1],
      [0.8, 0.7, 0.6],
      [0.3, 0.2, 0.1],
    ];
    const test = rankTest(values, true);
    expect(test.averageRanks).toEqual([1, 2, 3]);
    expect(test.chiSquare).toBeCloseTo(6, 12);
    expect(test.chiSquareP).toBeCloseTo(Math.exp(-3), 12);
    expect([test.f, test.fP]).toEqual([null, null]);
    // 2.343 √(3 · 4 / (6 · 3))
    expect(test.criticalDifference).toBeCloseTo(1.91305, 5);
    expect(rankTest(values, false).averageRanks).toEqual([3, 2, 1]);
  });

  it("agree by hand when repeats differ", () => {
    // Ranks 1 2 3, 1 3 2, 2 1 3, 1 2 3: sums 5, 8, 11; 12/48 · (25 + 64 + 121) − 48 = 4.5; F = 3 · 4.5 / (8 − 4.5).
    const values = [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [1, 2, 3],
    ];
    const test = rankTest(values, false);
    expect(test.averageRanks).toEqual([1.25, 2, 2.75]);
    expect(test.chiSquare).toBeCloseTo(4.5, 12);
    expect(test.chiSquareP).toBeCloseTo(Math.exp(-2.25), 12);
    expect(test.f).toBeCloseTo(13.5 / 3.5, 12);
    expect(test.fP).toBeCloseTo((1 + (2 * 13.5) / 3.5 / 6) ** -3, 12);
  });

  it("share ranks between equals and correct for them", () => {
    // Ranks 1.5 1.5 3 and 1 2.5 2.5: squares about 2 add up to 1.5 + 1.5, sums about 4 are −1.5, 0, 1.5.
    const test = rankTest(
      [
        [5, 5, 1],
        [5, 2, 2],
      ],
      true,
    );
    expect(test.averageRanks).toEqual([1.25, 2, 2.75]);
    expect(test.chiSquare).toBeCloseTo((2 * (1.5 ** 2 + 1.5 ** 2)) / 3, 12);
    expect(rankTest([[1, 1]], true)).toMatchObject({ averageRanks: [1.5, 1.5], chiSquare: null, f: null });
  });

  it("have the critical difference of Demšar's example: four classifiers, fourteen sets", () => {
    const values = Array.from({ length: 14 }, () => [1, 2, 3, 4]);
    expect(rankTest(values, true).criticalDifference).toBeCloseTo(1.25, 2);
  });

  it("need no test for one method, and have no critical difference beyond the table", () => {
    expect(rankTest([[1]], true)).toMatchObject({ averageRanks: [1], criticalDifference: null });
    expect(rankTest([Array.from({ length: 11 }, (_, k) => k)], true).criticalDifference).toBeNull();
  });
});
