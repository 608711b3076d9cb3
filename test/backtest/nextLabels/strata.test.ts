import { describe, expect, it } from "vitest";
import {
  difference,
  differenceVariance,
  modelsAsked,
  standardShares,
} from "../../../src/backtest/nextLabels/difference.js";
import {
  labelsFor,
  mostLabels,
  randomVariance,
  stratifiedVariance,
  together,
} from "../../../src/backtest/nextLabels/precision.js";
import { stratifiedMean } from "../../../src/backtest/nextLabels/estimate.js";
import { draw } from "../../../src/backtest/nextLabels/draw.js";
import { neyman, stratify, wholeLabels, type Stratum } from "../../../src/backtest/nextLabels/strata.js";
import { Random } from "../../../src/random.js";

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

/** Rows of which a third agree; the variances of the others differ. */
function predictedOf(rows: number, seed = 1) {
  const random = new Random(seed);
  return {
    mean: Float64Array.from({ length: rows }, (_, q) => (q % 3 === 0 ? 0 : random.uniform() - 0.5)),
    variance: Float64Array.from({ length: rows }, (_, q) => (q % 3 === 0 ? 0 : random.uniform())),
  };
}

describe("the standard", () => {
  const singles = [
    { totalCost: 1, expectedAccuracy: 0.4 },
    { totalCost: 2, expectedAccuracy: 0.3 },
    undefined,
    { totalCost: 5, expectedAccuracy: 0.8 },
  ];
  it.each([
    [3, "blind", [0.5, 0, 0, 0.5]],
    [2, "blind", [0.75, 0, 0, 0.25]],
    [0.5, "blind", [1, 0, 0, 0]],
    [1.03, "blind", [1, 0, 0, 0]],
    [4.97, "blind", [0, 0, 0, 1]],
    [5, "blind", [0, 0, 0, 1]],
    [9, "blind", [0, 0, 0, 1]],
    [0.5, "best", [0, 0, 0, 1]],
  ] as const)("at %f dollars, %s, is of models on the hull", (budget, standard, shares) => {
    expect([...standardShares(singles, budget, standard)]).toEqual(shares);
  });

  it("needs a model that may answer all", () => {
    expect(() => standardShares([undefined], 1, "best")).toThrow(/nothing to compare/);
  });
});

describe("the difference of a row", () => {
  const shares = Float64Array.of(0.5, 0, 0.5);
  it("is the plan's score less the standard's, of the models asked alone", () => {
    expect(modelsAsked(shares, 0)).toEqual([0, 2]);
    expect(modelsAsked(shares, 1)).toEqual([0, 1, 2]);
    expect(difference(Float32Array.of(1, NaN, 0), shares, 0)).toBe(0.5);
    expect(difference(Float32Array.of(1, 1, 0), shares, 1)).toBe(0.5);
    expect(difference(Float32Array.of(1, NaN, 0), shares, 1)).toBeNaN();
  });

  it("varies with the chance of each answer, unless plan and standard agree", () => {
    expect(differenceVariance(Float32Array.of(0.5, 0.5, 0.5), shares, 1)).toBeCloseTo(0.25 * 1.5, 12);
    expect(differenceVariance(Float32Array.of(1, 1, 1), shares, 0)).toBeGreaterThan(0);
    expect(differenceVariance(Float32Array.of(0.5, 0.5, 0.5), Float64Array.of(0, 1, 0), 1)).toBe(0);
  });
});

