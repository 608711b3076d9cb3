import type { Curve, Figure, FrontData, Mark, ReportData, TableData } from "./data.js";
import { named } from "../backtest/reliabilityOver.js";
import type { Plan } from "../plan/plan.js";
import { takeModels } from "../plan/rows.js";
import { isSample, type Source } from "../plan/source.js";
import { reliability } from "../predict/selection/reliability.js";
import type { Chosen } from "../solve/choice.js";
import type { Front } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import type { Target } from "../solve/target.js";
import type { Dataset } from "../types.js";
import { decisionSentence } from "./decision.js";
import { count, dollars, percent, points as pointsText } from "../text/amounts.js";
import {
  drawnText,
  explorerOf,
  kneeOf,
  markOf,
  pointsDrawn,
  singleMarks,
  zeroRouterCurve,
} from "./frontData.js";
import { curveUnder, explorerUnder, withPoint, type UnderPoint } from "./limits/front.js";
import { failedSentences, limitSentences } from "./limits/sentences.js";
import { limitsTables } from "./limits/table.js";
import { originOf, type Origin } from "./origin.js";
import { queriesData } from "./queriesData.js";
import { reliabilityData } from "./reliabilityData.js";
import { pickRounded } from "./rounded.js";
import { cutMiddle } from "../text/names.js";
import { modelsTable } from "./tables/models.js";
import { predictorTable } from "./tables/predictor.js";
import { reliabilityTable } from "./tables/reliability.js";
import { whatIfTable } from "./tables/whatIf.js";
import { certificateOf, gapText, heldOutSentence, nameOf, priceSentence, WHAT_IF } from "./words.js";

/** Most queries for which a report has the front under limits: it solves the problem at each of its points. */
export const MOST_SWEPT = 100_000;

/** Inputs of a plan. */
export interface SolveReportInput {
  work: Dataset;
  source: Source;
  target: Target;
  seed: number;
  origin: Origin;
}

/** The report of a plan: at most 1,000 points of the front, at most 2,000 queries. One or two passes over the problem. */
export async function solveReport(
  plan: Plan,
  input: SolveReportInput,
  options: RunningOptions = {},
): Promise<ReportData> {
  const { front, choice, problem, predictor } = plan;
  const { work, source, target, seed, origin } = input;
  const chosen = choice.status === "chosen" ? choice : undefined;
  const recorded = unseenOutcomes(plan, work, source);
  const judged =
    recorded &&
    named(reliability(problem.successProbability, recorded, problem.models.length), problem.models);
  const rows = isSample(source)
    ? "the queries of the work that have scores and whose text is not in the labelled sample"
    : "the queries of the work that have scores (too favourable if the predictor was fitted on them)";
  return {
    title: `Allocation of ${count(front.queries)} queries to ${problem.models.length} models`,
    summary: summaryOf(plan, target),
    figures: chosen === undefined ? [] : figuresOf(plan, chosen),
    front: await frontOf(plan, input, options),
    ...(judged && { reliability: reliabilityData(judged, rows) }),
    tables: tablesOf(plan, chosen, judged && reliabilityTable(judged, rows)),
    ...(chosen && {
      queries: queriesData({ ...chosen, problem, queries: work.queries, outcome: recorded, seed }),
    }),
    notes: plan.notes,
    origin: originOf(origin, [
      ["target", nameOf(target)],
      ["seed", String(seed)],
      ["predictor", predictor.settings.join("; ")],
      ["labelled rows", count(plan.labelledRows)],
      ["front", `${front.algorithm}, resolution ${front.resolution}`],
    ]),
  };
}

function tablesOf(plan: Plan, chosen: Chosen | undefined, judged: TableData | undefined): TableData[] {
  return [
    ...limitsTables(plan),
    modelsTable(plan, chosen),
    ...(plan.before === undefined ? [] : [whatIfTable(plan.before, plan)]),
    ...(judged === undefined ? [] : [judged]),
    predictorTable(plan.predictor),
  ];
}

/** The front, and the budget that moves along it from the chosen cost on: with limits, where that is known, the front under them. */
async function frontOf(
  plan: Plan,
  { target, origin: { budgetCommand } }: SolveReportInput,
  options: RunningOptions,
): Promise<FrontData> {
  const { front, choice, problem } = plan;
  const start = choice.status === "chosen" ? choice.totalCost : choice.closest.totalCost;
  const drawn = pointsDrawn(front, start);
  const under = pointsUnder(plan);
  return {
    accuracyTitle: "expected accuracy",
    text: `${frontText(plan, under)} ${drawnText(front, drawn)}`,
    curves: curvesOf(plan, drawn, under),
    marks: marksOf(plan, target),
    explorer: {
      ...(under === undefined
        ? await explorerOf(front, drawn, start, options)
        : explorerUnder(under, problem.models, front.weight, start)),
      ...(budgetCommand !== undefined && { command: budgetCommand }),
    },
  };
}

/** The front under the limits, with the chosen plan on it; undefined where there is none. */
function pointsUnder({ front, frontUnder, choice }: Plan): readonly UnderPoint[] | undefined {
  if (frontUnder?.status !== "found") return undefined;
  return choice.status === "chosen" ? withPoint(frontUnder.points, choice, front.weight) : frontUnder.points;
}

function frontText({ constraints }: Plan, under: readonly UnderPoint[] | undefined): string {
  const each = "Each point of the front is the most accurate allocation for its cost, by the predictions.";
  if (constraints.length === 0) return each;
  return under === undefined
    ? `${each} The front and the slider are without the limits.`
    : `The front and the slider are under the limits: the budget moves, the limits stay. ${count(under.length)} plans that keep them were computed; the bound holds between them as well. Beside it is the front without the limits.`;
}

