/** Bets a model's process may hold at one time, as shares of its capital on "scores are higher" or "lower". */
const STAKES = [0, 0.1, 0.3, 0.7, -0.1, -0.3, -0.7];
/** Share of the capital that is moved between the bets after each score, so that calm times cost little of it. */
const SHARED = 1e-4;
/** Differences of this size between scores and probabilities are not called drift. */
export const TOLERANCE = 0.03;
/** What a score counts beside the next in the means that an alarm states: about the last 200 count. */
const KEPT = 0.995;

/** One model's process as plain data. */
export interface DriftState {
  /** Logarithm of the capital. */
  logCapital: number;
  /** Its greatest value so far. */
  most: number;
  /** How the capital is split over the bets. */
  split: number[];
  /** Discounted sums of the scores, of the probabilities, and of ones. */
  recent: [score: number, probability: number, count: number];
}

/**
 * A test of calibration by betting [WaudbySmithRamdas2024]: a capital of 1 is staked on scores above, or below, their
 * probabilities by more than a tolerance. While the mean of each score is within the tolerance of its probability, the
 * capital is a supermartingale: the chance that it ever reaches 1/α is at most α, however long one looks [Ville1939].
 * Bets share their capital as experts do [HerbsterWarmuth1998], so that it does not shrink away before a drift begins.
 */
export class Drift {
  private logCapital = 0;
  private most = 0;
  private split = STAKES.map(() => 1 / STAKES.length);
  private recent: DriftState["recent"] = [0, 0, 0];

  /** A score 0 … 1 of an answer for which this probability was predicted. O(bets). */
  observe(probability: number, score: number): void {
    const difference = score - probability;
    const grown = STAKES.map(
      (stake, k) => this.split[k] * (1 + stake * difference - Math.abs(stake) * TOLERANCE),
    );
    const factor = grown.reduce((sum, part) => sum + part, 0);
    this.logCapital += Math.log(factor);
    this.most = Math.max(this.most, this.logCapital);
    this.split = grown.map((part) => ((1 - SHARED) * part) / factor + SHARED / STAKES.length);
    this.recent = [
      KEPT * this.recent[0] + score,
      KEPT * this.recent[1] + probability,
      KEPT * this.recent[2] + 1,
    ];
  }

  /** The greatest evidence against calibration so far: the capital. */
  get evidence(): number {
    return Math.exp(Math.min(700, this.most));
  }

  /** Means of the last scores and their probabilities, about 200 of them; NaN without any. */
  get means(): { score: number; probability: number } {
    const [score, probability, count] = this.recent;
    return { score: score / count, probability: probability / count };
  }

  state(): DriftState {
    const { logCapital, most, split, recent } = this;
    return { logCapital, most, split: [...split], recent: [...recent] };
  }

  restore({ logCapital, most, split, recent }: DriftState): void {
    this.logCapital = logCapital;
    this.most = most;
    this.split = [...split];
    this.recent = [...recent];
  }
}

/** Number of bets, for those who check a state. */
export const BETS = STAKES.length;
