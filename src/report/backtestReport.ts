import type { Interval } from "../backtest/figures/interval.js";
import type { Cell, Curve, Figure, IntervalRow, IntervalsData, Mark, ReportData, TableData } from "./data.js";
import { percent, points as pointsText } from "./words.js";
import type { RunningOptions } from "../pool/running.js";
import type { Backtest, BacktestFigures, JudgedRepeat } from "../backtest/backtestTypes.js";
import { realise } from "../backtest/comparators.js";
import { leftOutSentences } from "../backtest/recorded.js";
import type { RouterMetrics } from "../backtest/routerMetrics.js";
import { drawnText, explorerOf, markOf, pointsDrawn, zeroRouterCurve } from "./frontData.js";
import { originOf, type Origin } from "./origin.js";
import { predictorTable } from "./predictorTable.js";
import { queriesData } from "./queriesData.js";
import { reliabilityData, reliabilityTable } from "./reliabilityData.js";
import { cut, pickRounded, rounded, shownNames } from "./rounded.js";
import { nameOf, shortNameOf } from "./targets.js";

/** What a backtest's report is made from besides its figures. */
export interface BacktestReportInput {
  /** The repeat that is drawn: the first. */
  judged: JudgedRepeat;
  origin: Origin;
}

/** The report of a backtest: tables and reliability over all repeats, fronts and queries of the first. */
export async function backtestReport(
  result: Backtest,
  { judged, origin }: BacktestReportInput,
  options: RunningOptions = {},
): Promise<ReportData> {
  const { front, problem, test, records, plans, allocations } = judged;
  const [first] = result.repeats;
  const p = plans.findIndex(({ status }) => status === "chosen");
  const plan = plans[p];
  const start = plan?.status === "chosen" ? plan.promised.cost : front.totalCost[0];
  const drawn = pointsDrawn(front, start);
  const realised = await realise(front, records, options);
  const recorded = pickRounded(realised.realisedAccuracy, drawn);
  const rows =
    result.repeats.length === 1
      ? `the ${first.testQueries.toLocaleString("en")} test queries of seed ${first.seed}, which nothing learned from`
      : `the test queries of all ${result.repeats.length} repeats, each predicted from the rows its repeat learned from`;
  const outcome = test.outcome.length === problem.cost.length ? test.outcome : records.outcome;
  return {
    title: `Backtest on ${result.dataset.queries.toLocaleString("en")} recorded queries and ${result.dataset.models} models`,
    summary: summaryOf(result),
    figures: figuresOf(result),
    front: {
      accuracyTitle: "recorded accuracy",
      text:
        `The test queries of seed ${first.seed}, by what was recorded of them. The front was computed from predictions ` +
        `alone; the thin dashed line is what they promised. The oracle knows every outcome: nothing can be above it. ${drawnText(front, drawn)}`,
      curves: curvesOf(result, judged, drawn, recorded),
      marks: marksOf(judged),
      explorer: {
        ...(await explorerOf(front, drawn, start, options)),
        recordedAccuracy: recorded,
      },
    },
    intervals: intervalsOf(result),
    reliability: reliabilityData(result.reliability, rows),
    tables: [
      plansTable(result),
      modelsTable(judged),
      routersTable(result),
      repeatsTable(result),
      reliabilityTable(result.reliability, rows),
      predictorTable(judged.predictor),
    ],
    ...(plan?.status === "chosen" && {
      queries: queriesData({
        problem,
        queries: test.queries,
        allocation: allocations[p]!,
        lambda: plan.lambda ?? Infinity,
        outcome,
        seed: first.seed,
      }),
    }),
    notes: judged.notes,
    origin: originOf(origin, [
      ["seeds", result.repeats.map(({ seed }) => seed).join(", ")],
      ["learned from", `${first.trainQueries} + ${first.validationQueries} rows in each repeat`],
      ["predictor, first repeat", judged.predictor.settings.join("; ")],
      [
        "intervals",
        `${result.resampling.replicates.toLocaleString("en")} resamplings of the test queries in ${result.resampling.blocks.toLocaleString("en")} blocks`,
      ],
    ]),
  };
}

function summaryOf({ plans, repeats, dataset }: Backtest): string[] {
  const [{ trainQueries, validationQueries, testQueries, seed }] = repeats;
  const many = repeats.length === 1 ? `one split (seed ${seed})` : `${repeats.length} random splits`;
  return [
    ...plans.map(({ target, verdict }, p) =>
      p === 0 ? verdict.sentence : `For another target (${nameOf(target)}): ${verdict.sentence}`,
    ),
    `Judged on ${testQueries.toLocaleString("en")} recorded queries after learning from ${trainQueries} + ${validationQueries} ` +
      `others, over ${many}. Every plan is chosen on predictions alone.`,
    ...leftOutSentences(dataset),
  ];
}

