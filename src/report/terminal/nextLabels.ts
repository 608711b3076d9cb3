import type { Judgement } from "../../backtest/nextLabels/answers.js";
import type { NextLabels } from "../../backtest/nextLabels/nextLabels.js";
import { fewLabelsText } from "../../plan/labels.js";
import { count, percent, points } from "../../text/amounts.js";
import { shownName } from "../../text/names.js";
import { oneLine } from "../../text/shown.js";
import { table, wrap } from "./table.js";

/** What is known, what the labels would tell, and the curve of both. */
export function describeNextLabels(result: NextLabels): string {
  const rows = result.curve.map(({ labels, halfWidth, random }) => [
    count(labels),
    `± ${width(halfWidth)}`,
    `± ${width(random)}`,
  ]);
  const curve = rows.length === 0 ? "" : `\n${table([["new labels", "chosen", "at random"], ...rows])}`;
  const { answered } = result;
  const told = answered === undefined ? afterText(result) : answeredText(answered);
  const few = fewLabelsText(result.labelledRows);
  const words = [few, nowText(result), told].filter((text) => text !== "").join(" ");
  return `\n${wrap(words)}${answered === undefined ? curve : ""}`;
}

function answeredText({ asked, answered, estimate, halfWidth, together }: Judgement): string {
  const all = together ?? { estimate, halfWidth };
  const isDecided = Math.abs(all.estimate) > all.halfWidth;
  return (
    `By ${count(answered)} of the ${count(asked)} labelled queries asked for, the difference is ${points(estimate)}, ` +
    `± ${width(halfWidth)}${together === null ? "" : `; with the held-out rows ${points(all.estimate)}, ± ${width(all.halfWidth)}`}. ` +
    (!isDecided
      ? "That is still open."
      : `That is beyond doubt: the plan is ${all.estimate > 0 ? "more" : "less"} accurate.`)
  );
}

function nowText({ estimate, standard, heldOut, halfWidth, ...rows }: NextLabels): string {
  const size = points(Math.abs(estimate)).replace("+", "");
  const against = Object.entries(standard).map(([name, share]) => {
    const shown = shownName(oneLine(name));
    return share === 1 ? `${shown} alone` : `${percent(share, 1)} ${shown}`;
  });
  const evidence =
    halfWidth === null
      ? "as predicted only, without held-out labelled rows to check it"
      : `± ${width(halfWidth)} (95 %), corrected by ${count(heldOut)} held-out labelled rows`;
  return (
    `The plan is ${size} ${estimate < 0 ? "less" : "more"} accurate than ${against.join(" and ")}, ${evidence}. ` +
    `They differ on ${count(rows.differing)} of ${count(rows.queries)} queries${leftOutText(rows.leftOut)}.`
  );
}

function leftOutText(rows: number): string {
  if (rows === 0) return "";
  return `, without ${count(rows)} that the sample has or that a model may not answer`;
}

function afterText({ ask, halfWidthAfter, labelsToSettle, differing }: NextLabels): string {
  if (differing === 0) return "No label can tell them apart; another target, such as --knee, may.";
  const answers = ask.reduce((sum, { models }) => sum + models.length, 0);
  const after =
    `With ${count(ask.length)} more labelled queries (${count(answers)} answers) expect ± ${width(halfWidthAfter!)}. ` +
    "Label each with every model that it names.";
  return `${settleText(labelsToSettle)} ${after}`;
}

function settleText(labels: number | null): string {
  if (labels === 0) return "That is beyond doubt already.";
  if (labels === null) return "No number of labels of this work will decide: the two are too close.";
  return `About ${count(labels)} more labelled queries put it beyond doubt, if the estimate stays.`;
}

function width(half: number): string {
  return points(half).replace("+", "");
}
