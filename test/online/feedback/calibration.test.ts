import { describe, expect, it } from "vitest";
import { Calibration } from "../../../src/online/feedback/calibration.js";
import { sigmoid } from "../../../src/predict/methods/logistic.js";
import { Random } from "../../../src/random.js";

/** Scores of answers whose true log-odds are intercept + slope · predicted. */
function judged(calibration: Calibration, n: number, intercept: number, slope: number, seed = 1): void {
  const random = new Random(seed);
  for (let i = 0; i < n; i++) {
    const x = 0.7 + 1.2 * random.normal();
    const score = random.uniform() < sigmoid(intercept + slope * x) ? 1 : 0;
    calibration.observe(0, sigmoid(x), score, 1);
  }
}

describe("calibration by feedback", () => {
  it("keeps every bit of models without scores, and of the ends", () => {
    const calibration = new Calibration(3);
    calibration.observe(1, 0.5, 1, 1);
    const row = Float64Array.of(0.1 + 0.2, 0.3, 1);
    calibration.apply(row);
    expect([row[0], row[2]]).toEqual([0.1 + 0.2, 1]);
    expect(row[1]).toBeGreaterThan(0.3);
  });

  it.each([
    [-0.8, 1],
    [0.5, 0.6],
    [0, 1.6],
  ])("finds intercept %s and slope %s", (intercept, slope) => {
    const calibration = new Calibration(1);
    judged(calibration, 3_000, intercept, slope);
    const [found] = calibration.corrections(["m"]);
    expect(Math.abs(found.intercept - intercept)).toBeLessThan(0.35);
    expect(Math.abs(found.slope - slope)).toBeLessThan(0.35);
    expect(found.effectiveScores).toBeCloseTo(500, -1);
  });

  it("agrees with a penalised fit to the same scores by Newton's method", () => {
    // Few scores near the identity, where one pass of reweighting is close to the optimum.
    const calibration = new Calibration(1);
    const random = new Random(4);
    const rows = Array.from({ length: 60 }, () => ({
      x: random.normal(),
      y: random.uniform() < 0.6 ? 1 : 0,
    }));
    for (const { x, y } of rows) calibration.observe(0, sigmoid(x), y, 1);
    let [a, b] = [0, 0];
    for (let step = 0; step < 50; step++) {
      let [ga, gb, haa, hab, hbb] = [5 * a, 16 * b, 5, 0, 16];
      rows.forEach(({ x, y }, i) => {
        const w = 0.998 ** (rows.length - 1 - i);
        const p = sigmoid(a + (1 + b) * x);
        ga += w * (p - y);
        gb += w * (p - y) * x;
        haa += w * p * (1 - p);
        hab += w * p * (1 - p) * x;
        hbb += w * p * (1 - p) * x * x;
      });
      const determinant = haa * hbb - hab * hab;
      [a, b] = [a - (hbb * ga - hab * gb) / determinant, b - (haa * gb - hab * ga) / determinant];
    }
    const [found] = calibration.corrections(["m"]);
    expect(found.intercept).toBeCloseTo(a, 1);
    expect(found.slope - 1).toBeCloseTo(b, 1);
  });

  it("forgets: after the drift is over, it returns to the identity", () => {
    const calibration = new Calibration(1);
    judged(calibration, 2_000, -1, 1);
    expect(calibration.corrections(["m"])[0].intercept).toBeLessThan(-0.6);
    judged(calibration, 4_000, 0, 1, 2);
    expect(Math.abs(calibration.corrections(["m"])[0].intercept)).toBeLessThan(0.25);
  });

  it("is moved little by one score, however seldom its model is chosen or sure the prediction was", () => {
    for (const probability of [1e-9, 0.01, 0.5, 0.99, 1]) {
      for (const score of [0, 1]) {
        const calibration = new Calibration(1);
        calibration.observe(0, probability, score, 1e-6);
        const [{ intercept, slope, effectiveScores }] = calibration.corrections(["m"]);
        expect(effectiveScores).toBeCloseTo(1, 9);
        expect(Math.abs(intercept)).toBeLessThan(0.25);
        expect(Math.abs(slope - 1)).toBeLessThan(0.9);
      }
    }
  });

  it("stays within 0 … 1 and does not reverse predictions, whatever it is told", () => {
    const calibration = new Calibration(1);
    const random = new Random(9);
    for (let i = 0; i < 3_000; i++) {
      const probability = [0, 1e-12, 0.5, 1][random.below(4)];
      calibration.observe(0, probability, 1 - Math.round(probability), random.uniform());
      const row = Float64Array.of(0.2);
      const higher = Float64Array.of(0.8);
      calibration.apply(row);
      calibration.apply(higher);
      expect(row[0] >= 0 && row[0] <= higher[0] && higher[0] <= 1).toBe(true);
    }
  });
});
