import { predictModule } from "../../core/predict/space.js";
import { workspace } from "../../core/workspace.js";
import type { Features } from "../features/features.js";
import { FOREST_SETTINGS, fitForest, forestScorer, type Forest, type ForestSettings } from "./forest.js";
import { KNN_SETTINGS, fitKnn, isKnn, knnRows, knnScorer, type Knn, type KnnSettings } from "./knn.js";
import { labelRates } from "./labelRates.js";
import { byColumns, byVectors, logistic, rankOne } from "./logisticMethod.js";
import type { Vectors } from "../../core/predict/neighbours.js";
import { isForest, joinTrees } from "../../core/predict/trees.js";
import type { Method, MethodKind, Setting } from "./method.js";
import { areShares } from "./ranges.js";
import { TREES_SETTINGS, fitSomeTrees, fitTrees, treesScorer } from "./trees.js";
import type { Trees, TreesSettings } from "./trees.js";

/** Each model's share of right answers, whatever the query. */
const baseRate: Method<null, Float64Array> = {
  kind: "base-rate",
  settings: [{}],
  needs: "nothing",
  prepare: () => null,
  fit: ({ outcome, weight, models }) => labelRates(outcome, weight, models),
  scorer: (rates) => (_, out) => {
    for (let i = 0; i < out.length; i++) out[i] = rates[i % rates.length];
  },
  check: (rates, { models }) => rates instanceof Float64Array && rates.length === models && areShares(rates),
};

/** Trees that are compared with more than 64 models. */
const FEW_TREES = 40;
/** Enough work for a thread, few enough to stop soon; does not change results. */
const TREES_OF_PART = 25;

const trees: Method<null, Trees> = {
  kind: "trees",
  settings: TREES_SETTINGS.map((setting) => ({ ...setting })),
  settingsOfMany: TREES_SETTINGS.map((setting) => ({ ...setting, trees: FEW_TREES })),
  needs: "dense",
  prepare: () => null,
  fit: (examples, _, setting, seed) => fitTrees(examples, setting as unknown as TreesSettings, seed),
  inParts: {
    count: ({ trees }) => Math.ceil(trees / TREES_OF_PART),
    fit(examples, setting, seed, part) {
      const first = part * TREES_OF_PART;
      const settings = setting as unknown as TreesSettings;
      return fitSomeTrees(examples, settings, seed, first, Math.min(TREES_OF_PART, settings.trees - first));
    },
    join: joinTrees,
  },
  scorer: treesScorer,
  fuller: (setting) => ({ ...setting, trees: 5 * setting.trees }),
  // The mean over many replicates makes up for comparing fewer columns in each.
  lighter: (setting) => ({
    ...setting,
    trees: Math.ceil(setting.trees / 30),
    columnShare: setting.columnShare / 2,
  }),
  check: (learned, { models, dimensions }) =>
    learned.models === models &&
    learned.columns === dimensions &&
    isForest(learned) &&
    areShares(learned.vector),
};

const forest: Method<null, Forest> = {
  kind: "forest",
  settings: FOREST_SETTINGS.map((setting) => ({ ...setting })),
  needs: "dense",
  prepare: () => null,
  fit: (examples, _, setting, seed) => fitForest(examples, setting as unknown as ForestSettings, seed),
  scorer: forestScorer,
  lighter: (setting) => ({ ...setting, trees: Math.ceil(setting.trees / 10) }),
  check: (learned, { models, dimensions }) =>
    learned.models.length === models &&
    learned.models.every(
      (one) => one.models === 1 && one.columns === dimensions && isForest(one) && areShares(one.vector),
    ),
};

const knn: Method<Vectors, Knn> = {
  kind: "knn",
  settings: KNN_SETTINGS.map((setting) => ({ ...setting })),
  needs: "dense",
  prepare: ({ dense }) => knnRows(dense),
  fit: (examples, rows, setting) => fitKnn(examples, setting as unknown as KnnSettings, rows),
  scorer(learned, space) {
    const score = knnScorer([learned], space);
    return ({ dense }, out) => score(dense, [out]);
  },
  bagScorer(bag, space) {
    const score = knnScorer(bag, space);
    return ({ dense }, out) => score(dense, out);
  },
  check: (learned, { models, dimensions }) => learned.models === models && isKnn(learned, dimensions),
};

const ALL = [baseRate, logistic, rankOne, trees, forest, knn, byColumns, byVectors] as unknown as Method[];

/** The method with this name. */
export function methodOf(kind: MethodKind): Method {
  return ALL.find((method) => method.kind === kind)!;
}

/** From here on fits are so long that fewer settings are compared. */
const MANY_MODELS = 65;

/** The settings of a method that are tried. */
export function settingsOf(kind: MethodKind, models: number): readonly Setting[] {
  const { settings, settingsOfMany } = methodOf(kind);
  return models >= MANY_MODELS ? (settingsOfMany ?? settings) : settings;
}

/** Scores with a fit that is not needed again: its tables lie in memory that the next call overwrites. */
export function scoreOnce(method: Method, learned: unknown, features: Features, out: Float32Array): void {
  method.scorer(learned, workspace(predictModule()))(features, out);
}
