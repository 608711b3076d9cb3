/** What a settled request counts beside the next one: about the last 500 count. */
const KEPT = 0.998;
/** Settled requests at the predicted cost that each model begins with. */
const PRIOR = 20;
/** Corrections beyond this are not believed. */
const MOST = 10;

/** By how much the answers of each model cost more, or less, than predicted. */
export class CostBias {
  /** κ by model: actual over predicted dollars. */
  readonly factor: Float64Array;
  private readonly actual: Float64Array;
  private readonly predicted: Float64Array;
  private readonly count: Float64Array;

  constructor(models: number) {
    this.factor = new Float64Array(models).fill(1);
    this.actual = new Float64Array(models);
    this.predicted = new Float64Array(models);
    this.count = new Float64Array(models);
  }

  /** A settled request: what was predicted before correction, and what it cost, in dollars. */
  observe(model: number, predicted: number, actual: number): void {
    if (!(predicted > 0 && predicted < Infinity)) return;
    this.actual[model] = KEPT * this.actual[model] + actual;
    this.predicted[model] = KEPT * this.predicted[model] + predicted;
    this.count[model] = KEPT * this.count[model] + 1;
    this.correct(model);
  }

  state(): { actual: number[]; predicted: number[]; count: number[] } {
    return { actual: [...this.actual], predicted: [...this.predicted], count: [...this.count] };
  }

  restore({ actual, predicted, count }: ReturnType<CostBias["state"]>): void {
    this.actual.set(actual);
    this.predicted.set(predicted);
    this.count.set(count);
    for (let m = 0; m < this.factor.length; m++) if (this.count[m] > 0) this.correct(m);
  }

  private correct(model: number): void {
    const prior = (PRIOR * this.predicted[model]) / this.count[model];
    const factor = (this.actual[model] + prior) / (this.predicted[model] + prior);
    this.factor[model] = Math.min(MOST, Math.max(1 / MOST, factor));
  }
}
