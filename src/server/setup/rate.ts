/** Requests per minute: a bucket that holds a minute's worth and fills evenly. */
export class Rate {
  private left: number;
  private at = -Infinity;

  constructor(readonly perMinute: number) {
    this.left = perMinute;
  }

  /** Takes one request; otherwise milliseconds until there is one. `time`: milliseconds that never go back. */
  take(time: number): number {
    if (time > this.at) {
      const since = this.at === -Infinity ? 0 : time - this.at;
      this.left = Math.min(this.perMinute, this.left + (since * this.perMinute) / 60_000);
      this.at = time;
    }
    if (this.left < 1) return ((1 - this.left) * 60_000) / this.perMinute;
    this.left--;
    return 0;
  }
}
