import type { Cell, Curve, Figure, Mark, ReportData, TableData } from "./data.js";
import { dollars, percent } from "./words.js";
import { reliability } from "../predict/selection/reliability.js";
import type { Choice, Chosen } from "../solve/choice.js";
import type { Front } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import type { Target } from "../solve/target.js";
import type { Dataset } from "../types.js";
import type { Plan } from "../plan/plan.js";
import { named } from "../backtest/reliabilityOver.js";
import { takeModels } from "../plan/rows.js";
import { isSample, type Source } from "../plan/source.js";
import {
  drawnText,
  explorerOf,
  kneeOf,
  markOf,
  pointsDrawn,
  singleMarks,
  zeroRouterCurve,
} from "./frontData.js";
import { originOf, type Origin } from "./origin.js";
import { predictorTable } from "./predictorTable.js";
import { queriesData } from "./queriesData.js";
import { reliabilityData, reliabilityTable } from "./reliabilityData.js";
import { cut, pickRounded, shownNames } from "./rounded.js";
import { nameOf, shortNameOf } from "./targets.js";

/** What a plan was made from. */
export interface SolveReportInput {
  work: Dataset;
  source: Source;
  target: Target;
  seed: number;
  origin: Origin;
}

/** The report of a plan: charts thinned to 1,000 points, 2,000 queries sampled. One or two passes over the problem. */
export async function solveReport(
  plan: Plan,
  input: SolveReportInput,
  options: RunningOptions = {},
): Promise<ReportData> {
  const { front, choice, problem, predictor } = plan;
  const { work, source, target, seed, origin } = input;
  const chosen = choice.status === "chosen" ? choice : undefined;
  const start = choice.status === "chosen" ? choice.totalCost : choice.closest.totalCost;
  const points = pointsDrawn(front, start);
  const recorded = unseenOutcomes(plan, work, source);
  const judged =
    recorded &&
    named(reliability(problem.successProbability, recorded, problem.models.length), problem.models);
  const rows = isSample(source)
    ? "the queries of the work that have scores and whose text is not in the labelled sample"
    : "the queries of the work that have scores (if the predictor learned from them, this flatters it)";
  return {
    title: `Allocation of ${front.queries.toLocaleString("en")} queries to ${problem.models.length} models`,
    summary: summaryOf(plan, target),
    figures: chosen === undefined ? [] : figuresOf(plan, chosen),
    front: {
      accuracyTitle: "expected accuracy",
      text:
        "Each point of the front is the most accurate allocation for its cost, by the predictions. " +
        drawnText(front, points),
      curves: curvesOf(plan, points),
      marks: marksOf(plan, target),
      explorer: {
        ...(await explorerOf(front, points, start, options)),
        ...(origin.budgetCommand !== undefined && { command: origin.budgetCommand }),
      },
    },
    ...(judged && { reliability: reliabilityData(judged, rows) }),
    tables: [
      modelsTable(plan, chosen),
      ...(plan.before === undefined ? [] : [whatIfTable(plan.before, plan)]),
      ...(judged ? [reliabilityTable(judged, rows)] : []),
      predictorTable(predictor),
    ],
    ...(chosen && {
      queries: queriesData({ ...chosen, problem, queries: work.queries, outcome: recorded, seed }),
    }),
    notes: plan.notes,
    origin: originOf(origin, [
      ["target", nameOf(target)],
      ["seed", String(seed)],
      ["predictor", predictor.settings.join("; ")],
      ["front", `${front.algorithm}, resolution ${front.resolution}`],
    ]),
  };
}

