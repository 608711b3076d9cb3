import type { Plan } from "../plan/plan.js";
import { fewLabelsText } from "../plan/labels.js";
import { sharesText } from "../plan/sharesText.js";
import type { Chosen } from "../solve/choice.js";
import { oneLine } from "../text/shown.js";
import { dollars, percent, points } from "../text/amounts.js";
import { shownName } from "../text/names.js";

/** The allocation, its cost and its saving in one or two sentences, after a warning where the evidence is too small. */
export function decisionSentence(plan: Pick<Plan, "bestSingle" | "labelledRows">, chosen: Chosen): string {
  const warning = fewLabelsText(plan.labelledRows);
  return `${warning === "" ? "" : `${warning} `}${allocationSentence(plan, chosen)}`;
}

function allocationSentence({ bestSingle }: Pick<Plan, "bestSingle">, chosen: Chosen): string {
  const { totalCost, expectedAccuracy } = chosen;
  const sends = sharesText(chosen.shares);
  const plan = `S${sends.slice(1)}: ${dollars(totalCost)} for an expected accuracy of ${percent(expectedAccuracy)}`;
  if (bestSingle === undefined || chosen.shares[bestSingle.model] === 1) return `${plan}.`;
  const name = shownName(oneLine(bestSingle.model));
  const cost = costText(totalCost, bestSingle.totalCost);
  const accuracy = accuracyText(expectedAccuracy - bestSingle.expectedAccuracy);
  return `${plan}. That is ${cost} the best single model, ${name}, ${accuracy}.`;
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
