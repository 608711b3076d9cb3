import type { Plan } from "../plan/plan.js";
import type { Chosen } from "../solve/choice.js";
import { oneLine } from "../text/shown.js";
import { dollars, percent, points } from "./format.js";
import { shownName } from "./rounded.js";

/** Models that are named one by one. */
const NAMED = 3;

/** One sentence: the allocation, its cost and its saving. */
export function decisionSentence({ bestSingle }: Pick<Plan, "bestSingle">, chosen: Chosen): string {
  const { totalCost, expectedAccuracy } = chosen;
  const plan = `${sharesText(chosen.shares)}: ${dollars(totalCost)} for an expected accuracy of ${percent(expectedAccuracy)}`;
  if (bestSingle === undefined || chosen.shares[bestSingle.model] === 1) return `${plan}.`;
  const name = shownName(oneLine(bestSingle.model));
  const cost = costText(totalCost, bestSingle.totalCost);
  const accuracy = accuracyText(expectedAccuracy - bestSingle.expectedAccuracy);
  return `${plan}. That is ${cost} the best single model, ${name}, ${accuracy}.`;
}

/** "Send 60.0 % of the queries to a, 30.0 % to b and 10.0 % to c" */
function sharesText(shares: Record<string, number>): string {
  const used = Object.entries(shares)
    .filter(([, share]) => share > 0)
    .sort(([, a], [, b]) => b - a);
  const nameOf = ([model]: [string, number]): string => shownName(oneLine(model));
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
  const text = points(Math.abs(difference));
  // What rounds to nothing has no sign.
  if (!text.startsWith("+")) return "at the same expected accuracy";
  return difference > 0 ? `and ${text.slice(1)} more accurate` : `but ${text.slice(1)} less accurate`;
}
