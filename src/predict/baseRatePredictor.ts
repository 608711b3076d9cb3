import type { BaseRate } from "./baseRate.js";
import { fillUnlabelled, probabilityMatrix } from "./predictor.js";
import type { Predictor } from "./predictor.js";

/** Predicts each model's base rate, whatever the query. */
export class BaseRatePredictor implements Predictor {
  readonly kind = "base-rate";
  readonly settings: string[] = [];

  constructor(
    readonly models: string[],
    private readonly rates: readonly BaseRate[],
    readonly notes: string[],
  ) {}

  async predict(queries: readonly string[]): Promise<Float32Array<SharedArrayBuffer>> {
    const models = this.models.length;
    const probability = probabilityMatrix(queries.length, models);
    for (let base = 0; base < probability.length; base += models) {
      for (let m = 0; m < models; m++) probability[base + m] = this.rates[m].rate;
    }
    fillUnlabelled(
      probability,
      this.rates.map((r) => r.labels),
    );
    return probability;
  }
}
