import { describe, expect, it } from "vitest";
import type { Kernel } from "../../src/predict/kernel.js";
import { fitLogistic, gradient, penalisedLoss, sigmoid } from "../../src/predict/logistic.js";
import type { LogisticFit } from "../../src/predict/logistic.js";
import { Random } from "../../src/random.js";
import { logisticByDescent } from "./oracle.js";

function denseKernel(x: number[][]): Kernel {
  return {
    rows: x.length,
    apply(v, out) {
      x.forEach(
        (a, i) => (out[i] = x.reduce((s, b, j) => s + v[j] * a.reduce((t, u, c) => t + u * b[c], 0), 0)),
      );
    },
  };
}

function problem(seed: number, rows: number, columns: number) {
  const random = new Random(seed);
  const x = Array.from({ length: rows }, () => {
    const row = Array.from({ length: columns }, () => random.normal());
    return row.map((v) => v / Math.hypot(...row));
  });
  const label = Float64Array.from(x, (row) => (row[0] + 0.5 * random.normal() > 0.2 ? 1 : 0));
  const weight = Float64Array.from(x, (_, i) => (i % 5 === 4 ? 0 : 1));
  label.forEach((_, i) => (label[i] = i % 7 === 3 ? 0.25 : label[i]));
  return { x, kernel: denseKernel(x), labels: { label, weight } };
}

function lossAt(
  kernel: Kernel,
  labels: Parameters<typeof penalisedLoss>[1],
  strength: number,
  at: LogisticFit,
): number {
  const image = new Float64Array(kernel.rows);
  kernel.apply(at.alpha, image);
  const squaredNorm = at.alpha.reduce((sum, a, i) => sum + a * image[i], 0);
  return penalisedLoss(
    image.map((f) => f + at.intercept),
    labels,
    strength,
    squaredNorm,
  );
}

describe("logistic regression", () => {
  it("has the gradient that finite differences of its loss show", () => {
    const { kernel, labels } = problem(3, 14, 6);
    const random = new Random(5);
    const alpha = Float64Array.from({ length: 14 }, () => random.normal());
    const margin = new Float64Array(14);
    kernel.apply(alpha, margin);
    margin.forEach((_, i) => (margin[i] += 0.3));
    const coefficients = new Float64Array(14);
    const byIntercept = gradient({ alpha, intercept: 0.3, margin }, labels, 0.7, coefficients);
    const byAlpha = new Float64Array(14);
    kernel.apply(coefficients, byAlpha);
    const h = 1e-5;
    for (let i = 0; i < 14; i++) {
      const moved = (by: number): number => {
        const shifted = alpha.map((a, j) => (j === i ? a + by : a));
        return lossAt(kernel, labels, 0.7, { alpha: shifted, intercept: 0.3, margin });
      };
      expect(byAlpha[i]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 6);
    }
    const moved = (by: number): number => lossAt(kernel, labels, 0.7, { alpha, intercept: 0.3 + by, margin });
    expect(byIntercept).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 6);
  });

  it.each([3, 0.3, 0.03])("finds the optimum that plain gradient descent finds, strength %f", (strength) => {
    const { x, kernel, labels } = problem(11, 30, 5);
    const fit = fitLogistic(kernel, labels, strength);
    const slow = logisticByDescent(x, [...labels.label], [...labels.weight], strength);
    expect(fit.intercept).toBeCloseTo(slow.intercept, 3);
    x.forEach((row, i) => {
      const margin = row.reduce((s, v, c) => s + v * slow.w[c], slow.intercept);
      expect(fit.margin[i]).toBeCloseTo(margin, 2);
    });
  });

  it("reaches the same optimum from another start", () => {
    const { kernel, labels } = problem(2, 40, 8);
    const cold = fitLogistic(kernel, labels, 0.1);
    const warm = fitLogistic(kernel, labels, 0.1, fitLogistic(kernel, labels, 10));
    cold.margin.forEach((f, i) => expect(warm.margin[i]).toBeCloseTo(f, 2));
  });

  it("gives held-out rows a margin without learning from them", () => {
    const { kernel, labels } = problem(4, 20, 4);
    const flipped = { ...labels, label: labels.label.map((y, i) => (labels.weight[i] === 0 ? 1 - y : y)) };
    const [a, b] = [fitLogistic(kernel, labels, 0.3), fitLogistic(kernel, flipped, 0.3)];
    expect(a.margin).toEqual(b.margin);
    labels.weight.forEach((w, i) => {
      if (w === 0) expect(a.alpha[i]).toBe(0);
    });
    expect(new Set(a.margin).size).toBe(20);
  });

  it("takes a label of ¼ as a quarter of a right and three quarters of a wrong answer", () => {
    const { x } = problem(6, 8, 3);
    const label = Float64Array.of(0.25, 1, 0, 0.25, 1, 0, 0.25, 1);
    const whole = fitLogistic(denseKernel(x), { label, weight: new Float64Array(8).fill(1) }, 0.1);
    const halves = fitLogistic(
      denseKernel([...x, ...x]),
      {
        label: Float64Array.from({ length: 16 }, (_, i) => (i < 8 ? 1 : 0)),
        weight: Float64Array.from([...label, ...label.map((y) => 1 - y)]),
      },
      0.1,
    );
    whole.margin.forEach((f, i) => expect(halves.margin[i]).toBeCloseTo(f, 2));
  });

  it("leaves the intercept unpenalised: rows without features get the mean of their labels", () => {
    const label = Float64Array.of(1, 1, 1, 0);
    const fit = fitLogistic(
      denseKernel([[0], [0], [0], [0]]),
      { label, weight: new Float64Array(4).fill(1) },
      10,
    );
    expect(sigmoid(fit.intercept)).toBeCloseTo(0.75, 4);
  });

  it("does not overflow for margins of any size", () => {
    expect([sigmoid(-1e4), sigmoid(0), sigmoid(1e4)]).toEqual([0, 0.5, 1]);
    const labels = { label: Float64Array.of(0, 1), weight: Float64Array.of(1, 1) };
    expect(penalisedLoss(Float64Array.of(1e4, -1e4), labels, 1, 0)).toBe(2e4);
  });
});
