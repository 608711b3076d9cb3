import { BUCKET_SHIFT, BUCKETS } from "../../assembly/layout.js";
import type { Steps } from "../core/solve/steps.js";

/**
 * How many queries each model answers at some prices λ of a front by buckets: prices × models. Each price is the lower border
 * of a bucket, so that all increments of a bucket are applied at the same price. Counts of parts of the rows add up.
 */
export class ShareCounts {
  /** What changes from the price before; at the first: from none. */
  readonly changes: Float64Array;
  /** Where the changes of a bucket are counted: at the first price that is at most its border. */
  private readonly placeOf: Uint32Array;
  /** `changes`, and those after the last price. */
  private readonly all: Float64Array;

  /** `lambda`: falling. */
  constructor(
    lambda: Float64Array,
    private readonly models: number,
  ) {
    this.all = new Float64Array((lambda.length + 1) * models);
    this.changes = this.all.subarray(0, lambda.length * models);
    this.placeOf = new Uint32Array(BUCKETS).fill(this.changes.length);
    const buckets = bucketsOf(lambda);
    for (let k = 0; k < buckets.length; k++)
      this.placeOf.fill(k * models, buckets[k], k === 0 ? BUCKETS : buckets[k - 1]);
  }

  /** Adds rows: their cheapest models, and all of their increments. O(rows + increments). */
  add(cheapest: Uint8Array, steps: readonly Steps[]): void {
    const { all, placeOf } = this;
    for (const m of cheapest) all[m]++;
    for (const { efficiency, from, to } of steps) {
      const buckets = bucketsOf(efficiency);
      for (let s = 0; s < buckets.length; s++) {
        const place = placeOf[buckets[s]];
        all[place + from[s]]--;
        all[place + to[s]]++;
      }
    }
  }

  /** Adds the changes of other rows. */
  join(changes: Float64Array): void {
    changes.forEach((change, at) => (this.changes[at] += change));
  }

  /** The counts. */
  totals(): Float64Array {
    const counts = this.changes.slice();
    for (let at = this.models; at < counts.length; at++) counts[at] += counts[at - this.models];
    return counts;
  }
}

/** The buckets of efficiencies ≥ 0. */
function bucketsOf(efficiencies: Float64Array): Uint32Array {
  const buckets = new Uint32Array(new Float32Array(efficiencies).buffer);
  for (let k = 0; k < buckets.length; k++) buckets[k] >>>= BUCKET_SHIFT;
  return buckets;
}