describe("strata", () => {
  it("hold every row once, those that agree first, then by rising variance", () => {
    const predicted = predictedOf(300);
    const strata = stratify(predicted, 100);
    expect(strata.flatMap(({ rows }) => [...rows]).sort((a, b) => a - b)).toEqual([...Array(300).keys()]);
    expect([...strata[0].rows].every((q) => q % 3 === 0)).toBe(true);
    const ends = strata.map(({ rows }) => [...rows].map((q) => predicted.variance[q]));
    for (let h = 1; h < ends.length; h++)
      expect(Math.min(...ends[h])).toBeGreaterThanOrEqual(Math.max(...ends[h - 1]));
    expect(mostLabels(strata)).toBe(200);
  });

  it.each([1, 2, 5, 19, 60, 137, 200])("get %i labels, never more than their rows", (labels) => {
    const strata = stratify(predictedOf(300), labels);
    const counts = wholeLabels(strata, labels);
    expect(sum(counts)).toBe(labels);
    expect(sum(neyman(strata, labels))).toBeCloseTo(labels, 9);
    counts.forEach((n, h) => {
      expect(n).toBeGreaterThanOrEqual(0);
      expect(n).toBeLessThanOrEqual(strata[h].variance === 0 ? 0 : strata[h].rows.length);
    });
  });

  it("are all labelled where one is full and the labels suffice", () => {
    const of = (rows: number, variance: number): Stratum => ({
      rows: new Uint32Array(rows),
      mean: 0,
      variance,
    });
    const strata = [of(10, 0), of(4, 1), of(100, 0.01)];
    expect(wholeLabels(strata, 50)).toEqual([0, 4, 46]);
    expect(wholeLabels(strata, 104)).toEqual([0, 4, 100]);
    expect(wholeLabels([of(10, 0)], 0)).toEqual([0]);
  });

  it("are drawn from by seed, with equal chance within each", () => {
    const strata = stratify(predictedOf(60), 20);
    const counts = wholeLabels(strata, 20);
    expect(draw(strata, counts, 7)).toEqual(draw(strata, counts, 7));
    expect(draw(strata, counts, 7)).not.toEqual(draw(strata, counts, 8));
    const drawn = new Float64Array(60);
    const chance = new Float64Array(60);
    const draws = 2000;
    for (let seed = 0; seed < draws; seed++)
      for (const { row, probability } of draw(strata, counts, seed)) {
        drawn[row]++;
        chance[row] = probability;
      }
    drawn.forEach((n, q) => expect(Math.abs(n / draws - chance[q])).toBeLessThan(0.06));
    expect(sum(chance)).toBeCloseTo(20, 9);
  });
});

describe("the interval", () => {
  const strata = stratify(predictedOf(600), 100);

  it("narrows with labels, and sooner where they are chosen", () => {
    let before = Infinity;
    for (const n of [25, 50, 100, 200, 400]) {
      const variance = stratifiedVariance(strata, neyman(strata, n));
      expect(variance).toBeLessThan(before);
      expect(variance).toBeLessThan(randomVariance(strata, n));
      before = variance;
    }
    expect(together(undefined, 4)).toBe(4);
    expect(together(4, 4)).toBe(2);
  });

  it("needs the fewest labels that suffice, or no number of them does", () => {
    const after = (n: number): number => together(0.01, stratifiedVariance(strata, neyman(strata, n)));
    const n = labelsFor(strata, after(77), 0.01)!;
    expect(n).toBe(77);
    expect(labelsFor(strata, after(400) / 2, 0.01)).toBeNull();
    expect(
      labelsFor(stratify({ mean: new Float64Array(5), variance: new Float64Array(5) }, 3), 1, 0.01),
    ).toBeNull();
  });

  it("of the answers is unbiased and holds the truth, whatever was predicted", () => {
    const random = new Random(5);
    const rows = 600;
    // Nothing like the predictions, but 0 where plan and standard agree.
    const recorded = Float64Array.from({ length: rows }, (_, q) =>
      q % 3 === 0 ? 0 : random.uniform() < 0.6 ? 1 : -1,
    );
    const truth = sum(recorded) / rows;
    const counts = wholeLabels(strata, 100);
    let [bias, held] = [0, 0];
    const draws = 1000;
    for (let seed = 0; seed < draws; seed++) {
      const asked = draw(strata, counts, seed);
      const { estimate, variance } = stratifiedMean(
        strata.map((stratum, h) => ({
          rows: stratum.rows.length,
          differences: asked.filter((one) => one.stratum === h).map(({ row }) => recorded[row]),
        })),
      );
      bias += (estimate - truth) / draws;
      if (Math.abs(estimate - truth) <= 1.96 * Math.sqrt(variance)) held++;
    }
    expect(Math.abs(bias)).toBeLessThan(0.01);
    expect(held / draws).toBeGreaterThan(0.93);
  });

  it("of one answer in a stratum is unknown", () => {
    expect(stratifiedMean([{ rows: 3, differences: [1] }]).variance).toBeNaN();
    expect(
      stratifiedMean([
        { rows: 3, differences: [] },
        { rows: 1, differences: [1, 1] },
      ]).estimate,
    ).toBe(0.25);
  });
});
