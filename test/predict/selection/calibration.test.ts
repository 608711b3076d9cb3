import { describe, expect, it } from "vitest";
import { ReplicateMean } from "../../../src/core/predict/replicateMean.js";
import {
  calibrate,
  fitCalibration,
  together,
  towardsBaseRate,
  voiceOf,
} from "../../../src/predict/selection/calibration.js";
import { logit, sigmoid } from "../../../src/predict/methods/logistic.js";
import { Random } from "../../../src/random.js";
import { examplesOf } from "../examples.js";

/** Predicted log-odds anchor + x, and labels drawn with log-odds anchor + intercept + slope·x. */
function drawn(rows: number, anchor: number, intercept: number, slope: number, seed = 1) {
  const random = new Random(seed);
  const x = Array.from({ length: rows }, () => 1.5 * random.normal());
  return {
    probability: Float32Array.from(x, (v) => sigmoid(anchor + v)),
    labels: x.map((v): number => (random.uniform() < sigmoid(anchor + intercept + slope * v) ? 1 : 0)),
  };
}

describe("fitCalibration", () => {
  it.each([
    [0, 0, 1],
    [0.5, 0, 0.5],
    [-1, 0.4, 2],
    [-1, -0.6, 0.3],
  ])(
    "recovers what many rows show: log-odds about %f, intercept %f, slope %f",
    (anchor, intercept, slope) => {
      const { probability, labels } = drawn(40_000, anchor, intercept, slope);
      const { weight, ...fitted } = fitCalibration([probability], examplesOf(1, labels));
      const steepness = weight[0] * fitted.slope[0];
      const rate = labels.reduce((sum, y) => sum + y, 0) / labels.length;
      expect(fitted.anchor[0]).toBeCloseTo(logit(rate), 3);
      // The same line, written about the anchor that was found.
      expect(steepness).toBeCloseTo(slope, 1);
      const at = anchor + intercept - slope * anchor;
      const found = fitted.anchor[0] + fitted.intercept[0] - steepness * fitted.anchor[0];
      expect(Math.abs(found - at)).toBeLessThan(0.08);
      expect(Math.abs(steepness - slope)).toBeLessThan(0.05);
    },
  );

  it("corrects little when there are few labels", () => {
    // Wrong predictions, yet of four rows: at slope 1 they pull by Σ(p − y)·x = 1.6, against the priors of weight and slope.
    const { weight, intercept, slope } = fitCalibration(
      [Float32Array.of(0.7, 0.6, 0.4, 0.3)],
      examplesOf(1, [0, 0, 1, 1]),
    );
    expect(intercept[0]).toBeCloseTo(0, 6);
    for (const corrected of [weight[0], slope[0]]) {
      expect(corrected).toBeGreaterThan(0.6);
      expect(corrected).toBeLessThan(0.85);
    }
  });

  it("gives the base rate if the predictions are uninformative or reversed", () => {
    for (const slope of [0, -1]) {
      const { probability, labels } = drawn(4_000, -0.5, 0, slope, 3);
      const fitted = fitCalibration([probability], examplesOf(1, labels));
      expect(fitted.weight[0] * fitted.slope[0]).toBeLessThan(0.05);
      calibrate(fitted, [probability], probability);
      const rate = (labels.reduce((sum, y) => sum + y, 0) + 0.5) / 4_001;
      for (const p of probability.subarray(0, 50)) expect(Math.abs(p - rate)).toBeLessThan(0.03);
      if (slope < 0) expect(new Set(probability).size).toBe(1);
    }
  });

  it("skips labels that are NaN and rows of weight 0, whatever is predicted there", () => {
    const { probability, labels } = drawn(60, 0, 0.5, 0.5);
    const whole = fitCalibration([probability], examplesOf(1, labels));
    const more = Float32Array.from([...probability, 0.999, 0.001]);
    const padded = fitCalibration([more], examplesOf(1, [...labels, NaN, 1], [...labels.map(() => 1), 1, 0]));
    expect(padded).toEqual(whole);
  });

  it("weights members for all models together, and fits a line for each model", () => {
    const [one, other] = [drawn(400, 0, 0, 1), drawn(400, -1, 0.5, 0.4, 2)];
    const side = (a: Float32Array, b: Float32Array): Float32Array =>
      Float32Array.from([...a].flatMap((p, r) => [p, b[r]]));
    const telling = side(one.probability, other.probability);
    const { probability: rumour } = drawn(800, 0, 0, 1, 9);
    const labels = one.labels.map((y, r) => [y, other.labels[r]]);
    const { weight, slope } = fitCalibration([rumour, telling], examplesOf(2, labels));
    expect(weight[0]).toBeLessThan(0.1);
    expect(weight[1]).toBeGreaterThan(0.5);
    expect(slope[1]).toBeLessThan(0.8);
    expect(slope[0]).toBeGreaterThan(1.2);
  });

  it("gives a model without labels no line, and raises one that is always right above its predictions", () => {
    const { probability, labels } = drawn(60, 0, 0.5, 0.5);
    const three = Float32Array.from([...probability].flatMap((p) => [0.3, p, 0.7]));
    const fitted = fitCalibration(
      [three],
      examplesOf(
        3,
        labels.map((y) => [NaN, y, 1]),
      ),
    );
    expect([fitted.intercept[0], fitted.slope[0]]).toEqual([0, 1]);
    calibrate(fitted, [three], three);
    // Towards its base rate of 60.5/61.
    expect(three[2]).toBeGreaterThan(0.7);
  });

  it("keeps probabilities that are 0 or 1 finite", () => {
    const probability = Float32Array.of(0, 1, 0, 1, 0, 1);
    const fitted = fitCalibration([probability], examplesOf(1, [0, 1, 1, 0, 0, 1]));
    for (const v of [...fitted.weight, ...fitted.anchor, ...fitted.intercept, ...fitted.slope]) {
      expect(Number.isFinite(v)).toBe(true);
    }
    calibrate(fitted, [probability], probability);
    for (const p of probability) expect(p > 0 && p < 1).toBe(true);
  });
});

