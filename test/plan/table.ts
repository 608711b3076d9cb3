import type { Predictor } from "../../src/predict/predictor.js";
import type { Dataset, Problem } from "../../src/types.js";

/** A predictor that looks every text up in a problem's probabilities: the text of query q is "q". */
export function tablePredictor({ models, successProbability }: Problem): Predictor {
  return {
    kind: "base-rate",
    models,
    notes: [],
    settings: [],
    candidates: [],
    labelledRows: 100,
    replicates: 0,
    unbeaten: undefined,
    vectorColumns: undefined,
    vectorsBeside: undefined,
    featureColumns: [],
    costs: [],
    predict: (queries) => {
      const width = models.length;
      const probability = new Float32Array(new SharedArrayBuffer(4 * queries.length * width));
      queries.forEach((text, q) => {
        const row = Number(text);
        probability.set(successProbability.subarray(row * width, (row + 1) * width), q * width);
      });
      return Promise.resolve(probability);
    },
  };
}

/** Work of a problem's queries at its costs. */
export function workOf({ models, cost }: Problem): Dataset {
  const names = Array.from({ length: cost.length / models.length }, (_, q) => `${q}`);
  const ids = names.map((name) => `id-${name}`);
  return { ids, queries: names, models, cost, outcome: new Float32Array(cost.length).fill(NaN) };
}

/** Freezes what can be frozen and returns a check that the matrices still hold what they held. */
export function frozen(dataset: Dataset): () => boolean {
  const { cost, outcome } = dataset;
  const before = [cost.slice(), outcome.slice()];
  for (const part of [dataset.ids, dataset.queries, dataset.models, dataset]) Object.freeze(part);
  return () =>
    [cost, outcome].every((matrix, k) => matrix.every((value, i) => Object.is(value, before[k][i])));
}
