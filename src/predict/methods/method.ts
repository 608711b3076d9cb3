import type { PredictSpace } from "../../core/predict/space.js";
import type { Features } from "../features/features.js";
import type { Examples } from "./examples.js";
import type { Linear } from "./linear.js";

/** The methods that a predictor can be fitted with. */
export const METHODS = [
  "base-rate",
  "logistic",
  "rank-one",
  "trees",
  "forest",
  "knn",
  "columns",
  "vectors",
] as const;
/** The name of a prediction method. */
export type MethodKind = (typeof METHODS)[number];

/** Named numbers that a method can be tried with. */
export type Setting = Readonly<Record<string, number>>;

/** Writes success probabilities 0 … 1 of the rows, rows × models. A row depends on its own features alone. */
export type Scorer = (features: Features, out: Float32Array) => void;

/** The sizes that a method's data must match. */
export interface Shape {
  models: number;
  /** Columns of the dense features. */
  dimensions: number;
  /** Columns of the sparse features. */
  columns: number;
}

/** The same for many fits at once, one matrix each. */
export type BagScorer = (features: Features, out: Float32Array[]) => void;

/**
 * A method. `Prepared` is computed once from a sample's features; `Learned` is plain data, so that it can be sent to
 * threads and saved.
 */
export interface Method<Prepared = unknown, Learned = unknown> {
  readonly kind: MethodKind;
  /** The settings that `auto` tries, ordered so that each may start from the fit of the one before. */
  readonly settings: readonly Setting[];
  /** The settings that are tried with more than 64 models, whose fits take long; default: `settings`. */
  readonly settingsOfMany?: readonly Setting[];
  /** The half of the features that it uses. */
  readonly needs: "sparse" | "dense" | "columns" | "vectors" | "nothing";
  prepare(features: Features, models: number): Prepared;
  /** Deterministic by seed. Rows of weight 0 are ignored. `from`: the fit of a similar setting to the same examples. */
  fit(examples: Examples, prepared: Prepared, setting: Setting, seed: number, from?: Learned): Learned;
  /** The same fit in independent parts, for threads. */
  readonly inParts?: {
    count(setting: Setting): number;
    fit(examples: Examples, setting: Setting, seed: number, part: number): Learned;
    join(parts: readonly Learned[]): Learned;
  };
  /** Probabilities of all examples, held out or not, if the fit already has them. */
  onExamples?(learned: Learned, out: Float32Array): void;
  /** Keeps its tables in `space`, and no other data of the fit. */
  scorer(learned: Learned, space: PredictSpace): Scorer;
  /**
   * The scorer as a linear map, if it is linear in the sparse features: texts are then scored without building these.
   */
  linear?(learned: Learned): Linear;
  /** Whether data from a file is usable: every index in it lies inside its arrays. May throw. */
  check(learned: Learned, shape: Shape): boolean;
  /**
   * Merges several fits into one that predicts the same as their combination: its log-odds above the anchors (one per
   * model) are the weighted sum of theirs. Methods with the same function can be blended with each other. Undefined:
   * these fits cannot be blended.
   */
  blend?: (
    learned: readonly Learned[],
    weight: readonly number[],
    anchor: Float64Array,
  ) => Learned | undefined;
  /** Scores several fits of one setting to one sample, with different weights, if that is cheaper than one by one. */
  bagScorer?(bag: readonly Learned[], space: PredictSpace): BagScorer;
  /** The setting of the final fit, if a larger one is better than the one used for comparing. Default: the same. */
  fuller?(setting: Setting): Setting;
  /** The setting of a bootstrap replicate, if one of many may be less thorough. Default: the same. */
  lighter?(setting: Setting): Setting;
}