function figuresOf({ mean, frontAgainstBestSingle: gain }: Backtest): Figure[] {
  const model = cut(mean.bestSingle.model, 40);
  const ends = ({ low, high }: Interval, word: (value: number) => string): string =>
    `95 %: ${low === null ? "not reached" : word(low)} … ${high === null ? "not reached" : word(high)}`;
  return [
    {
      label: "Saving at equal accuracy",
      unit: "percent",
      value: gain.savingAtEqualAccuracy.estimate,
      note: `${ends(gain.savingAtEqualAccuracy, (x) => percent(x, 1))}; against ${model}`,
    },
    {
      label: "Accuracy at equal cost",
      unit: "points",
      value: gain.accuracyAtEqualCost.estimate,
      note: `${ends(gain.accuracyAtEqualCost, pointsText)}; against ${model}`,
    },
    {
      label: "Highest accuracy of the front",
      unit: "percent",
      value: mean.highestAccuracy,
      note: "recorded",
    },
    {
      label: "Best single model",
      unit: "percent",
      value: mean.bestSingle.accuracy,
      note: model,
    },
    {
      label: "Area under the front",
      unit: "percent",
      value: mean.areaUnderFront,
      note: "mean accuracy over budgets up to that model's cost",
    },
  ];
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
      name: "what the predictions promised",
      kind: "promised",
      cost,
      accuracy: pickRounded(front.expectedAccuracy, drawn),
    },
    judged("OptLLM-M, the paper's method", "method", fronts.optllm),
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
        ? [markOf(`chosen: ${shortNameOf(plan.target)}`, plan.realised.cost, plan.realised.accuracy)]
        : [],
    ),
  ];
}

function intervalsOf({
  frontAgainstBestSingle: front,
  frontAboveZeroRouter,
  plans,
  mean,
  repeats,
  resampling,
}: Backtest): IntervalsData {
  const row = (name: string, { estimate, low, high }: Interval): IntervalRow => ({
    name,
    estimate,
    low,
    high,
  });
  const model = cut(mean.bestSingle.model, 40);
  return {
    heading: "How sure is that?",
    text:
      "Each bar is a 95 % interval: a bar that lies right of the line at 0 is a gain beyond what chance would give. " +
      `From ${resampling.replicates.toLocaleString("en")} resamplings of the test queries` +
      `${repeats.length > 1 ? " and of the splits" : ""}; both sides of a comparison answer the same queries. Zero router: mixing single models without looking at the query.`,
    groups: [
      {
        title: "Accuracy gained, in percentage points",
        rows: [
          row(`front against ${model}, at its cost`, front.accuracyAtEqualCost),
          row("front against zero router, mean over all costs", frontAboveZeroRouter),
          ...plans.flatMap(({ target, againstZeroRouter, againstBestSingle }) => [
            row(
              `${nameOf(target)}, against the zero router at the same cost`,
              againstZeroRouter.accuracyAtEqualCost,
            ),
            row(`${nameOf(target)}, against ${model}`, againstBestSingle.accuracy),
          ]),
        ],
      },
      {
        title: "Money saved, % of the other's cost",
        rows: [
          row(`front against ${model}, at its accuracy`, front.savingAtEqualAccuracy),
          ...plans.flatMap(({ target, againstZeroRouter, againstBestSingle }) => [
            row(
              `${nameOf(target)}, against the zero router at the same accuracy`,
              againstZeroRouter.savingAtEqualAccuracy,
            ),
            row(`${nameOf(target)}, against ${model}`, againstBestSingle.saving),
          ]),
        ],
      },
    ],
  };
}

function plansTable({ plans, repeats }: Backtest): TableData {
  return {
    heading: "Promised and kept",
    text:
      `Each plan was chosen on predictions alone; then its queries were looked up. Means over ${repeats.length} ` +
      `${repeats.length === 1 ? "repeat" : "repeats"}; a dash where no allocation promised the target. By rows held out: what ` +
      "the labelled rows make of the promise, each predicted without its own label.",
    columns: [
      { title: "target", unit: "text" },
      { title: "promised: cost", unit: "dollars" },
      { title: "promised: accuracy", unit: "percent" },
      { title: "by rows held out", unit: "percent" },
      { title: "recorded: cost", unit: "dollars" },
      { title: "recorded: accuracy", unit: "percent" },
      { title: "kept", unit: "points" },
    ],
    rows: plans.map(({ target, promised, heldOut, realised }) => [
      nameOf(target),
      promised.cost.mean,
      promised.accuracy.mean,
      heldOut.mean,
      realised.cost.mean,
      realised.accuracy.mean,
      realised.accuracy.mean === null ? null : realised.accuracy.mean - promised.accuracy.mean!,
    ]),
  };
}