function summaryOf({ choice, bestSingle }: Plan, target: Target): string[] {
  if (choice.status === "infeasible") {
    const { totalCost, expectedAccuracy } = choice.closest;
    return [
      `No allocation meets the target: ${nameOf(target)}.`,
      "budget" in target
        ? `The cheapest allocation costs ${dollars(totalCost)}.`
        : `The most accurate allocation reaches ${percent(expectedAccuracy)} for ${dollars(totalCost)}.`,
    ];
  }
  const { totalCost, expectedAccuracy, lambda } = choice;
  return [
    `The plan (${nameOf(target)}) costs ${dollars(totalCost)} and is expected to answer ${percent(expectedAccuracy)} of the queries well.`,
    certificateOf(choice, target),
    ...(lambda > 0 && lambda < Infinity
      ? [`One more expected right answer costs ${dollars(1 / lambda)} here.`]
      : []),
    ...(bestSingle === undefined
      ? []
      : [
          `The best single model by the predictions, ${cut(bestSingle.model, 80)}, would cost ${dollars(bestSingle.totalCost)} for ${percent(bestSingle.expectedAccuracy)}.`,
        ]),
  ];
}

/** How far the choice can be from the best, in words. */
function certificateOf({ optimal, bound, costBound, expectedAccuracy }: Chosen, target: Target): string {
  if ("budget" in target) {
    return optimal
      ? "Proven optimal: no allocation within the budget has a higher expected accuracy."
      : `No allocation within the budget is expected to be more than ${small(bound - expectedAccuracy)} more accurate.`;
  }
  return optimal
    ? "Proven optimal: no allocation as accurate costs less."
    : `No allocation as accurate costs less than ${dollars(costBound)}.`;
}

function figuresOf(
  { bestSingle, front, heldOutCheck }: Plan,
  { totalCost, expectedAccuracy, gap, lambda }: Chosen,
): Figure[] {
  return [
    {
      label: "Total cost",
      unit: "dollars",
      value: totalCost,
      note: `${dollars(totalCost / front.weight)} a query`,
    },
    {
      label: "Expected accuracy",
      unit: "percent",
      value: expectedAccuracy,
      note:
        heldOutCheck === undefined
          ? "mean predicted probability"
          : `mean predicted probability; labelled rows held out: ${percent(heldOutCheck.accuracy.low)} … ` +
            `${percent(heldOutCheck.accuracy.high)} (95 %)`,
    },
    {
      label: "Gap to the bound",
      unit: "text",
      value: gap === 0 ? "0, proven" : `${gap < 1e-5 ? "under " : ""}${small(gap)}`,
      note: "what any other allocation could gain at most",
    },
    ...(lambda > 0 && lambda < Infinity
      ? [
          {
            label: "One more right answer",
            unit: "dollars" as const,
            value: 1 / lambda,
            note: "at this point",
          },
        ]
      : []),
    ...(bestSingle === undefined || bestSingle.totalCost === 0
      ? []
      : [
          {
            label: "Against the best single model",
            unit: "text" as const,
            value: moreOrLess(totalCost / bestSingle.totalCost - 1),
            note: `${pointsText(expectedAccuracy - bestSingle.expectedAccuracy)} expected accuracy; ${cut(bestSingle.model, 40)}`,
          },
        ]),
  ];
}

/** A small difference of accuracies in percentage points. */
function small(gap: number): string {
  return gap < 1e-5 ? "0.001 points" : `${(100 * gap).toPrecision(2)} points`;
}

function moreOrLess(change: number): string {
  return `${(100 * Math.abs(change)).toFixed(1)} % ${change > 0 ? "dearer" : "cheaper"}`;
}

function pointsText(difference: number): string {
  return `${difference < 0 ? "−" : "+"}${(100 * Math.abs(difference)).toFixed(2)} points`;
}

function curvesOf({ front, before, problem, singles }: Plan, points: Uint32Array): Curve[] {
  const curve = (of: Front, at: Uint32Array, name: string, kind: Curve["kind"]): Curve => ({
    name,
    kind,
    cost: pickRounded(of.totalCost, at),
    accuracy: pickRounded(of.expectedAccuracy, at),
  });
  const zero = zeroRouterCurve(singleMarks(problem.models, singles));
  return [
    curve(front, points, before === undefined ? "the front" : "the front, changed", "front"),
    ...(before === undefined
      ? []
      : [curve(before.front, pointsDrawn(before.front, 0), "the front before the change", "other")]),
    ...(zero === undefined ? [] : [zero]),
  ];
}