describe("calibrate", () => {
  const calibration = {
    weight: Float64Array.of(1, 0.5),
    anchor: Float64Array.of(0, 1),
    intercept: Float64Array.of(0.5, 0),
    slope: Float64Array.of(2, 0.5),
  };

  it("maps weighted log-odds by the model's line, also in place", () => {
    const one = Float32Array.of(0.5, 0.5, sigmoid(1), sigmoid(3));
    const two = Float32Array.of(0.5, sigmoid(1), sigmoid(-1), sigmoid(5));
    // Margins 0, −1 + 0, 1 − ½, 2 + 2.
    const expected = [0.5, 1 - 0.5, 0.5 + 1, 1 + 2].map(sigmoid);
    const out = together(calibration, [one, two]);
    expected.forEach((p, i) => expect(out[i]).toBeCloseTo(p, 6));
    calibrate(calibration, [one, two], one);
    expect(one).toEqual(out);
  });

  it("keeps certain members finite, and lets others outweigh them", () => {
    const even = { ...calibration, anchor: Float64Array.of(0, 0), weight: Float64Array.of(0.5, 0.5) };
    const out = together({ ...even, intercept: new Float64Array(2) }, [
      Float32Array.of(0, 1),
      Float32Array.of(1, 1),
    ]);
    expect(out[0]).toBeCloseTo(0.5, 6);
    expect(out[1] > 0.99 && out[1] <= 1).toBe(true);
  });

  it("without a calibration leaves the one member as it is", () => {
    const one = Float32Array.of(0, 0.3, 1);
    expect(together(undefined, [one])).toEqual(Float32Array.of(0, 0.3, 1));
  });
});

describe("towardsBaseRate", () => {
  it("gives the calibrated predictions at share 1, base rates at 0, and log-odds between them otherwise", () => {
    const calibration = {
      weight: Float64Array.of(1),
      anchor: Float64Array.of(-1),
      intercept: Float64Array.of(0.5),
      slope: Float64Array.of(2),
    };
    const at = (share: number): number =>
      logit(together(towardsBaseRate(calibration, share), [Float32Array.of(0.5)])[0]);
    expect(at(1)).toBeCloseTo(-1 + 0.5 + 2, 5);
    expect(at(0)).toBeCloseTo(-1, 5);
    expect(at(0.25)).toBeCloseTo(-1 + 0.25 * 2.5, 5);
  });
});

it("a kernel gives the same for one replicate", () => {
  const random = new Random(4);
  const models = 3;
  const numbers = (length: number, of: () => number): Float64Array => Float64Array.from({ length }, of);
  const calibration = {
    weight: numbers(2, () => random.uniform()),
    anchor: numbers(models, () => random.normal()),
    intercept: numbers(models, () => random.normal()),
    slope: numbers(models, () => 2 * random.uniform()),
  };
  const members = [1, 2].map(() => Float32Array.from({ length: 50 * models }, () => random.uniform()));
  const out = new Float32Array(50 * models);
  new ReplicateMean(models, 2, voiceOf(calibration)).run(
    members.map((member) => [member]),
    [1],
    0.5,
    out,
  );
  together(calibration, members).forEach((p, i) => expect(out[i]).toBeCloseTo(p, 6));
});
