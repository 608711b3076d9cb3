import { combineColumns } from "../../core/predict/postings.js";
import { timesSquare } from "../../core/predict/product.js";
import { FoundProduct, InnerProduct } from "../../core/predict/found.js";
import { labelCorrelation, lowRankCovariance, shareCovariance } from "./covariance.js";
import { kernelOf, type Kernel } from "./kernel.js";
import { labelRates } from "./labelRates.js";
import type { Features } from "../features/features.js";
import type { Examples } from "./examples.js";
import { writeProbabilities, type Linear } from "./linear.js";
import { fitLogistic, logit, sigmoid, type LogisticFit } from "./logistic.js";
import type { BagScorer, Method, MethodKind, Scorer, Setting } from "./method.js";
import { areModerate, areWithin } from "./ranges.js";
import type { PredictSpace } from "../../core/predict/space.js";
import { share } from "../share.js";
import { arePostings, compact, postingsOf, type KnownPostings, type SparseRows } from "../features/sparse.js";

interface Prepared extends KnownPostings {
  kernel: Kernel;
}

/** Log-odds of a text are intercept + its inner products with the sample's rows times the coefficients. */
export interface LearnedLogistic extends KnownPostings {
  models: number;
  /** Rows × models. */
  coefficient: Float32Array;
  /** One a model. */
  intercept: Float32Array;
}

/** Strengths of the L2 penalty, strongest first; rows have unit length. */
const STRENGTHS = [3, 1, 0.3, 0.1, 0.03, 0.01];

/**
 * L2 logistic regression on hashed n-grams, all models fitted together: independently (`sharing` 0), or sharing
 * information as far as their labels agree.
 */
export const logistic = regression(
  "logistic",
  [0, 0.7].flatMap((sharing) => STRENGTHS.map((strength) => ({ sharing, strength }))),
  (correlation, models, { sharing }) => shareCovariance(correlation, models, sharing),
);

/** The same with one latent difficulty per query, or two, and a slope of each model for each of them. */
export const rankOne = regression(
  "rank-one",
  [1, 2].flatMap((rank) => STRENGTHS.map((strength) => ({ rank, strength }))),
  (correlation, models, { rank }) => lowRankCovariance(correlation, models, rank),
);

/**
 * The same on the values of feature columns and their pairs: rates of groups, shrunk towards the model's base rate.
 */
export const byColumns: Method<Prepared, LearnedLogistic> = {
  ...regression(
    "columns",
    [0, 0.7].flatMap((sharing) => STRENGTHS.map((strength) => ({ sharing, strength }))),
    (correlation, models, { sharing }) => shareCovariance(correlation, models, sharing),
    ({ cells }) => cells!,
  ),
  needs: "columns",
  // These products are not of the texts.
  linear: undefined,
  blend: undefined,
};

/** Vectors vary less than n-grams do, so weaker penalties are tried. */
const VECTOR_STRENGTHS = [1, 0.3, 0.1, 0.03, 0.01, 0.003];

/** The same on vectors that stand beside the texts. */
export const byVectors: Method<Prepared, LearnedLogistic> = {
  ...regression(
    "vectors",
    [0, 0.7].flatMap((sharing) => VECTOR_STRENGTHS.map((strength) => ({ sharing, strength }))),
    (correlation, models, { sharing }) => shareCovariance(correlation, models, sharing),
    ({ vectors }) => vectors!,
  ),
  needs: "vectors",
  linear: undefined,
  blend: undefined,
};

/** The result of the optimisation: a starting point for a similar fit, and predictions for its own rows. */
interface Course extends LogisticFit {
  offset: Float64Array;
}

function regression(
  kind: MethodKind,
  settings: readonly Setting[],
  covarianceOf: (correlation: Float64Array, models: number, setting: Setting) => Float64Array,
  rowsOf: (features: Features) => SparseRows = ({ sparse }) => sparse,
): Method<Prepared, LearnedLogistic> {
  const courses = new WeakMap<LearnedLogistic, Course>();
  return {
    kind,
    settings,
    settingsOfMany: settings.filter((_, k) => k % 2 === 0),
    needs: "sparse",
    prepare: (features, models) => prepare(rowsOf(features), models),
    fit(examples, { rows, postings, known, kernel }, setting, _seed, from) {
      const { models } = examples;
      const covariance = covarianceOf(labelCorrelation(examples), models, setting);
      const observed = observe(examples);
      const start = from && courses.get(from)?.alpha;
      const fit = fitLogistic(kernel, observed, covariance, setting.strength, start);
      const coefficient = fit.alpha.slice();
      timesSquare(coefficient, covariance, models);
      const intercept = Float32Array.from(observed.offset);
      coefficient.forEach((c, i) => (intercept[i % models] += c));
      const learned = {
        models,
        rows,
        postings,
        known,
        coefficient: Float32Array.from(coefficient),
        intercept,
      };
      courses.set(learned, { ...fit, offset: observed.offset });
      return learned;
    },
    onExamples(learned, out) {
      const { offset, image } = courses.get(learned)!;
      for (let i = 0; i < out.length; i++) out[i] = sigmoid(offset[i % offset.length] + image[i]);
    },
    scorer: (learned, space) => scorer(learned, space, rowsOf),
    linear,
    blend,
    bagScorer: (bag, space) => bagScorer(bag, space, rowsOf),
    check: ({ models, coefficient, intercept, ...texts }, shape) =>
      models === shape.models &&
      areSound(texts, shape.columns) &&
      coefficient instanceof Float32Array &&
      coefficient.length === texts.rows * models &&
      areModerate(coefficient) &&
      intercept instanceof Float32Array &&
      intercept.length === models &&
      areModerate(intercept),
  };
}

