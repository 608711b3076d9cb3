import { describe, expect, it } from "vitest";
import { FOLDS } from "../../../src/predict/selection/folds.js";
import { BEATEN, findUnbeaten } from "../../../src/predict/selection/unbeaten.js";
import { Random } from "../../../src/random.js";
import { examplesOf } from "../examples.js";

const ROWS = 200;
const fold = Int32Array.from({ length: ROWS }, (_, r) => r % FOLDS);

/** Labels of three models with some rates, and predictions that know nothing. */
function blind(seed: number, rates: readonly number[]) {
  const random = new Random(seed);
  const outcome = Array.from({ length: ROWS }, () => rates.map((p) => (random.uniform() < p ? 1 : 0))).flat();
  const probability = Float32Array.from(outcome, () => random.uniform());
  return { outcome, probability };
}

describe("the best single model", () => {
  it("is unbeaten where predictions tell nothing of the queries", () => {
    const { outcome, probability } = blind(1, [0.5, 0.8, 0.3]);
    const { model, byRow } = findUnbeaten(probability, examplesOf(3, outcome), fold);
    expect(model).toBe(1);
    expect(new Set(byRow)).toEqual(new Set([1]));
  });

  it("is beaten where predictions know the labels", () => {
    const { outcome } = blind(2, [0.5, 0.8, 0.3]);
    const found = findUnbeaten(Float32Array.from(outcome), examplesOf(3, outcome), fold);
    expect(found).toEqual({ model: BEATEN, isMatched: true, byRow: new Int32Array(ROWS).fill(BEATEN) });
  });

  it("is called beaten by chance at most about once in twenty samples", () => {
    let beaten = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const { outcome, probability } = blind(seed, [0.6, 0.6, 0.6]);
      if (findUnbeaten(probability, examplesOf(3, outcome), fold).model === BEATEN) beaten++;
    }
    expect(beaten / 300).toBeLessThan(0.08);
    expect(beaten).toBeGreaterThan(0);
  });

  it("is judged for a row without the labels of the row's own fold", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { outcome, probability } = blind(seed, [0.6, 0.6, 0.55]);
      const before = findUnbeaten(probability, examplesOf(3, outcome), fold).byRow;
      const held = seed % FOLDS;
      const flipped = outcome.map((y, i) => (fold[Math.floor(i / 3)] === held ? 1 - y : y));
      const after = findUnbeaten(probability, examplesOf(3, flipped), fold).byRow;
      fold.forEach((f, r) => {
        if (f === held) expect(after[r]).toBe(before[r]);
      });
    }
  });

  it("is one that has labels", () => {
    const { outcome, probability } = blind(3, [0.2, 0.1, 0.9]);
    const unlabelled = outcome.map((y, i) => (i % 3 === 2 ? NaN : y));
    expect(findUnbeaten(probability, examplesOf(3, unlabelled), fold).model).toBe(0);
  });
});
