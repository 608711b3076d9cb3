import { compileCore } from "../core/module.js";
import { findNearest, unitRows } from "../core/neighbours.js";
import type { Vectors } from "../core/neighbours.js";
import type { DenseRows } from "./features.js";
import type { Lesson } from "./learning.js";
import { labelRates } from "./labelRates.js";

/** How neighbours vote. */
export interface KnnSettings {
  /** Neighbours that vote, at least 1. */
  k: number;
  /** Votes that the model's rate has: shrinks predictions towards it; > 0. */
  prior: number;
  /** A neighbour of cosine s has e^((s − 1) / temperature) votes: small: the very nearest decide; > 0. */
  temperature: number;
}

/** What is worth comparing: texts that repeat want the first, hard mixed questions the last. */
export const KNN_SETTINGS: readonly KnnSettings[] = [
  { k: 20, prior: 0.1, temperature: 0.05 },
  { k: 20, prior: 0.1, temperature: 0.1 },
  { k: 20, prior: 0.1, temperature: 0.2 },
  { k: 40, prior: 0.3, temperature: 0.2 },
  { k: 80, prior: 0.3, temperature: 0.2 },
];

/** The labelled rows as they are, as plain data. */
export interface Knn extends KnnSettings {
  models: number;
  /** Rows of unit length. */
  rows: Vectors;
  /** One each row, > 0. */
  weight: Float64Array;
  /** Rows × models; NaN: unlabelled. */
  label: Float32Array;
  /** One each model. */
  rate: Float64Array;
}

/** Keeps the rows that have weight. O(rows × columns). */
export function fitKnn({ features, models, outcome, weight }: Lesson, settings: KnnSettings): Knn {
  const { columns, value } = features.dense;
  const taking = Uint32Array.from(weight.keys()).filter((r) => weight[r] > 0);
  const picked = new Float32Array(taking.length * columns);
  const label = new Float32Array(taking.length * models);
  taking.forEach((r, k) => {
    picked.set(value.subarray(r * columns, (r + 1) * columns), k * columns);
    label.set(outcome.subarray(r * models, (r + 1) * models), k * models);
  });
  return {
    ...settings,
    models,
    rows: unitRows(taking.length, columns, picked),
    weight: Float64Array.from(taking, (r) => weight[r]),
    label,
    rate: labelRates(outcome, weight, models),
  };
}

/**
 * Success probabilities of rows, rows × models, into `out`: the mean label of the k nearest rows by cosine, weighed by
 * votes, and the rate with its own. Labels that are NaN have no vote. O(rows × labelled rows × columns).
 */
export function predictKnn(knn: Knn, dense: DenseRows, out: Float32Array): void {
  const { rows, models, label, weight, rate, prior, temperature } = knn;
  const k = Math.min(knn.k, rows.rows);
  if (k === 0) {
    for (let at = 0; at < out.length; at++) out[at] = rate[at % models];
    return;
  }
  const votes = new Float64Array(models);
  const right = new Float64Array(models);
  const queries = unitRows(dense.rows, dense.columns, dense.value);
  findNearest(compileCore("release"), rows, queries, k, ({ similarity, index }, from, count) => {
    for (let q = 0; q < count; q++) {
      votes.fill(prior);
      for (let m = 0; m < models; m++) right[m] = prior * rate[m];
      for (let j = q * k; j < (q + 1) * k; j++) {
        const r = index[j];
        const vote = weight[r] * Math.exp((similarity[j] - 1) / temperature);
        for (let m = 0; m < models; m++) {
          const y = label[r * models + m];
          if (Number.isNaN(y)) continue;
          votes[m] += vote;
          right[m] += vote * y;
        }
      }
      for (let m = 0; m < models; m++) out[(from + q) * models + m] = right[m] / votes[m];
    }
  });
}

/** Whether data from a file can be predicted with. O(values). */
export function isKnn(
  { k, prior, temperature, models, rows, weight, label, rate }: Knn,
  columns: number,
): boolean {
  return (
    Number.isSafeInteger(k) &&
    k >= 1 &&
    prior > 0 &&
    temperature > 0 &&
    rows.columns >= columns &&
    rows.columns % 4 === 0 &&
    rows.columns < columns + 4 &&
    rows.value instanceof Float32Array &&
    rows.value.length === rows.rows * rows.columns &&
    weight instanceof Float64Array &&
    weight.length === rows.rows &&
    label instanceof Float32Array &&
    label.length === rows.rows * models &&
    rate instanceof Float64Array &&
    rate.length === models
  );
}