function modelsTable({ problem, singles, plans }: JudgedRepeat): TableData {
  const chosen = plans.filter((plan) => plan.status === "chosen");
  const names = shownNames(problem.models);
  return {
    heading: "The models",
    text: "On the test queries of the first repeat. Alone: recorded, if the model answered every query. Share: of the queries, in each plan.",
    columns: [
      { title: "model", unit: "text" },
      { title: "alone: cost", unit: "dollars" },
      { title: "alone: recorded accuracy", unit: "percent" },
      ...chosen.map(({ target }) => ({ title: `share: ${nameOf(target)}`, unit: "percent" as const })),
    ],
    rows: problem.models.map((model, m) => {
      const alone = singles.find((single) => single.model === model);
      return [
        names[m],
        alone?.cost ?? null,
        alone?.accuracy ?? null,
        ...chosen.map(({ shares }) => shares[model]),
      ];
    }),
  };
}

function routersTable({ mean: { metrics, comparators, bestSingle } }: Backtest): TableData {
  const row = (name: string, router: RouterMetrics): Cell[] => [
    name,
    null,
    null,
    ...[
      router.aiq,
      router.aiqRepo,
      router.perfGain,
      router.costSave,
      router.hypervolume,
      router.igdNormalised,
    ].map((figure) => (figure === null ? null : rounded(figure))),
  ];
  const point = (name: string, { cost, accuracy }: { cost: number; accuracy: number }): Cell[] => [
    name,
    cost,
    accuracy,
    ...Array<null>(6).fill(null),
  ];
  return {
    heading: "Beside other ways to route",
    text:
      "Means over the repeats, recorded. AIQ: mean accuracy over costs from the cheapest to the dearest model (the paper's form, and its " +
      "repository's). PerfGain, CostSave: most accuracy gained, most money saved against the best single model. Hypervolume: 1 is the oracle's " +
      "ideal. IGD: distance from the oracle, normalised; lower is better.",
    columns: [
      { title: "router", unit: "text" },
      { title: "cost", unit: "dollars" },
      { title: "accuracy", unit: "percent" },
      { title: "AIQ", unit: "number" },
      { title: "AIQ, repository", unit: "number" },
      { title: "PerfGain", unit: "percent" },
      { title: "CostSave", unit: "percent" },
      { title: "hypervolume", unit: "number" },
      { title: "IGD", unit: "number" },
    ],
    rows: [
      row("the front", metrics.front),
      row("OptLLM-M", metrics.optllm),
      row("zero router, in hindsight", metrics.zeroRouter),
      row("oracle", metrics.oracle),
      point("always the cheapest model", comparators.alwaysCheapest),
      point("always the best model of the sample", comparators.alwaysBest),
      point("any model at random", comparators.randomMix),
      point("best single model, in hindsight", bestSingle),
    ],
  };
}

function repeatsTable({ repeats, mean }: Backtest): TableData {
  const row = (
    name: string,
    model: string,
    { bestSingle, ...figures }: BacktestFigures & { bestSingle: { accuracy: number; cost: number } },
  ): Cell[] => [
    name,
    model,
    bestSingle.cost,
    bestSingle.accuracy,
    figures.savingAtEqualAccuracy,
    figures.highestAccuracy,
    figures.areaUnderFront,
    figures.prediction.logLoss === null ? null : rounded(figures.prediction.logLoss),
  ];
  return {
    heading: "Every repeat",
    text: "Saving: at the best single model's accuracy, against its cost; a dash where the front does not reach it.",
    columns: [
      { title: "repeat", unit: "text" },
      { title: "best single model", unit: "text" },
      { title: "its cost", unit: "dollars" },
      { title: "its accuracy", unit: "percent" },
      { title: "saving", unit: "percent" },
      { title: "highest accuracy", unit: "percent" },
      { title: "area under the front", unit: "percent" },
      { title: "log-loss", unit: "number" },
    ],
    rows: [
      row("mean", "", mean),
      ...repeats.map((repeat) => row(`seed ${repeat.seed}`, cut(repeat.bestSingle.model, 80), repeat)),
    ],
  };
}
