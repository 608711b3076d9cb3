import { SparseTexts } from "../core/predict/sparseTexts.js";
import type { PredictSpace } from "../core/predict/space.js";
import { evenBuckets } from "../core/predict/bucketTables.js";
import type { FeaturiserState } from "./features/features.js";
import { BUCKETS, normalise } from "./features/ngrams.js";

/** How much of a text is new: the share of its n-grams that no text had which the features were fitted to. */
export interface Unseen {
  /**
   * The share that is expected of one more text like those: n-grams in exactly one of them over all, counted text by
   * text [Good1953]. 0 … 1.
   */
  readonly expected: number;
  /** The share of a text, 0 … 1; NaN for a text without n-grams. O(length), and 10 MiB at the first call. */
  share(text: string): number;
}

/**
 * Recovers from the weights in how many fitted texts each n-gram was. `space`: where texts are read, an own one, of which
 * others may use other parts.
 */
export function unseenOf({ scale }: Pick<FeaturiserState, "scale">, space?: PredictSpace): Unseen {
  // scale² = 1 + ln((1 + texts) / (1 + holders)).
  const texts = Math.round(Math.expm1(scale.rest ** 2 - 1));
  const isSeen = new Uint8Array(BUCKETS);
  let [single, all] = [0, 0];
  // Most n-grams have as many holders as the one before: one.
  let [last, holders] = [NaN, 0];
  for (let k = 0; k < scale.bucket.length; k++) {
    if (scale.value[k] !== last) {
      last = scale.value[k];
      holders = Math.round((1 + texts) / Math.exp(last ** 2 - 1) - 1);
    }
    isSeen[scale.bucket[k]] = 1;
    all += holders;
    if (holders === 1) single++;
  }
  let reader: SparseTexts | undefined;
  return {
    expected: all === 0 ? 1 : single / all,
    share(text) {
      reader ??= new SparseTexts(evenBuckets(1), space);
      const { column } = reader.rows([normalise(text)]);
      let unseen = 0;
      for (const bucket of column) unseen += 1 - isSeen[bucket];
      return unseen / column.length;
    },
  };
}
