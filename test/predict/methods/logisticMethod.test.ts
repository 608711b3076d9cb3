import { describe, expect, it } from "vitest";
import { predictSpace } from "../../../src/core/predict/space.js";
import { fitCalibration, together } from "../../../src/predict/selection/calibration.js";
import { labelRates } from "../../../src/predict/methods/labelRates.js";
import type { Examples } from "../../../src/predict/methods/examples.js";
import { logistic, rankOne } from "../../../src/predict/methods/logisticMethod.js";
import { logit, sigmoid } from "../../../src/predict/methods/logistic.js";
import { methodOf } from "../../../src/predict/methods/methods.js";
import { queryScorer } from "../../../src/predict/score.js";
import type { SparseRows } from "../../../src/predict/features/sparse.js";
import { vectorFeatures } from "../../../src/predict/vectors.js";
import { Random } from "../../../src/random.js";
import { examplesOf, sparseOf } from "../examples.js";

const MODELS = 3;
const COLUMNS = 40;

/** Unit rows over even columns; column 0 says which models are right. */
function examples(rows: number, seed: number): Examples {
  const random = new Random(seed);
  const outcomes: number[][] = [];
  const dense = Array.from({ length: rows }, () => {
    const isEasy = random.below(2);
    outcomes.push([isEasy, random.below(4) === 0 ? 1 - isEasy : isEasy, 1 - isEasy]);
    const row = Array.from({ length: COLUMNS }, (_, c) =>
      c === 0 ? isEasy : c % 2 === 0 && random.below(3) === 0 ? 0.3 : 0,
    );
    const length = Math.hypot(...row) || 1;
    return row.map((v) => v / length);
  });
  const plain = examplesOf(MODELS, outcomes);
  return { ...plain, features: { ...plain.features, sparse: sparseOf(dense, COLUMNS) } };
}

function predict(
  method: typeof logistic,
  taught: Examples,
  sparse: SparseRows,
  setting = method.settings[4],
): Float32Array {
  const learned = method.fit(taught, method.prepare(taught.features, MODELS), setting, 1);
  const out = new Float32Array(sparse.rows * MODELS).fill(NaN);
  method.scorer(learned, predictSpace())({ ...taught.features, sparse }, out);
  return out;
}

describe.each([logistic, rankOne])("$kind", (method) => {
  it("scores new rows like those of its examples", () => {
    const taught = examples(40, 1);
    taught.weight.fill(0, 30);
    const prepared = method.prepare(taught.features, MODELS);
    for (const setting of method.settings) {
      const learned = method.fit(taught, prepared, setting, 1);
      const [known, scored] = [new Float32Array(120), new Float32Array(120)];
      method.onExamples!(learned, known);
      method.scorer(learned, predictSpace())(taught.features, scored);
      known.forEach((p, i) => expect(scored[i]).toBeCloseTo(p, 4));
    }
  });

  it("predicts what separates right from wrong answers", () => {
    const [taught, unseen] = [examples(60, 2), examples(30, 3)];
    const p = predict(method, taught, unseen.features.sparse);
    for (let i = 0; i < 90; i += 3) {
      expect(p[i] > 0.5).toBe(unseen.outcome[i] === 1);
      expect(p[i + 2] > 0.5).toBe(unseen.outcome[i + 2] === 1);
    }
  });

  it("uses only columns of its examples, and gives a blank text the intercept", () => {
    const taught = examples(40, 4);
    const strange = sparseOf([Array.from({ length: COLUMNS }, (_, c) => c % 2), []], COLUMNS);
    const learned = method.fit(taught, method.prepare(taught.features, MODELS), method.settings[4], 1);
    const p = new Float32Array(6);
    method.scorer(learned, predictSpace())({ ...taught.features, sparse: strange }, p);
    expect(p.subarray(0, MODELS)).toEqual(p.subarray(MODELS));
    expect([...p.subarray(0, MODELS)]).toEqual([...learned.intercept].map((f) => Math.fround(sigmoid(f))));
  });

  it("gives the same fit from the start of another setting", () => {
    const taught = examples(40, 5);
    const prepared = method.prepare(taught.features, MODELS);
    const fitted = (from?: ReturnType<typeof method.fit>) =>
      method.fit(taught, prepared, method.settings.at(-3)!, 1, from);
    const [cold, warm] = [fitted(), fitted(method.fit(taught, prepared, method.settings[0], 1))];
    const [a, b] = [cold, warm].map((learned) => {
      const out = new Float32Array(120);
      method.onExamples!(learned, out);
      return out;
    });
    a.forEach((p, i) => expect(b[i]).toBeCloseTo(p, 1.5));
  });

  it("tries stronger penalties before weaker ones", () => {
    const groups = new Map<string, number[]>();
    for (const { strength, ...other } of method.settings) {
      const key = JSON.stringify(other);
      groups.set(key, [...(groups.get(key) ?? []), strength]);
    }
    expect(groups.size).toBe(2);
    for (const strengths of groups.values()) expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
  });
});

