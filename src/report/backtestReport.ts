import type { RunningOptions } from "../pool/running.js";
import type { Backtest, JudgedRepeat } from "../backtest/backtestTypes.js";
import { realise } from "../backtest/comparators.js";
import type { Interval } from "../backtest/figures/interval.js";
import type { Curve, Figure, FrontData, Mark, QueriesData, ReportData } from "./data.js";
import { count, percent, points as pointsText } from "../text/amounts.js";
import { drawnText, explorerOf, markOf, pointsDrawn, zeroRouterCurve } from "./frontData.js";
import { intervalsData } from "./intervalsData.js";
import { originOf, type Origin } from "./origin.js";
import { queriesData } from "./queriesData.js";
import { reliabilityData } from "./reliabilityData.js";
import { pickRounded, rounded } from "./rounded.js";
import { cutMiddle } from "../text/names.js";
import { judgedLimitsTables, plansTable, sharesTable } from "./tables/plans.js";
import { predictorTable } from "./tables/predictor.js";
import { reliabilityTable } from "./tables/reliability.js";
import { repeatsTable } from "./tables/repeats.js";
import { routersTable } from "./tables/routers.js";
import { judgedRows, missingSentences, nameOf, NOT_REACHED, ROUTERS, splitText } from "./words.js";

/** Inputs of a backtest's report besides its figures. */
export interface BacktestReportInput {
  /** The repeat that is drawn: the first. */
  judged: JudgedRepeat;
  origin: Origin;
}

/** The report of a backtest: tables and reliability over all repeats, front and queries of the first. */
export async function backtestReport(
  result: Backtest,
  { judged, origin }: BacktestReportInput,
  options: RunningOptions = {},
): Promise<ReportData> {
  const { dataset, reliability, repeats, resampling } = result;
  const [{ seed, trainQueries, validationQueries }] = repeats;
  const queries = queriesOf(judged, seed);
  return {
    title: `Backtest on ${count(dataset.queries)} recorded queries and ${dataset.models} models`,
    summary: backtestSummary(result),
    figures: figuresOf(result),
    front: await frontOf(result, judged, options),
    intervals: intervalsData(result),
    reliability: reliabilityData(reliability, judgedRows(repeats)),
    tables: [
      plansTable(result),
      ...judgedLimitsTables(result),
      sharesTable(judged),
      routersTable(result),
      repeatsTable(result),
      reliabilityTable(reliability, judgedRows(repeats)),
      predictorTable(judged.predictor),
    ],
    ...(queries && { queries }),
    notes: judged.notes,
    origin: originOf(origin, [
      ["seeds", repeats.map((repeat) => repeat.seed).join(", ")],
      ["fitted on", `${trainQueries} + ${validationQueries} rows in each repeat`],
      ["predictor, first repeat", judged.predictor.settings.join("; ")],
      [
        "intervals",
        `${count(resampling.replicates)} resamplings of the test queries in ${count(resampling.blocks)} blocks`,
      ],
    ]),
  };
}

/** The first plan that was chosen, and its place among the allocations. */
function firstChosen({ plans }: JudgedRepeat) {
  for (const [p, plan] of plans.entries()) if (plan.status === "chosen") return { plan, p };
  return undefined;
}

async function frontOf(result: Backtest, judged: JudgedRepeat, options: RunningOptions): Promise<FrontData> {
  const { front, records } = judged;
  const start = firstChosen(judged)?.plan.promised.cost ?? front.totalCost[0];
  const drawn = pointsDrawn(front, start);
  const realised = await realise(front, records, options);
  const recorded = pickRounded(realised.realisedAccuracy, drawn);
  return {
    accuracyTitle: "recorded accuracy",
    text:
      `The test queries of seed ${result.repeats[0].seed}, by their records. The front was computed from predictions ` +
      "alone; the thin dashed line shows their promise. The oracle knows every outcome: nothing can be above it. " +
      drawnText(front, drawn),
    curves: curvesOf(result, judged, drawn, recorded),
    marks: marksOf(judged),
    explorer: {
      ...(await explorerOf(front, drawn, start, options)),
      recordedAccuracy: recorded,
    },
  };
}

