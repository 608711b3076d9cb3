import { ECE_BINS } from "./reliability.js";

/** Answers whose predicted probabilities lie in one of 15 bins of equal width. */
export interface ReliabilityBin {
  labels: number;
  /** Mean predicted probability; 0 when empty. */
  predicted: number;
  /** Mean outcome; 0 when empty. */
  observed: number;
}

/**
 * The bins of a reliability diagram, from matrices queries × models, row-major; NaN outcomes are skipped. First of all
 * models together, then of each. O(queries × models).
 */
export function reliabilityBins(
  successProbability: Float32Array,
  outcome: Float32Array,
  models: number,
): ReliabilityBin[][] {
  const groups = models + 1;
  const labels = new Float64Array(groups * ECE_BINS);
  const predicted = new Float64Array(groups * ECE_BINS);
  const observed = new Float64Array(groups * ECE_BINS);
  for (let option = 0; option < outcome.length; option++) {
    const p = successProbability[option];
    const y = outcome[option];
    if (Number.isNaN(y)) continue;
    const bin = Math.min(Math.floor(p * ECE_BINS), ECE_BINS - 1);
    for (const group of [0, 1 + (option % models)]) {
      const at = group * ECE_BINS + bin;
      labels[at]++;
      predicted[at] += p;
      observed[at] += y;
    }
  }
  return Array.from({ length: groups }, (_, group) =>
    Array.from({ length: ECE_BINS }, (_, bin) => {
      const at = group * ECE_BINS + bin;
      const n = Math.max(1, labels[at]);
      return { labels: labels[at], predicted: predicted[at] / n, observed: observed[at] / n };
    }),
  );
}
