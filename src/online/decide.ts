/** Chooses a model: plain arithmetic over one request's row, without allocation. */

/** What each option is worth at a price, where it may be chosen: p − λ·κ·c + λ·saved; −κ·c + saved at λ = ∞. */
export function writeValues(
  value: Float64Array,
  { probability, cost, factor, saved }: Row,
  lambda: number,
): void {
  for (let m = 0; m < value.length; m++) {
    const dollars = factor[m] * cost[m] - saved[m];
    value[m] = lambda === Infinity ? -dollars : probability[m] - lambda * dollars;
  }
}

/** One request, by model. */
export interface Row {
  /** 0 … 1. */
  probability: Float64Array;
  /** Predicted dollars. */
  cost: Float64Array;
  /** κ: correction of the predicted dollars. */
  factor: Float64Array;
  /** Dollars that a warm cache saves. */
  saved: Float64Array;
}

/**
 * The model of largest value among those that may be chosen; −1: none. Ties as in the batch solver: the more probable
 * model, then the cheaper, then the lower index. `open`: 1 for each model that may be chosen. O(models).
 */
export function best(value: Float64Array, { probability, cost }: Row, open: Uint8Array): number {
  let best = -1;
  for (let m = 0; m < value.length; m++) {
    if (open[m] === 0) continue;
    if (best < 0 || isBefore(m, best, value, probability, cost)) best = m;
  }
  return best;
}

function isBefore(
  a: number,
  b: number,
  value: Float64Array,
  probability: Float64Array,
  cost: Float64Array,
): boolean {
  if (value[a] !== value[b]) return value[a] > value[b];
  if (probability[a] !== probability[b]) return probability[a] > probability[b];
  return cost[a] < cost[b];
}
