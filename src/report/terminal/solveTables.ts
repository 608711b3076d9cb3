import { hypervolumes } from "../../plan/whatIf.js";
import type { Chosen } from "../../solve/choice.js";
import type { Plan } from "../../plan/plan.js";
import type { Target } from "../../solve/target.js";
import { frontPlot } from "./frontPlot.js";
import { endsOf, hypervolumeOf, POINT_COLUMNS, pointRow } from "./points.js";
import { brief, count, dollars, nameOf, percent, plain, table, wrap } from "./text.js";

/** A chosen plan for people. */
export function describe(plan: Plan, target: Target): string {
  const { choice, singles, bestSingle, breakEvens, front, knee, problem } = plan;
  if (choice.status === "infeasible") return "";
  const { cheapest, mostAccurate } = endsOf(front);
  const rows = [
    POINT_COLUMNS,
    pointRow(`chosen, ${nameOf(target)}`, choice),
    pointRow("cheapest allocation", cheapest),
    ...("knee" in target ? [] : [pointRow("knee of the front", knee)]),
    pointRow("most accurate allocation", mostAccurate),
    ...(bestSingle === undefined
      ? []
      : [pointRow(`best single model, ${plain(bestSingle.model)}`, bestSingle)]),
  ];
  const shares = problem.models.map((model, m) => {
    const alone = singles[m];
    const columns =
      alone === undefined ? ["-", "-"] : [dollars(alone.totalCost), percent(alone.expectedAccuracy)];
    const { costFactor, shareAtHalf, shareAtDouble } = breakEvens![m];
    return [
      plain(model),
      percent(choice.shares[model]),
      ...columns,
      factor(costFactor),
      percent(shareAtHalf),
      percent(shareAtDouble),
    ];
  });
  const queries = count(front.queries);
  return (
    `\n${queries} queries, ${problem.models.length} models\n` +
    `front: ${front.algorithm}, ${count(front.totalCost.length)} points, ` +
    `normalised hypervolume ${hypervolumeOf(front).toFixed(6)}\n\n` +
    table(rows) +
    `\n${certificateOf(choice, target)}\n` +
    heldOutText(plan) +
    // At the cheapest allocation nothing has been bought yet, so there is no price to tell.
    (choice.lambda < Infinity
      ? `One more expected right answer costs ${dollars(1 / choice.lambda)} here.\n\n`
      : "\n") +
    table([
      ["model", "share", "alone: cost", "accuracy", "used up to", "share at half price", "at double"],
      ...shares,
    ]) +
    "Used up to: the multiple of its costs beyond which a model answers no query (below 1: at which it would begin to)." +
    `\n${besides(plan)}`
  );
}

/** What labelled rows make of the expected accuracy. */
function heldOutText({ heldOutCheck: check }: Plan): string {
  if (check === undefined) return "";
  const { low, high } = check.accuracy;
  return wrap(
    `Held out: ${count(check.queries)} labelled rows, each predicted without its own label and allocated at ` +
      `this price of accuracy, promised ${percent(check.predicted)} and kept ${percent(check.recorded)}. ` +
      `By them, expect ${percent(low)} … ${percent(high)} (95 %).`,
    100,
  );
}

/** The unchanged world beside the changed one, when there was a change. */
function besides({ before, front, choice }: Plan): string {
  if (before === undefined) return "";
  const volumes = hypervolumes([before.front, front]);
  const row = (name: string, one: Plan["choice"], volume: number): string[] => [
    name,
    ...(one.status === "chosen"
      ? [dollars(one.totalCost), percent(one.expectedAccuracy)]
      : ["infeasible", "-"]),
    volume.toFixed(6),
  ];
  return `\n${table([
    ["what if", "cost", "expected accuracy", "hypervolume"],
    row("as it is", before.choice, volumes[0]),
    row("changed (the plan above)", choice, volumes[1]),
  ])}`;
}

/** A multiple of a model's costs. */
function factor(value: number): string {
  if (value === 0) return "never";
  return value === Infinity ? "any price" : `× ${brief(value)}`;
}

/** How far the choice can be from the best, in words. */
function certificateOf({ optimal, bound, gap, costBound, costGap }: Chosen, target: Target): string {
  if ("budget" in target) {
    return optimal
      ? "Proven optimal: no allocation within the budget has a higher expected accuracy."
      : `No allocation within the budget has an expected accuracy above ${percent(bound)} (gap ${brief(gap)}).`;
  }
  return optimal
    ? "Proven optimal: no allocation as accurate costs less."
    : `No allocation as accurate costs less than ${dollars(costBound)} (gap ${dollars(costGap)}).`;
}

/** Why there is no plan, in a line. */
export function infeasible({ choice }: Plan, target: Target): string {
  if (choice.status !== "infeasible") return "";
  const { totalCost, expectedAccuracy } = choice.closest;
  return "budget" in target
    ? `infeasible: the cheapest allocation costs ${dollars(totalCost)}, above the budget of ${dollars(target.budget)}`
    : `infeasible: the most accurate allocation reaches ${percent(expectedAccuracy)} for ${dollars(totalCost)}`;
}

/** The front with the single models and the chosen allocation on it, for a terminal. */
export function pictureOf({ front, singles, choice, problem }: Plan): string {
  const alone = singles.flatMap((single, m) =>
    single === undefined
      ? []
      : [{ name: problem.models[m], cost: single.totalCost, accuracy: single.expectedAccuracy }],
  );
  const chosen =
    choice.status === "chosen" ? [{ cost: choice.totalCost, accuracy: choice.expectedAccuracy }] : [];
  const curve = { x: front.totalCost, y: front.expectedAccuracy };
  return frontPlot(curve, alone, chosen, "expected accuracy by total cost");
}