function summaryOf(plan: Plan, target: Target): string[] {
  const { choice } = plan;
  if (choice.status !== "chosen") return failedSentences(plan, target);
  const { lambda } = choice;
  return [
    decisionSentence(plan, choice),
    ...(plan.heldOutCheck === undefined ? [] : [heldOutSentence(plan.heldOutCheck.accuracy)]),
    ...limitSentences(plan, choice, target),
    certificateOf(choice, target, plan.heldOutCheck, plan.constraints.length > 0),
    ...(lambda > 0 && lambda < Infinity ? [priceSentence(lambda)] : []),
  ];
}

function figuresOf(plan: Plan, chosen: Chosen): Figure[] {
  const { front, heldOutCheck, constraints } = plan;
  return [
    ...choiceFigures(chosen, front.weight, heldOutCheck, constraints.length > 0),
    ...bestSingleFigure(plan, chosen),
  ];
}

/** The figures of an allocation itself. `weight`: of all queries; `check`: by held-out labelled rows; `isLimited`: under limits. */
export function choiceFigures(
  { totalCost, expectedAccuracy, gap, lambda }: Omit<Chosen, "allocation">,
  weight: number,
  check?: Plan["heldOutCheck"],
  isLimited = false,
): Figure[] {
  return [
    {
      label: "Total cost",
      unit: "dollars",
      value: totalCost,
      note: `${dollars(totalCost / weight)} a query`,
    },
    {
      label: "Expected accuracy",
      unit: "percent",
      value: expectedAccuracy,
      note:
        check === undefined
          ? "mean predicted probability"
          : `mean predicted probability. ${heldOutSentence(check.accuracy)}`,
    },
    {
      label: "Gap to the bound",
      unit: "text",
      value: gap === 0 ? "0, proven" : gapText(gap),
      note: `the most that any other allocation${isLimited ? " that keeps the limits" : ""} could gain, by these predictions`,
    },
    ...(lambda > 0 && lambda < Infinity ? [priceFigure(lambda)] : []),
  ];
}

function priceFigure(lambda: number): Figure {
  return { label: "One more right answer", unit: "dollars", value: 1 / lambda, note: "at this point" };
}

/** The plan beside the best single model, if there is one that costs something. */
function bestSingleFigure({ bestSingle }: Plan, { totalCost, expectedAccuracy }: Chosen): Figure[] {
  if (bestSingle === undefined || bestSingle.totalCost === 0) return [];
  const change = totalCost / bestSingle.totalCost - 1;
  const accuracy = pointsText(expectedAccuracy - bestSingle.expectedAccuracy);
  return [
    {
      label: "Against the best single model",
      unit: "text",
      value: `${percent(Math.abs(change), 1)} ${change > 0 ? "more expensive" : "cheaper"}`,
      note: `${accuracy} expected accuracy; ${cutMiddle(bestSingle.model, 40)}`,
    },
  ];
}

function curvesOf(
  { front, before, problem, singles, constraints }: Plan,
  points: Uint32Array,
  under: readonly UnderPoint[] | undefined,
): Curve[] {
  const curve = (of: Front, at: Uint32Array, name: string, kind: Curve["kind"]): Curve => ({
    name,
    kind,
    cost: pickRounded(of.totalCost, at),
    accuracy: pickRounded(of.expectedAccuracy, at),
  });
  const zero = zeroRouterCurve(singleMarks(problem.models, singles));
  const name = before === undefined ? "the front" : `the front ${WHAT_IF.after}`;
  return [
    ...(under === undefined
      ? [curve(front, points, name, "front")]
      : [
          curveUnder(under, `${name}, under the limits`),
          curve(front, points, `${name} without limits`, "other"),
        ]),
    ...(before === undefined
      ? []
      : [
          curve(
            before.front,
            pointsDrawn(before.front, 0),
            `the front ${WHAT_IF.before}${constraints.length === 0 ? "" : ", without limits"}`,
            "other",
          ),
        ]),
    ...(zero === undefined ? [] : [zero]),
  ];
}

function marksOf(plan: Plan, target: Target): Mark[] {
  const { front, choice, problem, singles } = plan;
  const under = pointsUnder(plan);
  const totalCost = under?.map((point) => point.totalCost) ?? front.totalCost;
  const expectedAccuracy = under?.map((point) => point.expectedAccuracy) ?? front.expectedAccuracy;
  const knee = kneeOf(totalCost, expectedAccuracy);
  const chosen =
    choice.status === "chosen"
      ? [markOf(`chosen: ${nameOf(target)}`, choice.totalCost, choice.expectedAccuracy)]
      : [];
  return [
    ...singleMarks(problem.models, singles),
    { ...markOf(nameOf({ knee: true }), totalCost[knee], expectedAccuracy[knee]), kind: "knee" },
    ...chosen,
  ];
}

/** Recorded outcomes of the work's queries that the predictor was not fitted on; undefined where there are none. */
function unseenOutcomes({ problem }: Plan, work: Dataset, source: Source): Float32Array | undefined {
  const { outcome } = takeModels(work, problem.models);
  if (outcome.every(Number.isNaN)) return undefined;
  const seen = new Set(isSample(source) ? source.queries : []);
  const models = problem.models.length;
  const unseen = outcome.map((y, option) => (seen.has(work.queries[Math.floor(option / models)]) ? NaN : y));
  return unseen.every(Number.isNaN) ? undefined : unseen;
}
