/** Retries for each request, and how many may be saved up. */
const SHARE = 0.1;
const MOST = 10;

/** Bounds retries to a tenth of the requests, so that a failing upstream does not triple its load. */
export class Allowance {
  private left = MOST;

  /** A request has come. */
  earn(): void {
    this.left = Math.min(MOST, this.left + SHARE);
  }

  /** Takes one retry, if there is one. */
  take(): boolean {
    // Sums of tenths: 0.1 added ten times is below 1.
    if (this.left < 1 - 1e-9) return false;
    this.left = Math.max(0, this.left - 1);
    return true;
  }
}