const sound = new WeakMap<Uint32Array, unknown[]>();

/**
 * Whether postings from a file are valid; checked once, since the fits of many replicates hold the same arrays. O(entries +
 * columns).
 */
function areSound({ rows, postings, known: { column, of } }: KnownPostings, columns: number): boolean {
  const { first, row, value } = postings;
  const told = [rows, first, row, value, column, of, columns];
  const before = sound.get(row);
  if (before?.every((one, k) => one === told[k])) return true;
  const areSo =
    of === columns &&
    column instanceof Int32Array &&
    areWithin(column, 0, columns) &&
    arePostings(postings, rows, column.length);
  if (areSo) sound.set(row, told);
  return areSo;
}

const prepared = new WeakMap<SparseRows, Prepared>();

/** Once for all methods here: the rows, shared, since the fits of many replicates hold them, and their inner products. */
function prepare(sparse: SparseRows, models: number): Prepared {
  let found = prepared.get(sparse);
  if (found === undefined) {
    const { rows, known } = compact(sparse);
    found = {
      ...share({ rows: rows.rows, postings: postingsOf(rows), known }),
      kernel: kernelOf(rows, models),
    };
    prepared.set(sparse, found);
  }
  return found;
}

function observe({ models, outcome, weight }: Examples) {
  const label = Float64Array.from(outcome, (y) => (Number.isNaN(y) ? 0 : y));
  const weights = Float64Array.from(outcome, (y, i) =>
    Number.isNaN(y) ? 0 : weight[Math.floor(i / models)],
  );
  return { models, label, weight: weights, offset: labelRates(outcome, weight, models).map(logit) };
}

/** A weight for every column and model. O(entries · models). */
function linear({ models, postings, known, coefficient, intercept }: LearnedLogistic): Linear {
  const matrix = combineColumns(postings, coefficient, models);
  return { bucket: known.column, columns: models, matrix, intercept };
}

/** A row takes entries · models multiplications. */
function scorer(
  learned: LearnedLogistic,
  space: PredictSpace,
  rowsOf: (features: Features) => SparseRows,
): Scorer {
  const { known, models } = learned;
  const { matrix, intercept } = linear(learned);
  const product = new FoundProduct(known, models, space);
  const target = product.matrix;
  for (let c = 0; c < known.column.length; c++) {
    target.set(matrix.subarray(c * models, (c + 1) * models), c * product.width);
  }
  return (features, out) =>
    product.run(rowsOf(features), (margin, from, count) =>
      writeProbabilities(intercept, { margin, first: 0, stride: product.width }, count, out, from * models),
    );
}

/**
 * Coefficients and intercepts add up where the rows are the same; the anchors have weight 1 minus the sum of the
 * weights.
 */
function blend(
  fits: readonly LearnedLogistic[],
  weight: readonly number[],
  anchor: Float64Array,
): LearnedLogistic | undefined {
  const [first] = fits;
  const isAlike = ({ postings, known }: LearnedLogistic): boolean =>
    isSameMemory(postings.value, first.postings.value) && isSameMemory(known.column, first.known.column);
  if (!fits.every(isAlike)) return undefined;
  const sum = (of: (fit: LearnedLogistic) => Float32Array): Float32Array =>
    of(first).map((_, i) => fits.reduce((total, fit, k) => total + weight[k] * of(fit)[i], 0));
  const left = 1 - weight.reduce((total, w) => total + w, 0);
  return {
    ...first,
    coefficient: sum(({ coefficient }) => coefficient),
    intercept: sum(({ intercept }) => intercept).map((f, m) => f + left * anchor[m]),
  };
}

function isSameMemory(a: Float32Array | Int32Array, b: Float32Array | Int32Array): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset;
}

/**
 * Scores many fits to the same rows: a text's inner products with the rows are computed once and multiplied by all
 * coefficients. Per text: O(entries · rows that share them + rows · models · fits).
 */
function bagScorer(
  bag: readonly LearnedLogistic[],
  space: PredictSpace,
  rowsOf: (features: Features) => SparseRows,
): BagScorer {
  const { rows, postings, known, models } = bag[0];
  const product = new InnerProduct(known, postings, rows, models, bag.length, space);
  const { matrices, width } = product;
  const intercepts = bag.map(({ intercept }) => intercept);
  for (const [b, { coefficient }] of bag.entries()) {
    for (let r = 0; r < rows; r++) {
      matrices[b].set(coefficient.subarray(r * models, (r + 1) * models), r * width);
    }
  }
  return (features, out) =>
    product.run(
      rowsOf(features),
      (b, told, from, count) => {
        const to = from * models;
        for (let i = 0; i < count * models; i++) out[b][to + i] = told[i];
      },
      intercepts,
    );
}
