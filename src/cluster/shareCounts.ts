import type { Steps } from "../core/solve/steps.js";
import { firstAtMost } from "../solve/trace.js";

/**
 * How many queries each model answers at some prices λ of a front by buckets, whose slopes are float32: prices × models.
 * Counts of parts of the rows add up.
 */
export class ShareCounts {
  /** What changes from the price before; at the first: from none. */
  readonly changes: Float64Array;

  /** `lambda`: falling. */
  constructor(
    private readonly lambda: Float64Array,
    private readonly models: number,
  ) {
    this.changes = new Float64Array(lambda.length * models);
  }

  /** Adds rows: their cheapest models, and all of their increments. O(rows + increments · log prices). */
  add(cheapest: Uint8Array, steps: readonly Steps[]): void {
    const { changes, lambda, models } = this;
    for (const m of cheapest) changes[m]++;
    for (const { efficiency, from, to } of steps)
      for (let s = 0; s < efficiency.length; s++) {
        const k = firstAtMost(lambda, Math.fround(efficiency[s]));
        if (k === lambda.length) continue;
        changes[k * models + from[s]]--;
        changes[k * models + to[s]]++;
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
