import { labelRates } from "./labelRates.js";
import { labelCorrelation, lowRankCovariance, shareCovariance } from "./covariance.js";
import { kernelOf, type Kernel } from "./kernel.js";
import type { Lesson } from "./learning.js";
import { fitLogistic, logit, sigmoid, timesCovariance, type LogisticFit } from "./logistic.js";
import type { Method, MethodKind, Setting } from "./method.js";
import { sharedFloats } from "./shared.js";
import { compact, type CompactRows, type SparseRows } from "./sparse.js";

interface Prepared {
  rows: CompactRows;
  kernel: Kernel;
}

/** Margins are offset + K·coefficient. */
export interface LearnedLogistic {
  models: number;
  /** The sample's rows, their columns renumbered. */
  rows: SparseRows;
  /** New number of every column, −1: not in the sample. */
  columnOf: Int32Array;
  /** Rows × models. */
  coefficient: Float32Array;
  /** A model. */
  intercept: Float32Array;
  /** Log-odds of each model before any text is seen. */
  offset: Float64Array;
  /** Where a similar fit may start; not needed for predicting. */
  fit?: LogisticFit;
}

/** Strengths of the L2 penalty, strongest first; rows have unit length. */
const STRENGTHS = [3, 1, 0.3, 0.1, 0.03, 0.01];
const SHARING = [0, 0.7];

/**
 * L2 logistic regression on hashed n-grams, all models fitted together: alone (`sharing` 0), or sharing what they learn as far as
 * their labels agree.
 */
export const logistic = regression(
  "logistic",
  SHARING.flatMap((sharing) => STRENGTHS.map((strength) => ({ sharing, strength }))),
  (correlation, models, { sharing }) => shareCovariance(correlation, models, sharing),
);

/** The same with few latent difficulties per query, and a slope of each model for each of them. */
export const rankOne = regression(
  "rank-one",
  [1, 2].flatMap((rank) => STRENGTHS.map((strength) => ({ rank, strength }))),
  (correlation, models, { rank }) => lowRankCovariance(correlation, models, rank),
);

function regression(
  kind: MethodKind,
  settings: readonly Setting[],
  covarianceOf: (correlation: Float64Array, models: number, setting: Setting) => Float64Array,
): Method<Prepared, LearnedLogistic> {
  return {
    kind,
    settings,
    needs: "sparse",
    prepare({ sparse }, models) {
      const rows = compact(sparse);
      return { rows, kernel: kernelOf(rows.rows, models) };
    },
    fit(lesson, { rows, kernel }, setting, _seed, from) {
      const { models } = lesson;
      const covariance = covarianceOf(labelCorrelation(lesson), models, setting);
      const observed = observe(lesson);
      const fit = fitLogistic(kernel, observed, covariance, setting.strength, from?.fit?.alpha);
      const coefficient = fit.alpha.slice();
      timesCovariance(coefficient, covariance, models);
      const intercept = observed.offset.slice();
      coefficient.forEach((c, i) => (intercept[i % models] += c));
      return {
        models,
        rows: rows.rows,
        columnOf: rows.columnOf,
        coefficient: sharedFloats(coefficient),
        intercept: sharedFloats(intercept),
        offset: observed.offset,
        fit,
      };
    },
    onLesson({ models, fit, offset }, out) {
      for (let i = 0; i < out.length; i++) out[i] = sigmoid(offset[i % models] + fit!.image[i]);
    },
    scorer,
  };
}

function observe({ models, outcome, weight }: Lesson) {
  const label = Float64Array.from(outcome, (y) => (Number.isNaN(y) ? 0 : y));
  const weights = Float64Array.from(outcome, (y, i) =>
    Number.isNaN(y) ? 0 : weight[Math.floor(i / models)],
  );
  return { models, label, weight: weights, offset: labelRates(outcome, weight, models).map(logit) };
}

/** O(columns · models) to make; a row takes its entries · models multiplications. */
function scorer({ models, rows, columnOf, coefficient, intercept }: LearnedLogistic) {
  const weights = new Float32Array(rows.columns * models);
  for (let r = 0; r < rows.rows; r++) {
    for (let k = rows.start[r]; k < rows.start[r + 1]; k++) {
      const base = rows.column[k] * models;
      for (let m = 0; m < models; m++) weights[base + m] += rows.value[k] * coefficient[r * models + m];
    }
  }
  const margin = new Float64Array(models);
  return ({ sparse: { rows, start, column, value } }: { sparse: SparseRows }, out: Float32Array): void => {
    for (let r = 0; r < rows; r++) {
      margin.set(intercept);
      for (let k = start[r]; k < start[r + 1]; k++) {
        const c = columnOf[column[k]];
        if (c < 0) continue;
        const base = c * models;
        for (let m = 0; m < models; m++) margin[m] += value[k] * weights[base + m];
      }
      for (let m = 0; m < models; m++) out[r * models + m] = sigmoid(margin[m]);
    }
  };
}