/** A sample of queries by the first plan that was chosen; undefined where none was. */
function queriesOf(judged: JudgedRepeat, seed: number): QueriesData | undefined {
  const first = firstChosen(judged);
  if (first === undefined) return undefined;
  const { problem, test, records, allocations } = judged;
  return queriesData({
    problem,
    queries: test.queries,
    allocation: allocations[first.p]!,
    lambda: first.plan.lambda ?? Infinity,
    outcome: test.outcome.length === problem.cost.length ? test.outcome : records.outcome,
    seed,
  });
}

/** The findings of a backtest, one sentence each; the first is the verdict. */
export function backtestSummary(result: Backtest): string[] {
  const { plans, repeats, dataset } = result;
  const many =
    repeats.length === 1 ? `One split (seed ${repeats[0].seed})` : `${repeats.length} random splits`;
  return [
    ...plans.map(({ target, verdict }, p) =>
      p === 0 ? verdict.sentence : `For another target (${nameOf(target)}): ${verdict.sentence}`,
    ),
    `${many}: ${splitText(result)}. Every plan is chosen on predictions alone.`,
    ...missingSentences(dataset),
  ];
}

function figuresOf({ mean, repeats, frontAgainstBestSingle: gain }: Backtest): Figure[] {
  const model = cutMiddle(mean.bestSingle.model, 40);
  return [
    {
      label: "Saving at equal accuracy",
      unit: "percent",
      value: gain.savingAtEqualAccuracy.estimate,
      note: `${endsText(gain.savingAtEqualAccuracy, percent)}; against ${model}; reached in ${mean.savingRepeats} of ${repeats.length} repeats`,
    },
    {
      label: "Accuracy at equal cost",
      unit: "points",
      value: gain.accuracyAtEqualCost.estimate,
      note: `${endsText(gain.accuracyAtEqualCost, pointsText)}; against ${model}`,
    },
    {
      label: "Highest accuracy of the front",
      unit: "percent",
      value: mean.highestAccuracy,
      note: "recorded",
    },
    { label: "Best single model", unit: "percent", value: mean.bestSingle.accuracy, note: model },
    {
      label: "Area under the front",
      unit: "percent",
      value: mean.areaUnderFront,
      note: "mean accuracy over budgets up to that model's cost",
    },
  ];
}

function endsText({ low, high }: Interval, text: (value: number) => string): string {
  const end = (value: number | null): string => (value === null ? NOT_REACHED : text(value));
  return `95 %: ${end(low)} … ${end(high)}`;
}

function curvesOf(
  { repeats: [{ fronts, seed }] }: Backtest,
  { front, singles }: JudgedRepeat,
  drawn: Uint32Array,
  recorded: number[],
): Curve[] {
  const cost = pickRounded(front.totalCost, drawn);
  const judged = (name: string, kind: Curve["kind"], of: (typeof fronts)["oracle"]): Curve => ({
    name,
    kind,
    cost: of.map((point) => rounded(point.cost)),
    accuracy: of.map((point) => rounded(point.realisedAccuracy)),
  });
  const zero = zeroRouterCurve(
    singles.map((one) => ({ ...markOf(one.model, one.cost, one.accuracy), kind: "single" })),
  );
  return [
    { name: `the front, recorded (seed ${seed})`, kind: "front", cost, accuracy: recorded },
    {
      name: "promised by the predictions",
      kind: "promised",
      cost,
      accuracy: pickRounded(front.expectedAccuracy, drawn),
    },
    judged(ROUTERS.optllm, "method", fronts.optllm),
    ...(zero === undefined ? [] : [zero]),
    judged("oracle: if every outcome were known", "oracle", fronts.oracle),
  ];
}

function marksOf({ singles, plans }: JudgedRepeat): Mark[] {
  return [
    ...singles.map(({ model, cost, accuracy }) => ({
      ...markOf(model, cost, accuracy),
      kind: "single" as const,
    })),
    ...plans.flatMap((plan) =>
      plan.status === "chosen"
        ? [markOf(`chosen: ${nameOf(plan.target)}`, plan.realised.cost, plan.realised.accuracy)]
        : [],
    ),
  ];
}
