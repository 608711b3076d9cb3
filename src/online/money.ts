/** Money of ledgers and budgets is whole micro-dollars: sums of integers have no rounding. */

/** Above the rounding error of a few products, below any amount that matters. */
const ROUNDING = 2 ** -46;

/** Dollars as micro-dollars, rounded up: what must be there to pay them. */
export function microsUp(dollars: number): number {
  return Math.ceil(dollars * 1e6 * (1 - ROUNDING));
}

/** Dollars as micro-dollars, rounded down: what a limit allows. */
export function microsDown(dollars: number): number {
  return Math.floor(dollars * 1e6 * (1 + ROUNDING));
}

export function dollarsOf(micros: number): number {
  return micros / 1e6;
}

/**
 * Rounds the amounts of a sequence so that their sum is never below the exact sum and less than one micro-dollar above
 * it, however small each is.
 */
export class Rounding {
  /** `ahead`: micro-dollars charged beyond the exact sum, 0 … 1. */
  constructor(public ahead = 0) {}

  /** The micro-dollars to charge for an amount of dollars ≥ 0. */
  charge(dollars: number): number {
    const exact = dollars * 1e6 - this.ahead;
    const charged = exact <= 0 ? 0 : Math.ceil(exact * (1 - ROUNDING));
    this.ahead = Math.max(0, charged - exact);
    return charged;
  }
}
