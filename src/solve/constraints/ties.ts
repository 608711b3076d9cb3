import type { Goal, Understood } from "./compile.js";
import type { ChoiceUnder, ChosenUnder, Limit } from "./result.js";
import type { Row } from "./rows.js";
import { accuracyRow, budgetRow, costSpread } from "./targets.js";

/** The two goals by which plans are chosen, each with ties broken by the other. `row`: that of a target. */
export interface Bests {
  mostAccurate: (row?: Row) => Promise<ChoiceUnder>;
  cheapest: (row?: Row) => Promise<ChoiceUnder>;
}

/** `solve`: by one goal alone. */
export function bests(understood: Understood, solve: (goal: Goal, row?: Row) => Promise<ChoiceUnder>): Bests {
  const right = { gain: 1, cost: 0 };
  const cheap = (): Goal => ({ gain: 0, cost: -1 / costSpread(understood) });
  return {
    mostAccurate: async (row) =>
      breakTies(
        "accuracy",
        await solve(right, row),
        ({ costGap, totalCost }) => (costGap > 0 ? costGap / totalCost : 0),
        ({ expectedAccuracy }) => solve(cheap(), accuracyRow(understood, expectedAccuracy)),
      ),
    cheapest: async (row) =>
      breakTies(
        "cost",
        await solve(cheap(), row),
        ({ gap }) => gap,
        ({ totalCost }) => solve(right, budgetRow(understood, totalCost)),
      ),
  };
}

/** A plan is improved by the other objective if by its bounds more than this part of its cost, or of all queries, may be gained. */
const LEAST_GAIN = 0.01;

/**
 * Where a target does not bind, or options are equal in it, many plans may be as accurate as the most accurate one, or as cheap
 * as the cheapest. `solve` finds the best of these by the other objective.
 */
async function breakTies(
  goal: "accuracy" | "cost",
  choice: ChoiceUnder,
  gainOf: (plan: ChosenUnder) => number,
  solve: (plan: ChosenUnder) => Promise<ChoiceUnder>,
): Promise<ChoiceUnder> {
  if (choice.status !== "chosen" || gainOf(choice) <= LEAST_GAIN) return choice;
  const better = await solve(choice);
  const isNoWorse =
    better.status === "chosen" &&
    better.totalCost <= choice.totalCost &&
    better.expectedAccuracy >= choice.expectedAccuracy;
  return isNoWorse ? instead(goal, choice, better) : choice;
}

/**
 * A plan in place of one that is no better, with a bound from each. A limit that holds no accuracy back may still cost dollars: it
 * has the price at which the plan was made cheaper. Both have their limits in the same order.
 */
function instead(goal: "accuracy" | "cost", other: ChosenUnder, plan: ChosenUnder): ChosenUnder {
  const { allocation, totalCost, expectedAccuracy, shares } = plan;
  // By the goal the target's own bound holds: the other one is that of plans as cheap or as accurate as this one.
  const bound = Math.max(expectedAccuracy, goal === "accuracy" ? other.bound : plan.bound);
  const costBound = Math.min(totalCost, goal === "cost" ? other.costBound : plan.costBound);
  const limits = other.limits.map((limit, k): Limit => {
    if (limit.constraint < 0) {
      const isUpper = limit.side === "atMost";
      const value = isUpper ? totalCost : expectedAccuracy;
      return { ...limit, value, slack: isUpper ? limit.limit - value : value - limit.limit };
    }
    const { value, slack, binds, price, unitPrice } = plan.limits[k];
    if (limit.binds || !binds || goal === "cost") return { ...limit, value, slack };
    const inDollars = ({ dollars }: Limit["price"]): Limit["price"] => ({ accuracy: 0, dollars });
    return { ...limit, value, slack, binds, price: inDollars(price), unitPrice: inDollars(unitPrice) };
  });
  const gaps = { bound, gap: bound - expectedAccuracy, costBound, costGap: totalCost - costBound };
  return { ...other, allocation, totalCost, expectedAccuracy, ...gaps, shares, limits };
}