describe("blend", () => {
  const taught = examples(40, 7);
  const prepared = logistic.prepare(taught.features, MODELS);
  const [one, other] = [logistic, rankOne].map((method) =>
    method.fit(taught, prepared, method.settings.at(-2)!, 1),
  );
  const anchor = Float64Array.of(0.5, -1, 2);

  it("has the weighted sum of its parts' log-odds above the anchors", () => {
    const blended = logistic.blend!([one, other], [0.7, 0.6], anchor)!;
    const [a, b, both] = [one, other, blended].map((learned) => {
      const out = new Float32Array(120);
      logistic.scorer(learned, predictSpace())(taught.features, out);
      return out;
    });
    both.forEach((p, i) => {
      const base = anchor[i % MODELS];
      const margin = base + 0.7 * (logit(a[i]) - base) + 0.6 * (logit(b[i]) - base);
      expect(p).toBeCloseTo(sigmoid(margin), 5);
    });
  });

  it("is the same for both kinds, so that they can be blended with each other, but not for other rows", () => {
    expect(rankOne.blend).toBe(logistic.blend);
    const strange = examples(40, 8);
    const apart = logistic.fit(strange, logistic.prepare(strange.features, MODELS), logistic.settings[3], 1);
    expect(logistic.blend!([one, apart], [0.5, 0.5], anchor)).toBeUndefined();
  });

  it("does not change a predictor's predictions", () => {
    const rows = 40;
    const random = new Random(3);
    const value = Float32Array.from({ length: rows * 6 }, () => random.normal());
    const vectors = { columns: 6, value };
    const features = vectorFeatures(vectors, 0, rows);
    const outcome = Float32Array.from({ length: rows * MODELS }, (_, i) =>
      value[Math.floor(i / MODELS) * 6 + (i % MODELS)] > 0 ? 1 : 0,
    );
    const known = { features, models: MODELS, outcome, weight: new Float64Array(rows).fill(1) };
    const members = (["logistic", "knn", "rank-one"] as const).map(methodOf).map((method) => {
      const setting = method.settings[2];
      return {
        kind: method.kind,
        setting,
        learned: method.fit(known, method.prepare(features, MODELS), setting, 1),
      };
    });
    const apart = members.map(({ kind, learned }) => {
      const out = new Float32Array(rows * MODELS);
      methodOf(kind).scorer(learned, predictSpace())(features, out);
      return out;
    });
    const calibration = fitCalibration(apart, known);
    const state = {
      models: ["a", "b", "c"],
      labels: [rows, rows, rows],
      notes: [],
      candidates: [],
      vectorColumns: 6,
      members,
      calibration,
    };
    const out = new Float32Array(rows * MODELS);
    queryScorer(state)({ texts: [], vectors }, 0, rows, out);
    together(calibration, apart).forEach((p, i) => expect(out[i]).toBeCloseTo(p, 5));
  });
});

describe("rank-one", () => {
  it("has margins in proportion: one difficulty per query, one slope per model", () => {
    const taught = examples(60, 6);
    const setting = rankOne.settings.find(({ rank, strength }) => rank === 1 && strength < 0.2)!;
    const p = predict(rankOne, taught, taught.features.sparse, setting);
    const offset = labelRates(taught.outcome, taught.weight, MODELS).map(logit);
    const slope = (i: number, m: number): number => logit(p[i + m]) - offset[m];
    const [first, last] = [slope(0, 1) / slope(0, 0), slope(0, 2) / slope(0, 0)];
    expect(first).toBeGreaterThan(0.2);
    expect(last).toBeLessThan(-0.2);
    for (let i = 0; i < p.length; i += MODELS) {
      expect(slope(i, 1)).toBeCloseTo(first * slope(i, 0), 4);
      expect(slope(i, 2)).toBeCloseTo(last * slope(i, 0), 4);
    }
  });
});
