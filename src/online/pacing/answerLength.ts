/** The share of the answers that are to be longer than the quantile. */
const BEYOND = 0.05;
/** Step of the logarithm of the quantile. */
const STEP = 0.05;
/** Tokens that every model begins with. */
const FIRST = 1_024;
const MOST = 1e7;

/**
 * The length that 95 % of each model's answers stay within, tracked answer by answer: it grows by a step if an answer
 * is longer and falls by a 19th of that if it is not, so that 5 % are longer in the long run, however answers change
 * [GibbsCandes2021].
 */
export class AnswerLength {
  /** Tokens by model. */
  readonly quantile: Float64Array;

  constructor(models: number) {
    this.quantile = new Float64Array(models).fill(FIRST);
  }

  observe(model: number, tokens: number): void {
    const isLonger = tokens > this.quantile[model] ? 1 : 0;
    const next = this.quantile[model] * Math.exp(STEP * (isLonger - BEYOND));
    this.quantile[model] = Math.min(MOST, Math.max(1, next));
  }
}
