import type { LabelledSample } from "./sample.js";

/** The labels of one model, one a row of the sample. */
export interface Labels {
  /** 0 … 1; 0 where unlabelled. */
  label: Float64Array;
  /** 1 where labelled, 0 where not. */
  weight: Float64Array;
}

/** Splits a column of the outcome matrix into label and weight. O(queries). */
export function labelsOf(sample: LabelledSample, model: number): Labels {
  const models = sample.models.length;
  const label = new Float64Array(sample.queries.length);
  const weight = new Float64Array(sample.queries.length);
  for (let q = 0; q < label.length; q++) {
    const outcome = sample.outcome[q * models + model];
    if (Number.isNaN(outcome)) continue;
    label[q] = outcome;
    weight[q] = 1;
  }
  return { label, weight };
}

/** The labels of the chosen rows, in the order given. */
export function pickLabels(labels: Labels, chosen: Uint32Array): Labels {
  return {
    label: Float64Array.from(chosen, (r) => labels.label[r]),
    weight: Float64Array.from(chosen, (r) => labels.weight[r]),
  };
}