function marksOf({ front, choice, problem, singles }: Plan, target: Target): Mark[] {
  const { totalCost, expectedAccuracy } = front;
  const knee = kneeOf(totalCost, expectedAccuracy);
  const chosen =
    choice.status === "chosen"
      ? [markOf(`chosen: ${shortNameOf(target)}`, choice.totalCost, choice.expectedAccuracy)]
      : [];
  return [
    ...singleMarks(problem.models, singles),
    { ...markOf("knee", totalCost[knee], expectedAccuracy[knee]), kind: "knee" },
    ...chosen,
  ];
}

function modelsTable({ problem, singles, breakEvens }: Plan, chosen: Chosen | undefined): TableData {
  const names = shownNames(problem.models);
  const factor = (value: number): Cell =>
    value === Infinity ? "any" : value === 0 ? "none" : `× ${value.toPrecision(3)}`;
  return {
    heading: "The models",
    text:
      "Share: of the queries, in the plan. Alone: if the model answered every query; a dash where it must not answer " +
      "some. Enters or leaves at: below 1, by what its prices must be multiplied for the model to get its first query; from 1 on, " +
      "beyond which factor it gets none, all other prices and the price of accuracy as they are.",
    columns: [
      { title: "model", unit: "text" },
      ...(chosen ? [{ title: "share in the plan", unit: "percent" as const }] : []),
      { title: "alone: cost", unit: "dollars" },
      { title: "alone: expected accuracy", unit: "percent" },
      ...(breakEvens
        ? [
            { title: "enters or leaves at", unit: "number" as const },
            { title: "share at half its price", unit: "percent" as const },
            { title: "share at twice its price", unit: "percent" as const },
          ]
        : []),
    ],
    rows: problem.models.map((model, m) => {
      const even = breakEvens?.[m];
      return [
        names[m],
        ...(chosen ? [chosen.shares[model]] : []),
        singles[m]?.totalCost ?? null,
        singles[m]?.expectedAccuracy ?? null,
        ...(even ? [factor(even.costFactor), even.shareAtHalf, even.shareAtDouble] : []),
      ];
    }),
  };
}

function whatIfTable(
  before: { front: Front; choice: Choice },
  after: { front: Front; choice: Choice },
): TableData {
  const row = (name: string, { front, choice }: { front: Front; choice: Choice }): Cell[] => {
    const last = front.lambda.length - 1;
    const at = choice.status === "chosen" ? choice : undefined;
    return [
      name,
      at?.totalCost ?? null,
      at?.expectedAccuracy ?? null,
      front.totalCost[0],
      front.totalCost[last],
      front.expectedAccuracy[last],
    ];
  };
  return {
    heading: "What if",
    text: "The same target with and without the changes asked for; the predictions are the same.",
    columns: [
      { title: "", unit: "text" },
      { title: "chosen: cost", unit: "dollars" },
      { title: "chosen: expected accuracy", unit: "percent" },
      { title: "cheapest allocation", unit: "dollars" },
      { title: "most accurate: cost", unit: "dollars" },
      { title: "most accurate: expected accuracy", unit: "percent" },
    ],
    rows: [row("before", before), row("after", after)],
  };
}

/** Recorded outcomes of the work's queries that the predictor did not learn from; undefined when there are none. */
function unseenOutcomes({ problem }: Plan, work: Dataset, source: Source): Float32Array | undefined {
  const { outcome } = takeModels(work, problem.models);
  if (outcome.every(Number.isNaN)) return undefined;
  const seen = new Set(isSample(source) ? source.queries : []);
  const models = problem.models.length;
  const unseen = outcome.map((y, option) => (seen.has(work.queries[Math.floor(option / models)]) ? NaN : y));
  return unseen.every(Number.isNaN) ? undefined : unseen;
}
