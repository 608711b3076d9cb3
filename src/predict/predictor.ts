import { setImmediate } from "node:timers/promises";
import type { OnProgress } from "../types.js";

/** The ways to predict that can be asked for. */
export type PredictorKind = "base-rate" | "logistic";

export interface RunningOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** Something that has learned how likely each model answers a query well. */
export interface Predictor {
  readonly kind: PredictorKind;
  readonly models: string[];
  /**
   * Success probabilities 0 … 1, queries × models, row-major, in shared memory. A row depends on its query alone.
   * Fresh and owned by the caller. Aborting rejects with the signal's reason.
   */
  predict(queries: readonly string[], options?: RunningOptions): Promise<Float32Array<SharedArrayBuffer>>;
  /** What the reader should know: which models could not be learned. */
  readonly notes: string[];
  /** The settings that were chosen, a line a model. */
  readonly settings: string[];
}

/** A matrix queries × models of zeros in shared memory. */
export function probabilityMatrix(queries: number, models: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(4 * queries * models));
}

/** Gives models without labels the mean of the labelled models, query by query. O(queries · models). */
export function fillUnlabelled(probability: Float32Array, labels: readonly number[]): void {
  const models = labels.length;
  const labelled = labels.filter((n) => n > 0).length;
  if (labelled === models) return;
  for (let base = 0; base < probability.length; base += models) {
    let sum = 0;
    for (let m = 0; m < models; m++) if (labels[m] > 0) sum += probability[base + m];
    for (let m = 0; m < models; m++) if (labels[m] === 0) probability[base + m] = sum / labelled;
  }
}

/** Lets the event loop run, then stops if asked to. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
