import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DenseRows } from "../../../src/predict/features/features.js";
import { predictSpace } from "../../../src/core/predict/space.js";
import { isKnn } from "../../../src/predict/methods/knn.js";
import type { Examples } from "../../../src/predict/methods/examples.js";
import { methodOf } from "../../../src/predict/methods/methods.js";
import { featureless } from "../../../src/predict/score.js";
import type { Knn } from "../../../src/predict/methods/knn.js";
import { Random } from "../../../src/random.js";

const MODELS = 3;
const COLUMNS = 6;
const knn = methodOf("knn");

/** Few directions, so that rows tie and repeat. */
function denseRows(rows: number, random: Random): DenseRows {
  const value = Float32Array.from({ length: rows * COLUMNS }, () => random.below(3) - 1);
  return { rows, columns: COLUMNS, value };
}

function examplesOf(rows: number, random: Random): Examples {
  const outcome = Float32Array.from({ length: rows * MODELS }, () =>
    random.uniform() < 0.2 ? NaN : random.below(2),
  );
  const features = { ...featureless(rows), dense: denseRows(rows, random) };
  return { features, models: MODELS, outcome, weight: new Float64Array(rows).fill(1) };
}

/** The definition: sort all rows that have weight, and let the first k vote. */
function twin(examples: Examples, setting: Knn, dense: DenseRows): Float64Array {
  const unit = (row: Float32Array): number[] => {
    const length = Math.hypot(...row);
    return Array.from(row, (x) => (length > 0 ? x / length : 0));
  };
  const rowOf = ({ value }: DenseRows, r: number) => unit(value.subarray(r * COLUMNS, (r + 1) * COLUMNS));
  const out = new Float64Array(dense.rows * MODELS);
  for (let q = 0; q < dense.rows; q++) {
    const query = rowOf(dense, q);
    const near = Array.from(examples.weight.keys())
      .filter((r) => examples.weight[r] > 0)
      .map((r) => ({ r, s: rowOf(examples.features.dense, r).reduce((sum, x, c) => sum + x * query[c], 0) }))
      // Rounding apart, equal ones by row.
      .sort((a, b) => (Math.abs(a.s - b.s) > 1e-6 ? b.s - a.s : a.r - b.r))
      .slice(0, setting.k);
    for (let m = 0; m < MODELS; m++) {
      let votes = setting.prior;
      let right = setting.prior * setting.rate[m];
      for (const { r, s } of near) {
        const y = examples.outcome[r * MODELS + m];
        if (Number.isNaN(y)) continue;
        const vote = examples.weight[r] * Math.exp((s - 1) / setting.temperature);
        votes += vote;
        right += vote * y;
      }
      out[q * MODELS + m] = right / votes;
    }
  }
  return out;
}

describe("nearest neighbours", () => {
  it("let the k nearest rows that have weight vote", () => {
    const random = new Random(5);
    const examples = examplesOf(40, random);
    examples.weight.set([0, 2, 0, 3]);
    // Distinct directions: ties within rounding have no order that a twin could know.
    for (const dense of [examples.features.dense])
      dense.value.forEach((x, i) => (dense.value[i] = x + random.normal()));
    const fit = knn.fit(
      examples,
      knn.prepare(examples.features, MODELS),
      { k: 7, prior: 0.3, temperature: 0.2 },
      1,
    ) as Knn;
    const dense = denseRows(30, random);
    const out = new Float32Array(30 * MODELS);
    knn.scorer(fit, predictSpace())({ ...featureless(30), dense }, out);
    twin(examples, fit, dense).forEach((p, i) => expect(out[i]).toBeCloseTo(p, 5));
  });

  it("score many fits together as one after another, to the bit", () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          rows: fc.integer({ min: 1, max: 120 }),
          queries: fc.integer({ min: 0, max: 300 }),
          k: fc.integer({ min: 1, max: 60 }),
          fits: fc.integer({ min: 1, max: 6 }),
          // Below 0.5 lists run short often.
          kept: fc.constantFrom(0.02, 0.3, 0.63, 1),
        }),
        ({ seed, rows, queries, k, fits, kept }) => {
          const random = new Random(seed);
          const examples = examplesOf(rows, random);
          const prepared = knn.prepare(examples.features, MODELS);
          const bag = Array.from({ length: fits }, () => {
            const weight = examples.weight.map(() => (random.uniform() < kept ? 1 + random.below(3) : 0));
            return knn.fit({ ...examples, weight }, prepared, { k, prior: 0.1, temperature: 0.1 }, 1);
          });
          const features = { ...featureless(queries), dense: denseRows(queries, random) };
          const together = bag.map(() => new Float32Array(queries * MODELS));
          knn.bagScorer!(bag, predictSpace())(features, together);
          bag.forEach((fit, b) => {
            const alone = new Float32Array(queries * MODELS);
            knn.scorer(fit, predictSpace())(features, alone);
            expect(together[b]).toEqual(alone);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("hold the sample's rows once for all fits", () => {
    const examples = examplesOf(20, new Random(1));
    const prepared = knn.prepare(examples.features, MODELS);
    const [a, b] = [1, 2].map(
      () => knn.fit(examples, prepared, { k: 2, prior: 1, temperature: 1 }, 1) as Knn,
    );
    expect(a.rows.value.buffer).toBe(b.rows.value.buffer);
    expect(a.label).not.toBe(examples.outcome);
  });

  it("refuse data of a file whose parts do not fit together", () => {
    const examples = examplesOf(20, new Random(1));
    const prepared = knn.prepare(examples.features, MODELS);
    const fit = knn.fit(examples, prepared, { k: 2, prior: 1, temperature: 1 }, 1) as Knn;
    expect(isKnn(fit, COLUMNS)).toBe(true);
    const wrong: Partial<Knn>[] = [
      { weight: new Float64Array(19) },
      { weight: new Float64Array(20).fill(NaN) },
      { weight: new Float64Array(20).fill(-1) },
      { label: new Float32Array(1) },
      { k: 0.5 },
      { rows: { ...fit.rows, rows: 21 } },
    ];
    for (const change of wrong) expect(isKnn({ ...fit, ...change }, COLUMNS)).toBe(false);
  });
});
