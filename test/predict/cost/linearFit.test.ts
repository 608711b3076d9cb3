import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitNonNegative } from "../../../src/predict/cost/linearFit.js";
import { ridgeOn } from "../../../src/predict/cost/ridge.js";
import { Random } from "../../../src/random.js";

const ones = (rows: number) => new Float64Array(rows).fill(1);

describe("the non-negative fit of relative errors", () => {
  it("finds prices exactly where costs are exact", () => {
    const random = new Random(1);
    const input = Float64Array.from({ length: 50 }, () => 20 + random.below(500));
    const output = Float64Array.from({ length: 50 }, () => 1 + random.below(300));
    const cost = input.map((tokens, r) => 3e-6 * tokens + 15e-6 * output[r]);
    const [a, b] = fitNonNegative(input, output, cost);
    expect(a / 3e-6).toBeCloseTo(1, 9);
    expect(b / 15e-6).toBeCloseTo(1, 9);
  });

  it("finds them though every tenth cost is ten times as high", () => {
    const random = new Random(2);
    const size = Float64Array.from({ length: 400 }, () => 20 + random.below(500));
    const cost = size.map(
      (x, r) => (2 + 0.01 * x) * Math.exp(0.05 * random.normal()) * (r % 10 === 0 ? 10 : 1),
    );
    const [constant, slope] = fitNonNegative(ones(400), size, cost);
    expect(constant).toBeGreaterThan(1.8);
    expect(constant).toBeLessThan(2.3);
    expect(slope).toBeGreaterThan(0.009);
    expect(slope).toBeLessThan(0.0115);
  });

  it("gives 0 instead of a negative slope, and for costs that are all 0", () => {
    const falling = Float64Array.from([5, 4, 3, 2, 1]);
    const [constant, slope] = fitNonNegative(ones(5), Float64Array.from([1, 2, 3, 4, 5]), falling);
    expect(slope).toBe(0);
    expect(constant).toBeGreaterThan(1);
    expect(constant).toBeLessThan(4);
    expect(fitNonNegative(ones(3), ones(3), new Float64Array(3))).toEqual([0, 0]);
    expect(fitNonNegative(ones(2), ones(2), Float64Array.from([3, 3]))).toEqual([3, 0]);
  });

  it("is never negative and always finite", () => {
    const column = fc.array(fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(column, column, column, (...columns) => {
        const [u, v, y] = columns.map((x) => Float64Array.from(x));
        for (const x of fitNonNegative(u, v, y)) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThan(Infinity);
        }
      }),
    );
  });
});

describe("the robust ridge", () => {
  const random = new Random(3);
  const [rows, columns] = [300, 4];
  const value = Float32Array.from({ length: rows * columns }, () => random.normal());
  const truth = [0.5, -1, 0, 2];
  const exact = Float64Array.from({ length: rows }, (_, r) =>
    truth.reduce((sum, b, c) => sum + b * value[r * columns + c], 7),
  );
  const all = Uint32Array.from({ length: rows }, (_, r) => r);

  it("recovers a target's coefficients despite outliers", () => {
    const target = exact.map((t, r) => (r % 20 === 0 ? t + 50 : t + 0.01 * random.normal()));
    const { intercept, coefficient } = ridgeOn({ columns, value }, all)(target, 1e-6);
    // Each of the 15 pulls with at most 1.345 deviations.
    expect(intercept).toBeCloseTo(7, 1);
    truth.forEach((b, c) => expect(coefficient[c]).toBeCloseTo(b, 1));
  });

  it("meets the normal equations of the penalised squares without outliers", () => {
    const target = exact.map((t, r) => t + (r % 2 === 0 ? 0.1 : -0.1));
    const strength = 5;
    const { intercept, coefficient } = ridgeOn({ columns, value }, all)(target, strength);
    const residual = target.map(
      (t, r) => t - coefficient.reduce((sum, b, c) => sum + b * value[r * columns + c], intercept),
    );
    // Few residuals are beyond 1.345 deviations here, and those only just.
    coefficient.forEach((b, c) => {
      const slope = residual.reduce((sum, e, r) => sum + e * value[r * columns + c], 0);
      expect(Math.abs(slope - strength * b)).toBeLessThan(2);
    });
  });

  it("is the mean if the features are constant", () => {
    const ridge = ridgeOn({ columns: 0, value: new Float32Array(0) }, Uint32Array.of(0, 1))(
      Float64Array.of(2, 4),
      1,
    );
    expect(ridge.intercept).toBeCloseTo(3, 12);
  });
});
