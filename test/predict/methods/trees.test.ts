import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DenseRows, Features } from "../../../src/predict/features/features.js";
import { predictSpace } from "../../../src/core/predict/space.js";
import { fitForest, forestScorer } from "../../../src/predict/methods/forest.js";
import { fitKnn, knnScorer } from "../../../src/predict/methods/knn.js";
import type { Examples } from "../../../src/predict/methods/examples.js";
import { methodOf } from "../../../src/predict/methods/methods.js";
import { fitTrees, treesScorer } from "../../../src/predict/methods/trees.js";
import { featureless } from "../../../src/predict/score.js";
import { Random } from "../../../src/random.js";

const TREES = { trees: 20, columnShare: 1, minLeaf: 1, maxDepth: 30, prior: 0 };
const FOREST = { trees: 20, minLeaf: 1, maxDepth: 10 };
/** What the rates add to all trees together. */
const doubted = (p: number, rate: number): number => (p + 0.002 * rate) / 1.002;
const KNN = { k: 2, prior: 1, temperature: 0.5 };

/** Every predictor as one function: from examples and rows to probabilities. */
const PREDICTORS: Record<string, (examples: Examples, dense: DenseRows, seed: number) => Float32Array> = {
  trees: (examples, dense, seed) => {
    const out = new Float32Array(dense.rows * examples.models);
    treesScorer(fitTrees(examples, { ...TREES, prior: 1 }, seed), predictSpace())(seen(dense), out);
    return out;
  },
  forest: (examples, dense, seed) => {
    const out = new Float32Array(dense.rows * examples.models);
    forestScorer(fitForest(examples, FOREST, seed), predictSpace())(seen(dense), out);
    return out;
  },
  knn: (examples, dense) => {
    const out = new Float32Array(dense.rows * examples.models);
    knnScorer([fitKnn(examples, KNN)], predictSpace())(dense, [out]);
    return out;
  },
};

/** Features that have a dense half alone. */
function seen(dense: DenseRows): Features {
  return { ...featureless(dense.rows), dense };
}

function denseRows(columns: number, values: readonly number[]): DenseRows {
  return { rows: values.length / columns, columns, value: Float32Array.from(values) };
}

function examplesOf(
  dense: DenseRows,
  models: number,
  outcome: readonly number[],
  weight?: number[],
): Examples {
  const sparse = {
    rows: dense.rows,
    columns: 1,
    start: new Uint32Array(dense.rows + 1),
    column: new Int32Array(0),
    value: new Float32Array(0),
  };
  return {
    features: { rows: dense.rows, sparse, dense },
    models,
    outcome: Float32Array.from(outcome),
    weight: Float64Array.from(weight ?? Array.from({ length: dense.rows }, () => 1)),
  };
}

function randomExamples(seed: number, rows: number, columns: number, models: number): Examples {
  const random = new Random(seed);
  const values = Array.from({ length: rows * columns }, () => random.normal());
  const outcome = Array.from({ length: rows * models }, () =>
    random.uniform() < 0.2 ? NaN : random.below(3) / 2,
  );
  const weight = Array.from({ length: rows }, () => random.below(3));
  return examplesOf(denseRows(columns, values), models, outcome, weight);
}

const shapes = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 1, max: 30 }),
  columns: fc.integer({ min: 1, max: 5 }),
  models: fc.integer({ min: 1, max: 6 }),
});

