import type { Labels } from "./labels.js";

/** What the labels of a model say without looking at the texts. */
export interface BaseRate {
  /** (sum of labels + ½) / (labels + 1): strictly between 0 and 1; ½ without labels. */
  rate: number;
  /** Rows with weight. */
  labels: number;
  /** All labels are 0, or all are 1: nothing can be learned but the rate. */
  hasOneClass: boolean;
}

/** Shrunk mean of the labels that carry weight (Jeffreys' prior). O(rows). */
export function baseRate({ label, weight }: Labels): BaseRate {
  let sum = 0;
  let labels = 0;
  for (let i = 0; i < label.length; i++) {
    sum += weight[i] * label[i];
    labels += weight[i];
  }
  return { rate: (sum + 0.5) / (labels + 1), labels, hasOneClass: sum === 0 || sum === labels };
}
