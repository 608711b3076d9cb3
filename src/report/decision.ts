import type { Plan } from "../plan/plan.js";
import type { Chosen } from "../solve/choice.js";
import { oneLine } from "../text/shown.js";
import { dollars, percent, points } from "./format.js";
import { cut } from "./rounded.js";

/** Models that are named one by one. */
const NAMED = 3;
const LONGEST_NAME = 80;
/** A difference of accuracies that rounds to nothing. */
const SAME = 0.00005;

/** One sentence: the allocation, its cost and its saving. */
export function decisionSentence({ bestSingle }: Pick<Plan, "bestSingle">, chosen: Chosen): string {
  const { totalCost, expectedAccuracy } = chosen;
  const plan = `${sharesText(chosen.shares)}: ${dollars(totalCost)} for an expected accuracy of ${percent(expectedAccuracy)}`;
  if (bestSingle === undefined || chosen.shares[bestSingle.model] === 1) return `${plan}.`;
  const name = cut(oneLine(bestSingle.model), LONGEST_NAME);
  const cost = costText(totalCost, bestSingle.totalCost);
  const accuracy = accuracyText(expectedAccuracy - bestSingle.expectedAccuracy);
  return `${plan}. That is ${cost} the best single model, ${name}, ${accuracy}.`;
}

/** "Send 60.00 % of the queries to a, 30.00 % to b and the others to c" */
function sharesText(shares: Record<string, number>): string {
  const used = Object.entries(shares)
    .filter(([, share]) => share > 0)
    .sort(([, a], [, b]) => b - a);
  const nameOf = ([model]: [string, number]): string => cut(oneLine(model), LONGEST_NAME);
  if (used.length === 1) return `Send all queries to ${nameOf(used[0])}`;
  const parts = used.slice(0, NAMED).map((one) => `${percent(one[1], 1)} to ${nameOf(one)}`);
  parts[0] = parts[0].replace(" to ", " of the queries to ");
  const others = used.length - NAMED;
  if (others > 0) parts.push(`the rest to ${others} other${others === 1 ? "" : "s"}`);
  return `Send ${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

function costText(cost: number, other: number): string {
  if (cost === other) return "the same cost as";
  const share = other > 0 ? ` (${percent(Math.abs(cost / other - 1), 1)})` : "";
  return cost < other
    ? `${dollars(other - cost)}${share} less than`
    : `${dollars(cost - other)}${share} more than`;
}

function accuracyText(difference: number): string {
  if (Math.abs(difference) < SAME) return "at the same expected accuracy";
  return difference > 0
    ? `and ${points(difference).slice(1)} more accurate`
    : `but ${points(-difference).slice(1)} less accurate`;
}