describe.each(Object.keys(PREDICTORS))("%s", (name) => {
  const predict = PREDICTORS[name];

  it("give probabilities, the same bytes for the same seed", () => {
    fc.assert(
      fc.property(shapes, ({ seed, rows, columns, models }) => {
        const examples = randomExamples(seed, rows, columns, models);
        const found = predict(examples, examples.features.dense, seed);
        found.forEach((p) => expect(p >= 0 && p <= 1).toBe(true));
        expect(predict(examples, examples.features.dense, seed)).toEqual(found);
      }),
    );
  });

  it("ignore rows of weight 0", () => {
    fc.assert(
      fc.property(shapes, ({ seed, rows, columns, models }) => {
        const examples = randomExamples(seed, rows, columns, models);
        const asked = randomExamples(seed + 1, 5, columns, models).features.dense;
        const { dense } = examples.features;
        const value = dense.value.map((v, at) => (examples.weight[Math.floor(at / columns)] === 0 ? 1e6 : v));
        const outcome = examples.outcome.map((y, at) =>
          examples.weight[Math.floor(at / models)] === 0 ? 1 : y,
        );
        const features = { ...examples.features, dense: { ...dense, value } };
        const found = predict({ ...examples, features, outcome }, asked, seed);
        expect(found).toEqual(predict(examples, asked, seed));
      }),
    );
  });

  it("predict a row by itself", () => {
    const examples = randomExamples(3, 40, 5, 3);
    const asked = randomExamples(4, 9, 5, 3).features.dense;
    const all = predict(examples, asked, 1);
    for (let r = 0; r < 9; r++) {
      const one = denseRows(5, [...asked.value.subarray(r * 5, (r + 1) * 5)]);
      expect(predict(examples, one, 1)).toEqual(all.slice(r * 3, (r + 1) * 3));
    }
  });

  it("predict a model of equal labels by its shrunk rate, one without labels as ½", () => {
    const dense = denseRows(2, [1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9]);
    const examples = examplesOf(dense, 3, [1, NaN, 1, 1, NaN, 1, 1, NaN, 0, 1, NaN, 0]);
    const found = predict(examples, dense, 1);
    for (let r = 0; r < 4; r++) {
      expect(found[r * 3]).toBeGreaterThan(0.9 - 1e-6);
      expect(found[r * 3]).toBeLessThan(1);
      expect(found[r * 3 + 1]).toBe(0.5);
    }
    expect(found[2]).toBeGreaterThan(found[8]);
  });

  it("predict by the rate when no row has weight", () => {
    const dense = denseRows(1, [1, 2]);
    expect([...predict(examplesOf(dense, 2, [1, 0, 0, 1], [0, 0]), dense, 1)]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});

it("trees separate two groups for all models at once, with blank and fractional labels", () => {
  const dense = denseRows(1, [0, 0, 1, 1]);
  const examples = examplesOf(dense, 3, [1, 0, 0.25, 1, NaN, 0.75, 0, 1, 0, 0, 1, NaN]);
  const out = new Float32Array(12);
  treesScorer(fitTrees(examples, TREES, 5), predictSpace())(seen(dense), out);
  const expected = [1, 0, 0.5, 1, 0, 0.5, 0, 1, 0, 0, 1, 0];
  // Rates (sum + ½) / (labels + 1).
  const rate = [0.5, 0.625, 0.375];
  out.forEach((p, at) => expect(p).toBeCloseTo(doubted(expected[at], rate[at % 3]), 6));
});

it("leaves are shrunk towards their parent's estimate", () => {
  // Labels 1, 1 | 0: rate (2 + ½) / 4 = 0.625. Root, prior 1: 0.625 + (0.375 · 2 − 0.625) / 4 = 0.65625.
  // Left leaf: (2 + 0.65625) / 3; right leaf: 0.65625 / 2.
  const dense = denseRows(1, [0, 0, 1]);
  const out = new Float32Array(3);
  treesScorer(fitTrees(examplesOf(dense, 1, [1, 1, 0]), { ...TREES, prior: 1 }, 1), predictSpace())(
    seen(dense),
    out,
  );
  expect(out[0]).toBeCloseTo(doubted(2.65625 / 3, 0.625), 6);
  expect(out[1]).toBeCloseTo(doubted(2.65625 / 3, 0.625), 6);
  expect(out[2]).toBeCloseTo(doubted(0.65625 / 2, 0.625), 6);
});

it("trees count a row of weight two as two rows", () => {
  const twice = examplesOf(denseRows(1, [0, 0, 0, 1, 1]), 1, [1, 1, 0, 0, 0]);
  const weighed = examplesOf(denseRows(1, [0, 0, 1]), 1, [1, 0, 0], [2, 1, 2]);
  const asked = denseRows(1, [0, 1]);
  const [a, b] = [twice, weighed].map((examples) => PREDICTORS.trees(examples, asked, 2));
  a.forEach((p, at) => expect(p).toBeCloseTo(b[at], 6));
});

it("a forest's trees grow on resampled rows: the share of trees that hold a row is 1 − (1 − 1/n)ⁿ", () => {
  // One row of ten is right and lies apart: only trees that drew it can predict it right.
  const dense = denseRows(1, [...Array.from({ length: 9 }, () => 0), 1]);
  const examples = examplesOf(dense, 1, [...Array.from({ length: 9 }, () => 0), 1]);
  const out = new Float32Array(10);
  forestScorer(fitForest(examples, { ...FOREST, trees: 4000 }, 1), predictSpace())(seen(dense), out);
  expect(out[0]).toBe(0);
  expect(out[9]).toBeCloseTo(1 - 0.9 ** 10, 1.5);
});

it("neighbours vote by similarity, and the rate has the prior's votes", () => {
  const dense = denseRows(2, [3, 0, 0, 2, -1, 0]);
  const examples = examplesOf(dense, 2, [1, NaN, 0, 1, 0, 0], [2, 1, 1]);
  const out = new Float32Array(2);
  knnScorer([fitKnn(examples, KNN)], predictSpace())(denseRows(2, [5, 0]), [out]);
  // Two nearest: row 0 (cosine 1, weight 2) and row 1 (cosine 0); rates (2 + ½) / 5 and (1 + ½) / 3.
  const far = Math.exp(-1 / 0.5);
  expect(out[0]).toBeCloseTo((2 + 0.5) / (2 + far + 1), 6);
  expect(out[1]).toBeCloseTo((far + 0.5) / (far + 1), 6);
});

it("trees grown in parts and joined are those grown at once", () => {
  const random = new Random(3);
  const values = Array.from({ length: 60 }, () => random.normal());
  const examples = examplesOf(
    denseRows(3, values),
    2,
    Array.from({ length: 40 }, () => random.below(2)),
  );
  const { fit, prepare, inParts } = methodOf("trees");
  // The last part is smaller than the others.
  const setting = { ...TREES, trees: 60 };
  const parts = Array.from({ length: inParts!.count(setting) }, (_, part) =>
    inParts!.fit(examples, setting, 7, part),
  );
  expect(parts.length).toBe(3);
  const whole = fit(examples, prepare(examples.features, 2), setting, 7);
  expect(inParts!.join(parts)).toEqual(whole);
  expect(new Set(parts.map((part) => JSON.stringify(part))).size).toBe(3);
});
