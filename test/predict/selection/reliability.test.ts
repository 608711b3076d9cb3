import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { binsOf, eceOf } from "../../../src/predict/selection/bins.js";
import {
  auroc,
  brier,
  LOG_LOSS_CLIP,
  logLoss,
  reliability,
} from "../../../src/predict/selection/reliability.js";
import { aurocByPairs, eceByBins } from "../oracle.js";

const f64 = (...values: number[]): Float64Array => Float64Array.from(values);
const ece = (p: Float64Array, y: Float64Array): number => eceOf(binsOf(p, y));

describe("reliability figures", () => {
  it("agree with values worked out by hand", () => {
    const [p, y] = [f64(0.9, 0.8, 0.3, 0.5), f64(1, 0, 0, 1)];
    expect(brier(p, y)).toBeCloseTo((0.01 + 0.64 + 0.09 + 0.25) / 4, 12);
    expect(logLoss(p, y)).toBeCloseTo(-Math.log(0.9 * 0.2 * 0.7 * 0.5) / 4, 12);
    expect(ece(p, y)).toBeCloseTo((0.1 + 0.8 + 0.3 + 0.5) / 4, 12);
    expect(auroc(p, y)).toBe(0.75);
  });

  it("merge the rows of a bin before taking the error", () => {
    expect(ece(f64(0.5, 0.5), f64(0, 1))).toBe(0);
    expect(ece(f64(0.5, 0.61), f64(0, 1))).toBeCloseTo((0.5 + 0.39) / 2, 12);
    expect(ece(f64(1, 1), f64(1, 0))).toBe(0.5);
  });

  it("count ties half and call an outcome of 0.5 right", () => {
    expect(auroc(f64(0.4, 0.4, 0.4), f64(1, 0, 0))).toBe(0.5);
    expect(auroc(f64(0.4, 0.6), f64(0.49, 0.5))).toBe(1);
    expect(auroc(f64(0.6, 0.4), f64(0.49, 0.5))).toBe(0);
    expect(auroc(f64(0.6, 0.4), f64(1, 1))).toBeNaN();
  });

  it("clip a certain mistake to a finite loss and take fractional outcomes", () => {
    expect(logLoss(f64(0), f64(1))).toBeCloseTo(-Math.log(LOG_LOSS_CLIP), 9);
    expect(logLoss(f64(1), f64(0))).toBeCloseTo(-Math.log(LOG_LOSS_CLIP), 6);
    expect(logLoss(f64(0.25), f64(0.25))).toBeCloseTo(-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75), 12);
    expect(brier(f64(0.25), f64(0.75))).toBe(0.25);
  });

  it("agree with their slow twins", () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom(0, 0.3, 0.5, 1));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const p = rows.map(([k]) => k / 30);
        const y = rows.map(([, outcome]) => outcome);
        expect(ece(f64(...p), f64(...y))).toBeCloseTo(eceByBins(p, y), 10);
        const pairs = aurocByPairs(p, y);
        if (Number.isNaN(pairs)) expect(auroc(f64(...p), f64(...y))).toBeNaN();
        else expect(auroc(f64(...p), f64(...y))).toBeCloseTo(pairs, 10);
      }),
    );
  });
});

describe("reliability", () => {
  // Models: a with both classes, b always right, c without labels; query 1 of a is unlabelled.
  const p = Float32Array.of(0.75, 0.5, 0.1, 0.5, 1, 0.1, 0.25, 0.5, 0.1);
  const y = Float32Array.of(1, 1, NaN, NaN, 1, NaN, 0, 1, NaN);
  const { perModel, mean } = reliability(p, y, 3);

  it("skips outcomes that are missing", () => {
    expect(perModel.map((r) => r.labels)).toEqual([2, 3, 0]);
    expect(perModel[0].brier).toBe(0.0625);
    expect(perModel[1].brier).toBeCloseTo(0.5 / 3, 12);
    expect(perModel[2].brier).toBeNaN();
  });

  it("averages over the models that have a figure", () => {
    expect(mean.labels).toBe(5);
    expect(mean.brier).toBeCloseTo((0.0625 + 0.5 / 3) / 2, 12);
    expect(mean.logLoss).toBeCloseTo((perModel[0].logLoss + perModel[1].logLoss) / 2, 12);
    expect([perModel[0].auroc, mean.auroc]).toEqual([1, 1]);
    expect(perModel[1].auroc).toBeNaN();
  });

  it("pools all models' pairs, where one model's error makes up for another's", () => {
    // Model a is predicted too high by 0.4, b too low by as much, in the same bin; one outcome is missing.
    const { perModel, pooledEce } = reliability(
      Float32Array.of(0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
      Float32Array.of(0.1, 0.9, 0.1, 0.9, NaN, 0.9),
      2,
    );
    perModel.forEach((one) => expect(one.ece).toBeCloseTo(0.4, 6));
    expect(pooledEce).toBeCloseTo(Math.abs(2 * 0.4 - 3 * 0.4) / 5, 6);
  });

  it("writes an undefined figure as null in JSON", () => {
    const json = JSON.parse(JSON.stringify(perModel[1])) as Record<string, unknown>;
    expect(json.auroc).toBeNull();
    expect(json.labels).toBe(3);
  });

  it("refuses matrices that do not match", () => {
    expect(() => reliability(p, y.subarray(1), 3)).toThrow(InputError);
    expect(() => reliability(p, y, 2)).toThrow(/9 probabilities, 9 outcomes and 2 models/);
    expect(() => reliability(p, y, 0)).toThrow(InputError);
  });
});
