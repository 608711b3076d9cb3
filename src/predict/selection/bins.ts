/** Bins of equal width of the calibration error: [k/15, (k+1)/15), the last one closed. */
const ECE_BINS = 15;

/** Answers whose predicted probabilities lie in one of the bins. */
export interface ReliabilityBin {
  labels: number;
  /** Mean predicted probability; 0 when empty. */
  predicted: number;
  /** Mean outcome; 0 when empty. */
  observed: number;
}

/** The bins of probabilities and outcomes 0 … 1. O(labels). */
export function binsOf(probability: Float64Array, outcome: Float64Array): ReliabilityBin[] {
  const bins = emptyBins();
  probability.forEach((p, i) => {
    const bin = bins[Math.min(Math.floor(p * ECE_BINS), ECE_BINS - 1)];
    bin.labels++;
    bin.predicted += p;
    bin.observed += outcome[i];
  });
  return bins.map(meanOf);
}

/** The bins of all answers of several. */
export function mergeBins(parts: readonly (readonly ReliabilityBin[])[]): ReliabilityBin[] {
  const sums = emptyBins();
  for (const bins of parts) {
    bins.forEach(({ labels, predicted, observed }, k) => {
      sums[k].labels += labels;
      sums[k].predicted += labels * predicted;
      sums[k].observed += labels * observed;
    });
  }
  return sums.map(meanOf);
}

/** Expected calibration error: Σ over bins of share · |mean p − mean y| [Naeini2015]; NaN when empty. */
export function eceOf(bins: readonly ReliabilityBin[]): number {
  let labels = 0;
  let error = 0;
  for (const bin of bins) {
    labels += bin.labels;
    error += bin.labels * Math.abs(bin.predicted - bin.observed);
  }
  return error / labels;
}

function emptyBins(): ReliabilityBin[] {
  return Array.from({ length: ECE_BINS }, () => ({ labels: 0, predicted: 0, observed: 0 }));
}

/** Means from sums. */
function meanOf({ labels, predicted, observed }: ReliabilityBin): ReliabilityBin {
  const n = Math.max(1, labels);
  return { labels, predicted: predicted / n, observed: observed / n };
}
