import { predictModule } from "../../core/predict/space.js";
import { growTrees, TreeMeans } from "../../core/predict/trees.js";
import type { Trees } from "../../core/predict/trees.js";
import { Random } from "../../random.js";
import type { PredictSpace } from "../../core/predict/space.js";
import type { Examples } from "./examples.js";
import type { Scorer } from "./method.js";
import { addRates, growthRows } from "./trees.js";

/** How random forests grow. */
export interface ForestSettings {
  trees: number;
  /** Least weight of the rows in a leaf. */
  minLeaf: number;
  maxDepth: number;
}

/** The paper's setting [Liu2024]; larger leaves changed log-loss by less than 0.015 either way. */
export const FOREST_SETTINGS: readonly ForestSettings[] = [{ trees: 100, minLeaf: 1, maxDepth: 10 }];

/** A random forest for each model. */
export interface Forest {
  models: Trees[];
}

/**
 * A random forest [Breiman2001] for each model separately, as in the paper. Every tree grows on as many rows as there
 * are, sampled with replacement from the model's labelled ones, compares √columns columns at a node, takes the best cut
 * by squared error (for labels 0 and 1 that is Gini's), and predicts the share of right answers in a leaf. Rows of
 * weight 0 are ignored. A model whose labels are all the same is predicted by its rate; a model without labels, by ½.
 *
 * The same examples, settings and seed give the same bytes.
 */
export function fitForest(examples: Examples, settings: ForestSettings, seed: number): Forest {
  return { models: Array.from({ length: examples.models }, (_, m) => fitOne(examples, m, settings, seed)) };
}

function fitOne(examples: Examples, m: number, settings: ForestSettings, seed: number): Trees {
  const outcome = columnOf(examples.outcome, examples.models, m);
  const labelled = examples.weight.map((w, r) => (Number.isNaN(outcome[r]) ? 0 : w));
  const { rows, weight, rate } = growthRows({ ...examples, models: 1, outcome, weight: labelled });
  const candidates = Math.max(1, Math.round(Math.sqrt(rows.columns)));
  const growth = { ...settings, candidates, prior: 0, isBest: true };
  // Random streams from 2³¹ on sample rows; those below grow trees.
  const draw = (t: number) => drawRows(weight, new Random(seed, 2 ** 31 + m * settings.trees + t));
  const seedOf = new Random(seed, m).uint32();
  const trees = growTrees(predictModule(), rows, growth, settings.trees, seedOf, draw);
  addRates(trees, rate);
  return trees;
}

function columnOf(matrix: Float32Array, columns: number, c: number): Float32Array {
  return Float32Array.from({ length: matrix.length / columns }, (_, r) => matrix[r * columns + c]);
}

/**
 * How often each row is sampled, with replacement and probability proportional to weight; there are as many samples as
 * rows with weight. O(rows log rows).
 */
function drawRows(weight: Float64Array, random: Random): Float64Array {
  const upTo = new Float64Array(weight.length);
  let sum = 0;
  weight.forEach((w, r) => (upTo[r] = sum += w));
  const drawn = new Float64Array(weight.length);
  for (let k = 0; k < Math.round(sum); k++) drawn[firstAbove(upTo, random.uniform() * sum)]++;
  return drawn;
}

/** The first place of a rising list whose number is above `x`, below the last one. */
function firstAbove(rising: Float64Array, x: number): number {
  let from = 0;
  let to = rising.length - 1;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (rising[middle] > x) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Success probabilities of rows: O(rows × models × trees × depth). */
export function forestScorer(forest: Forest, space: PredictSpace): Scorer {
  const means = forest.models.map((trees) => new TreeMeans(trees, space));
  return ({ dense }, out) =>
    means.forEach((one, m) => one.run(dense.rows, dense.value, out, m, means.length));
}
