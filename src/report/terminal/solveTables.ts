import type { Plan } from "../../plan/plan.js";
import { hypervolumes } from "../../plan/whatIf.js";
import type { Chosen } from "../../solve/choice.js";
import type { Target } from "../../solve/target.js";
import { oneLine } from "../../text/shown.js";
import { decisionSentence } from "../decision.js";
import { count, dollars, percent, UNKNOWN } from "../../text/amounts.js";
import { endsOf, hypervolumeOf } from "../frontFigures.js";
import { modelsTable } from "../tables/models.js";
import { certificateOf, heldOutSentence, nameOf, priceSentence, WHAT_IF } from "../words.js";
import { failedSentences, limitSentences } from "../limits/sentences.js";
import { limitsTables } from "../limits/table.js";
import { frontPlot } from "./frontPlot.js";
import { POINT_COLUMNS, pointRow } from "./points.js";
import { table, tableText, wrap } from "./table.js";

/** A chosen plan for people: the decision, what backs it, money, and then the detail. */
export function describe(plan: Plan, target: Target): string {
  const { choice, front, problem } = plan;
  if (choice.status !== "chosen") return "";
  return (
    `\n${wrap(decisionSentence(plan, choice))}` +
    heldOutText(plan) +
    limitSentences(plan, choice, target).map(wrap).join("") +
    wrap(certificateOf(choice, target, plan.heldOutCheck, plan.constraints.length > 0)) +
    `${priceSentence(choice.lambda)}\n\n` +
    pointsTable(plan, choice, target) +
    [...limitsTables(plan), modelsTable(plan, choice)].map((one) => `\n${tableText(one)}`).join("") +
    worlds(plan) +
    `\n${evidenceText(plan)}${count(front.queries)} queries, ${problem.models.length} models; front${plan.constraints.length === 0 ? "" : " without limits"}: ${front.algorithm}, ` +
    `${count(front.totalCost.length)} points, normalised hypervolume ${hypervolumeOf(front).toFixed(6)} (1 is ideal)\n`
  );
}

function evidenceText({ labelledRows: rows }: Plan): string {
  return `Evidence: predicted from ${count(rows)} labelled ${rows === 1 ? "row" : "rows"}.\n`;
}

/** The chosen allocation beside others of its front and the best single model. */
function pointsTable({ front, knee, bestSingle, constraints }: Plan, choice: Chosen, target: Target): string {
  const { cheapest, mostAccurate } = endsOf(front);
  const isLimited = constraints.length > 0;
  const named = (name: string): string => (isLimited ? `without limits: ${name}` : name);
  return table([
    POINT_COLUMNS,
    pointRow(`chosen: ${nameOf(target)}`, choice),
    pointRow(named("cheapest allocation"), cheapest),
    ...("knee" in target && !isLimited ? [] : [pointRow(named(nameOf({ knee: true })), knee)]),
    pointRow(named("most accurate allocation"), mostAccurate),
    ...(bestSingle === undefined
      ? []
      : [pointRow(`best single model: ${oneLine(bestSingle.model)}`, bestSingle)]),
  ]);
}

/** The expected accuracy by held-out labelled rows. */
function heldOutText({ heldOutCheck: check }: Plan): string {
  if (check === undefined) return "";
  return wrap(
    `Held out: ${count(check.queries)} labelled rows were predicted without their own labels and allocated as the ` +
      `plan does. Promised: ${percent(check.predicted)}, recorded: ${percent(check.recorded)}. ` +
      heldOutSentence(check.accuracy),
  );
}

/** The figures before and after a change, if there was one. */
function worlds({ before, front, choice, constraints }: Plan): string {
  if (before === undefined) return "";
  const volumes = hypervolumes([before.front, front]);
  const row = (name: string, one: Plan["choice"], volume: number): string[] => [
    name,
    ...(one.status === "chosen"
      ? [dollars(one.totalCost), percent(one.expectedAccuracy)]
      : [one.status === "infeasible" ? "infeasible" : "not found", UNKNOWN]),
    volume.toFixed(6),
  ];
  return `\n${table([
    [
      "what if",
      "cost",
      "expected accuracy",
      constraints.length === 0 ? "hypervolume" : "hypervolume without limits",
    ],
    row(WHAT_IF.before, before.choice, volumes[0]),
    row(`${WHAT_IF.after} (the plan above)`, choice, volumes[1]),
  ])}`;
}

/** Why there is no plan: in a line, or with limits in some lines and the table of limits. */
export function failed(plan: Plan, target: Target): string {
  if (plan.choice.status === "chosen") return "";
  const [sentence, ...more] = failedSentences(plan, target);
  const details = [...more.map(wrap), ...limitsTables(plan).map((one) => `\n${tableText(one)}`)].join("");
  return details === "" ? sentence : `${wrap(sentence)}${details}`.trimEnd();
}

/** The front with the single models and the chosen allocation on it, for a terminal. */
export function pictureOf({ front, singles, choice, problem, constraints }: Plan): string {
  const alone = singles.flatMap((single, m) =>
    single === undefined
      ? []
      : [{ name: problem.models[m], cost: single.totalCost, accuracy: single.expectedAccuracy }],
  );
  const chosen =
    choice.status === "chosen" ? [{ cost: choice.totalCost, accuracy: choice.expectedAccuracy }] : [];
  const curve = { x: front.totalCost, y: front.expectedAccuracy };
  const title = "expected accuracy by total cost";
  return frontPlot(
    curve,
    alone,
    chosen,
    constraints.length === 0 ? title : `${title}; the front is without the limits`,
  );
}
