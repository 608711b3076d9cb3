import { FOREST_SETTINGS, fitForest, predictForest, type Forest, type ForestSettings } from "./forest.js";
import { KNN_SETTINGS, fitKnn, isKnn, predictKnn, type Knn, type KnnSettings } from "./knn.js";
import { labelRates } from "./labelRates.js";
import { logistic, rankOne } from "./logisticMethod.js";
import { isForest } from "../core/trees.js";
import type { Method, MethodKind } from "./method.js";
import { TREES_SETTINGS, fitTrees, predictTrees, type Trees, type TreesSettings } from "./trees.js";

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
  check: (rates, { models }) => rates instanceof Float64Array && rates.length === models,
};

const trees: Method<null, Trees> = {
  kind: "trees",
  settings: TREES_SETTINGS.map((setting) => ({ ...setting })),
  needs: "dense",
  prepare: () => null,
  fit: (lesson, _, setting, seed) => fitTrees(lesson, setting as unknown as TreesSettings, seed),
  scorer:
    (learned) =>
    ({ dense }, out) =>
      predictTrees(learned, dense, out),
  check: (learned, { models, dimensions }) =>
    learned.models === models && learned.columns === dimensions && isForest(learned),
};

const forest: Method<null, Forest> = {
  kind: "forest",
  settings: FOREST_SETTINGS.map((setting) => ({ ...setting })),
  needs: "dense",
  prepare: () => null,
  fit: (lesson, _, setting, seed) => fitForest(lesson, setting as unknown as ForestSettings, seed),
  scorer:
    (learned) =>
    ({ dense }, out) =>
      predictForest(learned, dense, out),
  check: (learned, { models, dimensions }) =>
    learned.models.length === models &&
    learned.models.every((one) => one.models === 1 && one.columns === dimensions && isForest(one)),
};

const knn: Method<null, Knn> = {
  kind: "knn",
  settings: KNN_SETTINGS.map((setting) => ({ ...setting })),
  needs: "dense",
  prepare: () => null,
  fit: (lesson, _, setting) => fitKnn(lesson, setting as unknown as KnnSettings),
  scorer:
    (learned) =>
    ({ dense }, out) =>
      predictKnn(learned, dense, out),
  check: (learned, { models, dimensions }) => learned.models === models && isKnn(learned, dimensions),
};

const ALL = [baseRate, logistic, rankOne, trees, forest, knn] as unknown as Method[];

/** The method of a name. */
export function methodOf(kind: MethodKind): Method {
  return ALL.find((method) => method.kind === kind)!;
}
