import type { Examples } from "../methods/examples.js";
import { FOLDS } from "./folds.js";

/** No model: choosing query by query is more accurate. */
export const BEATEN = -1;

/** The best single model, where held-out rows do not show that choosing query by query is more accurate; else `BEATEN`. */
export interface Unbeaten {
  /** By all rows. */
  model: number;
  /** Choosing query by query was no less accurate on the held-out rows. */
  isMatched: boolean;
  /** For each row, by the rows of the other folds. */
  byRow: Int32Array;
}

const NO_FOLD = -1;
/** Standard errors that a gain must exceed: 95 %, one-sided. */
const SURE = 1.64;

/**
 * Compares the most probable model of each held-out row with the model that has the highest rate of right answers on the
 * other folds. Nothing is judged on the rows that chose it. `probability`: rows × models, each row predicted without its
 * own fold. The error is that of a mean, as if one more row were off by a whole answer. O(rows · models).
 */
export function findUnbeaten(probability: Float32Array, examples: Examples, fold: Int32Array): Unbeaten {
  const { models, outcome } = examples;
  const rateWithout = foldRates(examples, fold);
  const bestWithout = (...left: number[]): number => {
    const rates = Array.from({ length: models }, (_, m) => rateWithout(m, left));
    return rates.indexOf(Math.max(...rates));
  };
  const unbeatenWithout = (left: number): Omit<Unbeaten, "byRow"> => {
    let [rows, sum, squares] = [0, 0, 0];
    for (let held = 0; held < FOLDS; held++) {
      if (held === left) continue;
      const best = bestWithout(held, left);
      fold.forEach((f, r) => {
        if (f !== held) return;
        const first = r * models;
        const gain = outcome[first + mostProbable(probability, first, models, best)] - outcome[first + best];
        if (Number.isNaN(gain)) return;
        rows++;
        sum += gain;
        squares += gain ** 2;
      });
    }
    const isBeaten = sum > SURE * Math.sqrt(squares - (rows && sum ** 2 / rows) + 1);
    return { model: isBeaten ? BEATEN : bestWithout(left), isMatched: sum >= 0 };
  };
  const byFold = Array.from({ length: FOLDS }, (_, held) => unbeatenWithout(held).model);
  return { ...unbeatenWithout(NO_FOLD), byRow: fold.map((held) => byFold[held]) };
}

/** Each model's shrunk mean label without some folds, as `labelRates`; −1 for a model without any label. O(rows · models). */
function foldRates(
  { models, outcome, weight }: Examples,
  fold: Int32Array,
): (model: number, left: readonly number[]) => number {
  const sums = Array.from({ length: FOLDS }, () => ({
    right: new Float64Array(models),
    labels: new Float64Array(models),
  }));
  outcome.forEach((y, i) => {
    if (Number.isNaN(y)) return;
    const [row, m] = [Math.floor(i / models), i % models];
    const { right, labels } = sums[fold[row]];
    right[m] += weight[row] * y;
    labels[m] += weight[row];
  });
  return (m, left) => {
    if (sums.every(({ labels }) => labels[m] === 0)) return -1;
    let [right, labels] = [0.5, 1];
    sums.forEach((of, f) => {
      if (left.includes(f)) return;
      right += of.right[m];
      labels += of.labels[m];
    });
    return right / labels;
  };
}

/** Ties: `best`, then the first. */
function mostProbable(probability: Float32Array, first: number, models: number, best: number): number {
  let most = best;
  for (let m = 0; m < models; m++) if (probability[first + m] > probability[first + most]) most = m;
  return most;
}
