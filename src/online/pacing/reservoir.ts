import { Random } from "../../random.js";

/** Rows kept at most. */
export const RESERVOIR_ROWS = 2_000;

/**
 * A sample of the requests of about the last day: for each, the chance of success and the predicted dollars of every
 * model; an infinite cost where the model could not have answered. Once it is full, a new row takes the place of a
 * random one.
 */
export class Reservoir {
  readonly probability: Float32Array;
  /** As predicted, without correction. */
  readonly cost: Float32Array;
  rows = 0;
  /** Rows offered so far. */
  offered = 0;

  constructor(
    readonly models: number,
    private readonly seed: number,
  ) {
    this.probability = new Float32Array(RESERVOIR_ROWS * models);
    this.cost = new Float32Array(RESERVOIR_ROWS * models);
  }

  /**
   * Offers a row. `share` of the offered rows are kept, so that a day of them fills the reservoir. `isUsable`: 1 for
   * each model that could have answered.
   */
  offer(probability: Float64Array, cost: Float64Array, isUsable: Uint8Array, share: number): void {
    let at = this.rows;
    this.offered++;
    if (at < RESERVOIR_ROWS) this.rows++;
    else {
      const random = new Random(this.seed, this.offered);
      if (share < 1 && random.uniform() >= share) return;
      at = random.below(RESERVOIR_ROWS);
    }
    const { models } = this;
    for (let m = 0, k = at * models; m < models; m++, k++) {
      this.probability[k] = probability[m];
      this.cost[k] = isUsable[m] !== 0 ? cost[m] : Infinity;
    }
  }
}
