import type { Features } from "../features/features.js";
import type { Examples } from "./examples.js";
import type { Linear } from "./linear.js";

/** The methods that a predictor can be fitted with. */
export const METHODS = ["base-rate", "logistic", "rank-one", "trees", "forest", "knn"] as const;
/** The name of a prediction method. */
export type MethodKind = (typeof METHODS)[number];

/** Named numbers that a method can be tried with. */
export type Setting = Readonly<Record<string, number>>;

/** Writes success probabilities 0 … 1 of the rows, rows × models. A row depends on its own features alone. */
export type Scorer = (features: Features, out: Float32Array) => void;

/** What a method's data must fit. */
export interface Shape {
  models: number;
  /** Columns of the dense features. */
  dimensions: number;
  /** Columns of the sparse features. */
  columns: number;
}

/** The same of many fits at once: one matrix each. */
export type BagScorer = (features: Features, out: Float32Array[]) => void;

/**
 * A method. `Prepared` is worked out once from a sample's features; `Learned` is plain data, so that it can be
 * sent to threads and saved.
 */
export interface Method<Prepared = unknown, Learned = unknown> {
  readonly kind: MethodKind;
  /** What `auto` tries, in an order in which each may start from the fit of the one before. */
  readonly settings: readonly Setting[];
  /** The half of the features that it uses. */
  readonly needs: "sparse" | "dense" | "nothing";
  prepare(features: Features, models: number): Prepared;
  /** Deterministic by seed. Rows of weight 0 take no part. `from`: the fit of a similar setting to the same examples. */
  fit(examples: Examples, prepared: Prepared, setting: Setting, seed: number, from?: Learned): Learned;
  /** The same fit in parts that do not depend on each other, as threads can make them. */
  readonly inParts?: {
    count(setting: Setting): number;
    fit(examples: Examples, setting: Setting, seed: number, part: number): Learned;
    join(parts: readonly Learned[]): Learned;
  };
  /** Probabilities of all examples, held out or not, where the fit knows them already. */
  onExamples?(learned: Learned, out: Float32Array): void;
  scorer(learned: Learned): Scorer;
  /** What the scorer does, where it is linear in the sparse features: texts can be scored without writing these. */
  linear?(learned: Learned): Linear;
  /** Whether data from a file can be scored with: every place that it names lies inside its arrays. May throw. */
  check(learned: Learned, shape: Shape): boolean;
  /**
   * One fit that predicts what several predict together: its log-odds above the anchors, one a model, are theirs, each times its weight.
   * Methods with the same function can be blended with each other. Undefined: not these.
   */
  blend?: (
    learned: readonly Learned[],
    weight: readonly number[],
    anchor: Float64Array,
  ) => Learned | undefined;
  /** Scores several fits of one setting to one sample, with different weights, where that is cheaper than one by one. */
  bagScorer?(bag: readonly Learned[]): BagScorer;
  /** The setting of the fit that is kept, where more of the same is better and comparing can do with less. Default: the same. */
  fuller?(setting: Setting): Setting;
  /** The setting of a bootstrap replicate, where one of many need not be as thorough. Default: the same. */
  lighter?(setting: Setting): Setting;
}
