/** Failures one after another that close a model off. */
const STRIKES = 5;
const CLOSED_MS = 30_000;

/**
 * Keeps requests from models that fail: five failures one after another close a model off for 30 seconds; then one
 * request tries it, and its failure closes the model off again.
 */
export class Breaker {
  readonly strikes: Float64Array;
  readonly closedUntil: Float64Array;

  constructor(models: number) {
    this.strikes = new Float64Array(models);
    this.closedUntil = new Float64Array(models);
  }

  isClosedOff(model: number, time: number): boolean {
    return this.strikes[model] >= STRIKES && time < this.closedUntil[model];
  }

  /** A request goes to a model: of one that was closed off, it is the only one until it ends. */
  tries(model: number, time: number): void {
    if (this.strikes[model] >= STRIKES) this.closedUntil[model] = time + CLOSED_MS;
  }

  succeeded(model: number): void {
    this.strikes[model] = 0;
  }

  failed(model: number, time: number): void {
    this.strikes[model]++;
    this.closedUntil[model] = time + CLOSED_MS;
  }
}
