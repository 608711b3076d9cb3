import type { Chosen } from "../choice.js";
import type { Objective } from "../objective.js";
import type { Compiled } from "./compile.js";
import { ONE, type Row } from "./rows.js";
import type { RowStanding } from "./standing.js";

/** How an allocation stands to one limit of a constraint. */
export interface Limit {
  /** The constraint's name, and its index; −1 for the target itself. */
  name: string;
  constraint: number;
  side: "atMost" | "atLeast";
  limit: number;
  /** The sum, mean or share that is limited; NaN for a mean or share of nothing. */
  value: number;
  /** How far the value is inside the limit, ≥ 0 if it is kept. */
  slack: number;
  /** Whether the limit holds the plan back: its price is above 0. */
  binds: boolean;
  /**
   * Worth of one unit more room (one more for `atMost`, one less for `atLeast`), at the margin: expected accuracy, 0 … 1, at
   * the same cost, and dollars at the same expected accuracy. Dollars are ∞ where money buys no accuracy.
   */
  price: { accuracy: number; dollars: number };
  /** What an option pays, at the margin, for each unit that it adds to the sum under the limit: summed probability; dollars. */
  unitPrice: { accuracy: number; dollars: number };
}

/**
 * A plan that keeps every constraint. `optimal`: no other one is better by more than 10⁻¹² of expected accuracy or, where cost is
 * least, 10⁻¹² of what the choice of a model makes of a query's cost.
 */
export interface ChosenUnder extends Chosen {
  /** Every limit, in the order of the constraints; the target's last. */
  limits: Limit[];
  /** If asked for: by constraint that binds, the best plan without it. */
  without?: { constraint: number; name: string; totalCost: number; expectedAccuracy: number }[];
}

/** Proven: no allocation keeps every constraint and meets the target. A result, not an error. */
export interface InfeasibleUnder {
  status: "infeasible";
  /** Cost and accuracy of the nearest allocation. */
  closest: Objective;
  /** The allocation with the least violation that was found, and how it stands to every limit. */
  allocation: Uint8Array;
  limits: Limit[];
  /**
   * Limits that no allocation keeps together, none of them needless as far as could be found. `by`: if this one alone is moved,
   * it must move by at least this much, in its units; left out where that is not known.
   */
  conflict: { name: string; constraint: number; side: Limit["side"]; limit: number; by?: number }[];
  /** `relaxation`: not even shares of queries keep them together. `search`: every allocation was tried. */
  proof: "relaxation" | "search";
}

/** Neither an allocation that keeps every constraint was found nor a proof that there is none. */
export interface NotFound {
  status: "notFound";
  closest: Objective;
  /** The allocation with the least violation that was found, and how it stands to every limit. */
  allocation: Uint8Array;
  limits: Limit[];
  /** No allocation that keeps every constraint has a higher expected accuracy, or costs less. */
  bound: number;
  costBound: number;
}

/** What choosing under constraints answers. */
export type ChoiceUnder = ChosenUnder | InfeasibleUnder | NotFound;

/**
 * A line that bounds every allocation which keeps the constraints, the target's row apart: a · summed probability − b · dollars
 * ≤ most.
 */
export interface Line {
  a: number;
  b: number;
  most: number;
}

/** The line of a dual bound (per query) at prices of the scaled rows. */
export function lineOf({ rows, scale, goal, weight }: Compiled, price: Float64Array, bound: number): Line {
  const line = { a: goal.gain, b: -goal.cost, most: weight * bound };
  rows.forEach(({ constraint, sign, bound: limit }, k) => {
    if (constraint >= 0) return;
    const each = price[k] / scale[k];
    if (sign > 0) line.b += each;
    else line.a += each;
    line.most -= each * limit;
  });
  return line;
}

/** Prices below this, per query that a row moves, are rounding. */
const LEAST_PRICE = 1e-9;

/** Whether a row has the same sum in every allocation, such as that of all queries: what it keeps has no worth. */
function isFixed({ terms }: Row): boolean {
  const sums = terms[0].factor.map((_, m) => terms.reduce((sum, { factor }) => sum + factor[m], 0));
  return terms.every(({ column }) => column === ONE) && sums.every((sum) => sum === sums[0]);
}

/** How an allocation stands to every row, with the prices of the dual. */
export function limitsOf(
  { rows, scale, unit, weight }: Compiled,
  standings: readonly RowStanding[],
  price: Float64Array,
  { a, b }: Line,
): Limit[] {
  return rows.map((row, k) => {
    const { name, constraint, sign, limit } = row;
    const { value, slack, perUnit } = standings[k];
    const binds = price[k] * unit[k] > LEAST_PRICE && !isFixed(row);
    const one = binds ? price[k] / scale[k] : 0;
    const each = one * perUnit;
    return {
      name,
      constraint,
      side: sign > 0 ? "atMost" : "atLeast",
      limit,
      value,
      slack,
      binds,
      price: { accuracy: each === 0 ? 0 : each / a / weight, dollars: each === 0 ? 0 : each / b },
      unitPrice: { accuracy: one === 0 ? 0 : one / a, dollars: one === 0 ? 0 : one / b },
    };
  });
}
