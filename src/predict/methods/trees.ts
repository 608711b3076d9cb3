import { predictModule } from "../../core/predict/space.js";
import { growTrees, TreeMeans, vectorWidth, withDistinctLeaves } from "../../core/predict/trees.js";
import type { GrowthRows, Trees } from "../../core/predict/trees.js";
import { labelRates } from "./labelRates.js";
import type { PredictSpace } from "../../core/predict/space.js";
import type { Examples } from "./examples.js";
import type { Scorer } from "./method.js";

export type { Trees } from "../../core/predict/trees.js";

/** How multi-output extremely randomised trees grow. */
export interface TreesSettings {
  trees: number;
  /** Share of the columns compared at a node, 0 … 1; at least one. */
  columnShare: number;
  /** Least weight of the rows in a leaf. */
  minLeaf: number;
  maxDepth: number;
  /** Weight of the parent's estimate in a node's own, in labels: shrinks leaves towards the base rate. */
  prior: number;
}

/**
 * The settings that are compared, from bold to cautious. Large leaves suit labels that are mostly chance; single-row
 * leaves suit texts that repeat. Comparing all columns was best or within 0.002 of log-loss of it on three real sets;
 * 300 trees gain 0.002 over 100.
 */
export const TREES_SETTINGS: readonly TreesSettings[] = [
  { trees: 100, columnShare: 1, minLeaf: 1, maxDepth: 40, prior: 0 },
  { trees: 100, columnShare: 1, minLeaf: 3, maxDepth: 40, prior: 1 },
  { trees: 100, columnShare: 1, minLeaf: 10, maxDepth: 40, prior: 1 },
  { trees: 100, columnShare: 1, minLeaf: 25, maxDepth: 40, prior: 1 },
];

/**
 * Weight of the rates relative to all trees together: unanimous trees then do not give 0 or 1, where log-odds are
 * infinite.
 */
const DOUBT = 0.002;

/**
 * Extremely randomised trees [GeurtsErnstWehenkel2006] for all models at once: a leaf predicts every model. Columns are
 * cut at random places, and the cut of least squared error, summed over models, is used. Rows of weight 0 are ignored,
 * and NaN labels are ignored for their model. A model whose labels are all the same is predicted by its rate, (sum + ½)
 * / (labels + 1), which is ½ without labels.
 *
 * The same examples, settings and seed give the same bytes; tree t draws from a stream of its own.
 * O(trees × rows × depth × columns compared × models).
 */
export function fitTrees(examples: Examples, settings: TreesSettings, seed: number): Trees {
  return fitSomeTrees(examples, settings, seed, 0, settings.trees);
}

/** Grows some of these trees, from number `first` on. Joined parts equal the trees grown at once. */
export function fitSomeTrees(
  examples: Examples,
  { columnShare, ...settings }: TreesSettings,
  seed: number,
  first: number,
  trees: number,
): Trees {
  const { rows, weight, rate } = growthRows(examples);
  const candidates = Math.max(1, Math.round(columnShare * rows.columns));
  const grown = growTrees(
    predictModule(),
    rows,
    { ...settings, candidates, isBest: false },
    trees,
    seed,
    () => weight,
    first,
  );
  for (let i = 0; i < grown.vector.length; i++) grown.vector[i] /= 1 + DOUBT;
  addRates(grown, rate);
  return withDistinctLeaves(grown);
}

/** Success probabilities of rows: O(rows × trees × (depth + models)). */
export function treesScorer(trees: Trees, space: PredictSpace): Scorer {
  const means = new TreeMeans(trees, space);
  return ({ dense }, out) => means.run(dense.rows, dense.value, out);
}

/**
 * The examples that have weight, with labels relative to the models' rates. If all labels of a model are equal, they
 * count as equal to its rate.
 */
export function growthRows({ features, models, outcome, weight }: Examples): {
  rows: GrowthRows;
  weight: Float64Array;
  rate: Float64Array;
} {
  const { columns, value } = features.dense;
  const taking = Uint32Array.from(weight.keys()).filter((r) => weight[r] > 0);
  const rows = taking.length;
  const byColumn = new Float32Array(columns * rows);
  taking.forEach((r, k) => {
    for (let c = 0; c < columns; c++) byColumn[c * rows + k] = value[r * columns + c];
  });
  const rate = labelRates(outcome, weight, models);
  const label = new Float32Array(rows * models);
  const isLabelled = new Uint8Array(rows * models);
  for (let m = 0; m < models; m++) {
    const labels = Float32Array.from(taking, (r) => outcome[r * models + m]);
    const hasOneValue = new Set(labels.filter((y) => !Number.isNaN(y))).size <= 1;
    labels.forEach((y, k) => {
      if (Number.isNaN(y)) return;
      isLabelled[k * models + m] = 1;
      if (!hasOneValue) label[k * models + m] = y - rate[m];
    });
  }
  return {
    rows: { rows, columns, models, value: byColumn, label, isLabelled },
    weight: Float64Array.from(taking, (r) => weight[r]),
    rate,
  };
}

/** Turns distances from the models' rates into probabilities. */
export function addRates({ vector, models }: Trees, rate: Float64Array): void {
  const width = vectorWidth(models);
  for (let base = 0; base < vector.length; base += width) {
    for (let m = 0; m < models; m++) {
      vector[base + m] = Math.min(Math.max(vector[base + m] + rate[m], 0), 1);
    }
  }
}
