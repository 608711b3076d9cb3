import type { Costs } from "../../../types.js";

/** The work of looking through part of a column of amounts. */
export interface LargeInput {
  amounts: Costs;
  /** Options. */
  from: number;
  to: number;
  /** The largest magnitude that is not large. */
  most: number;
}

/** The first option whose amount is not finite, or too large; `to` if there is none. O(options). */
export function firstLarge({ amounts, from, to, most }: LargeInput): number {
  for (let option = from; option < to; option++) if (!(Math.abs(amounts[option]) <= most)) return option;
  return to;
}
