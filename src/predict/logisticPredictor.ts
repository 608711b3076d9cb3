import type { BaseRate } from "./baseRate.js";
import { sigmoid } from "./logistic.js";
import { breathe, fillUnlabelled, probabilityMatrix } from "./predictor.js";
import type { Predictor, RunningOptions } from "./predictor.js";
import type { SparseRows } from "./sparse.js";
import type { TfIdf } from "./tfidf.js";

/** Queries whose features are held at one time. */
const BLOCK = 1_024;

/** What was learned, models side by side. */
export interface LogisticModel {
  tfidf: TfIdf;
  /** Compact number of every bucket, −1: not in the sample. */
  columnOf: Int32Array;
  /** Compact columns × models. */
  weights: Float32Array;
  intercepts: Float64Array;
  /** 0 … 1: how far from the base rate towards the regression. */
  shrinkage: Float64Array;
  rates: readonly BaseRate[];
}

/** Predicts rate + shrinkage·(sigmoid(x·w + intercept) − rate) from a text's tf-idf row x. */
export class LogisticPredictor implements Predictor {
  readonly kind = "logistic";

  constructor(
    readonly models: string[],
    private readonly learned: LogisticModel,
    readonly notes: string[],
    readonly settings: string[],
  ) {}

  /** O(characters + entries · models); besides the answer, features of 1,024 queries at a time. */
  async predict(
    queries: readonly string[],
    { signal, onProgress }: RunningOptions = {},
  ): Promise<Float32Array<SharedArrayBuffer>> {
    const models = this.models.length;
    const probability = probabilityMatrix(queries.length, models);
    for (let from = 0; from < queries.length; from += BLOCK) {
      const to = Math.min(from + BLOCK, queries.length);
      await breathe(signal);
      onProgress?.({ phase: "predict", done: from, total: queries.length });
      const rows = this.learned.tfidf.rows(queries, from, to);
      this.predictRows(rows, probability.subarray(from * models, to * models));
    }
    fillUnlabelled(
      probability,
      this.learned.rates.map((r) => r.labels),
    );
    return probability;
  }

  private predictRows({ rows, start, column, value }: SparseRows, out: Float32Array): void {
    const { columnOf, weights, intercepts, shrinkage, rates } = this.learned;
    const models = this.models.length;
    const margin = new Float64Array(models);
    for (let r = 0; r < rows; r++) {
      margin.set(intercepts);
      for (let k = start[r]; k < start[r + 1]; k++) {
        const c = columnOf[column[k]];
        if (c < 0) continue;
        const v = value[k];
        const base = c * models;
        for (let m = 0; m < models; m++) margin[m] += v * weights[base + m];
      }
      for (let m = 0; m < models; m++) {
        const { rate } = rates[m];
        out[r * models + m] = rate + shrinkage[m] * (sigmoid(margin[m]) - rate);
      }
    }
  }
}
