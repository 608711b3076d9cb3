import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  labelCorrelation,
  lowRankCovariance,
  shareCovariance,
} from "../../../src/predict/methods/covariance.js";
import { symmetricEigen } from "../../../src/predict/features/eigen.js";
import { examplesOf } from "../examples.js";

/** Labels 0, 1, fractions and blanks of 1 … 5 models, and weights with zeros among them. */
const examples = fc
  .record({ models: fc.integer({ min: 1, max: 5 }), rows: fc.integer({ min: 1, max: 12 }) })
  .chain(({ models, rows }) =>
    fc.record({
      models: fc.constant(models),
      outcome: fc.array(fc.constantFrom(0, 0, 1, 1, 0.25, NaN), {
        minLength: models * rows,
        maxLength: models * rows,
      }),
      weight: fc.array(fc.constantFrom(0, 1, 1, 3), { minLength: rows, maxLength: rows }),
    }),
  )
  .map(({ models, outcome, weight }) => examplesOf(models, outcome, weight));

const diagonal = (matrix: Float64Array, n: number): number[] =>
  Array.from({ length: n }, (_, m) => matrix[m * (n + 1)]);

function expectSymmetric(matrix: Float64Array, n: number): void {
  for (let a = 0; a < n; a++)
    for (let b = 0; b < a; b++) expect(matrix[a * n + b]).toBeCloseTo(matrix[b * n + a], 12);
}

const least = (matrix: Float64Array, n: number): number => symmetricEigen(matrix, n).values[n - 1];

describe("labelCorrelation", () => {
  it("agrees with values worked out by hand", () => {
    // Deviations: a ±½, b ±½ where labelled (mean of 1, 0), c constant.
    const examples = examplesOf(3, [
      [1, 1, 1],
      [0, 0, 1],
      [1, NaN, 1],
      [0, NaN, 1],
    ]);
    const c = labelCorrelation(examples);
    // Σ zₐ·z_b = ½; Σ zₐ² = 1, Σ z_b² = ½, and one added to both.
    const ab = 0.5 / Math.sqrt(2 * 1.5);
    [1, ab, 0, ab, 1, 0, 0, 0, 1].forEach((x, k) => expect(c[k]).toBeCloseTo(x, 12));
  });

  it("is negative for models that are right where the other is wrong", () => {
    const c = labelCorrelation(
      examplesOf(
        2,
        Array.from({ length: 40 }, (_, r) => [r % 2, 1 - (r % 2)]),
      ),
    );
    // Σ z² = 10 of each.
    expect(c[1]).toBeCloseTo(-10 / 11, 12);
  });

  it("counts rows by their weight, and rows of weight 0 not at all", () => {
    const rows = [
      [1, 1],
      [0, 0],
      [0, 1],
      [1, 0.5],
    ];
    const weighed = labelCorrelation(examplesOf(2, rows, [2, 1, 0, 3]));
    const repeated = [rows[0], rows[0], rows[1], rows[3], rows[3], rows[3]];
    labelCorrelation(examplesOf(2, repeated)).forEach((x, k) => expect(weighed[k]).toBeCloseTo(x, 12));
  });

  it("is 0 for models without labels, or never labelled together", () => {
    const apart = [
      [1, NaN, NaN],
      [0, NaN, NaN],
      [NaN, 1, NaN],
      [NaN, 0, NaN],
    ];
    expect([...labelCorrelation(examplesOf(3, apart))]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });
});

describe("covariances of models", () => {
  it("are symmetric and positive semi-definite for any labels, with a unit diagonal", () => {
    fc.assert(
      fc.property(examples, fc.constantFrom(0, 0.3, 0.7, 1), (examples, sharing) => {
        const { models } = examples;
        const correlation = labelCorrelation(examples);
        const shared = shareCovariance(correlation, models, sharing);
        for (const b of [correlation, shared]) {
          expect(diagonal(b, models)).toEqual(new Array<number>(models).fill(1));
          expectSymmetric(b, models);
          expect(least(b, models)).toBeGreaterThan(-1e-12);
        }
      }),
    );
  });

  it("share as far as the setting says", () => {
    const correlation = Float64Array.of(1, 0.5, 0.5, 1);
    expect([...shareCovariance(correlation, 2, 0)]).toEqual([1, 0, 0, 1]);
    expect([...shareCovariance(correlation, 2, 0.7)]).toEqual([1, 0.35, 0.35, 1]);
    expect([...shareCovariance(correlation, 2, 1)]).toEqual([...correlation]);
  });

  it("of low rank have that rank, a mean diagonal of one, and no negative eigenvalue", () => {
    fc.assert(
      fc.property(examples, fc.integer({ min: 1, max: 3 }), (examples, rank) => {
        const { models } = examples;
        const low = lowRankCovariance(labelCorrelation(examples), models, rank);
        expectSymmetric(low, models);
        const trace = diagonal(low, models).reduce((sum, x) => sum + x, 0);
        expect(trace / models).toBeCloseTo(1, 12);
        const { values } = symmetricEigen(low, models);
        expect(values.filter((v) => v > 1e-6).length).toBe(Math.min(rank, models));
        values.forEach((v) => expect(v).toBeGreaterThan(-1e-9));
      }),
    );
  });

  it("of low rank are the leading part of the correlation", () => {
    // Eigenvalues 2.2 along (1, 1, 1), and 0.4 twice.
    const correlation = Float64Array.of(1, 0.6, 0.6, 0.6, 1, 0.6, 0.6, 0.6, 1);
    lowRankCovariance(correlation, 3, 1).forEach((x) => expect(x).toBeCloseTo(1, 9));
    lowRankCovariance(correlation, 3, 3).forEach((x, k) => expect(x).toBeCloseTo(correlation[k], 6));
    const opposite = Float64Array.of(1, -0.9, -0.9, 1);
    [1, -1, -1, 1].forEach((x, k) => expect(lowRankCovariance(opposite, 2, 1)[k]).toBeCloseTo(x, 9));
  });
});
