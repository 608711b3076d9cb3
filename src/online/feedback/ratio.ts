/** What an observation counts beside the next one: about the last 500 count. */
const KEPT = 0.998;

/** Discounted sums of pairs (y, x) and of their products, and of the counts and their squares. */
export type RatioSums = [y: number, x: number, yy: number, xy: number, xx: number, n: number, nn: number];

/** Σ y / Σ x over the last 500 pairs or so, with its standard error. */
export class Ratio {
  private sums: RatioSums = [0, 0, 0, 0, 0, 0, 0];

  observe(y: number, x: number): void {
    const added = [y, x, y * y, x * y, x * x, 1, 1];
    for (let k = 0; k < added.length; k++)
      this.sums[k] = (k === 6 ? KEPT * KEPT : KEPT) * this.sums[k] + added[k];
  }

  /** Pairs that count. */
  get count(): number {
    const [, , , , , n, nn] = this.sums;
    return nn === 0 ? 0 : (n * n) / nn;
  }

  get estimate(): number {
    return this.sums[0] / this.sums[1];
  }

  /** Of the ratio, as that of a mean of the count's independent pairs. */
  get standardError(): number {
    const [, x, yy, xy, xx, n] = this.sums;
    const r = this.estimate;
    const residual = Math.max(0, yy - 2 * r * xy + r * r * xx) / n;
    return Math.sqrt(residual / this.count) / (x / n);
  }

  state(): RatioSums {
    return [...this.sums];
  }

  restore(sums: RatioSums): void {
    this.sums = [...sums];
  }
}
