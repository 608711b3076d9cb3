import type { Features } from "../features/features.js";

/** Rows that a method is fitted to. */
export interface Examples {
  features: Features;
  models: number;
  /** Observed success 0 … 1, rows × models, row-major; NaN: unlabelled. */
  outcome: Float32Array;
  /** How often each row counts: 1, a bootstrap count, or 0 for a row held out. One per row. */
  weight: Float64Array;
}
