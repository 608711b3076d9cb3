import type { Backtest } from "../../backtest/backtestTypes.js";
import type { RouterMetrics } from "../../backtest/routerMetrics.js";
import type { TwoModelFigures } from "../../backtest/twoModelFigures.js";
import { oneLine } from "../../text/shown.js";
import { spread } from "../format.js";
import { brief, dollars, percent, UNKNOWN } from "../../text/amounts.js";
import { intervalsData } from "../intervalsData.js";
import { judgedLimitsTables } from "../tables/plans.js";
import { reliabilityTable } from "../tables/reliability.js";
import { repeatsTable } from "../tables/repeats.js";
import {
  judgedRows,
  missingSentences,
  nameOf,
  ROUTER_FIGURES,
  ROUTERS,
  sizesOf,
  WHAT_IF,
  ZERO_ROUTER,
} from "../words.js";
import { intervalsText, table, tableText, wrap } from "./table.js";

/** A backtest for people, about 100 columns wide: the decision, money, risk, then the detail. */
export function describe(result: Backtest): string {
  return [
    `\n${verdicts(result)}`,
    [`${sizesOf(result)}.`, ...missingSentences(result.dataset)].map(wrap).join(""),
    plans(result) + costErrors(result),
    ...judgedLimitsTables(result).map(tableText),
    alternatives(result),
    ...worlds(result),
    intervalsText(intervalsData(result)),
    tableText(reliabilityTable(result.reliability, judgedRows(result.repeats))) + calibrationOfOne(result),
    routers(result),
    ...twoModels(result),
    tableText(repeatsTable(result)),
  ].join("\n");
}

/** One line: how far predicted costs were off, where they were predicted. */
function costErrors({ costPrediction }: Backtest): string {
  if (costPrediction === undefined) return "";
  const totals = costPrediction.perModel.flatMap(({ totalErrorShare }) => totalErrorShare ?? []);
  return wrap(
    "Costs were predicted for planning. Mean error over the repeats: " +
      `${percent(costPrediction.totalErrorShare)} of the first plan's total, at most ` +
      `${percent(Math.max(0, ...totals))} of a model's total.`,
  );
}

/** Routers with one cost. */
function alternatives({ mean: { comparators, bestSingle } }: Backtest): string {
  const row = (
    name: string,
    { cost, accuracy, routerArena }: { cost: number; accuracy: number; routerArena?: number },
  ): string[] => [name, dollars(cost), percent(accuracy), brief(routerArena ?? null)];
  return table([
    ["without looking at the query, means", "cost", "accuracy", "RouterArena"],
    row(ROUTERS.alwaysCheapest, comparators.alwaysCheapest),
    row(ROUTERS.alwaysBest, comparators.alwaysBest),
    row(ROUTERS.randomMix, comparators.randomMix),
    row(`${ROUTERS.bestSingle}: ${oneLine(bestSingle.model)}`, bestSingle),
  ]);
}

/** Routers with a range of costs. */
function routers({ mean: { metrics } }: Backtest): string {
  const row = (name: string, router: RouterMetrics): string[] => [
    name,
    brief(router.aiq),
    brief(router.aiqRepo),
    percent(router.perfGain),
    percent(router.costSave),
    brief(router.hypervolume),
    brief(router.igd),
    brief(router.igdNormalised),
    brief(router.spread),
  ];
  return (
    table([
      [
        "routers, means",
        "AIQ",
        "repository",
        "PerfGain",
        "CostSave",
        "hypervolume",
        "IGD, $",
        "IGD",
        "spread",
      ],
      row(ROUTERS.front, metrics.front),
      row(ROUTERS.optllm, metrics.optllm),
      row(ROUTERS.zeroRouter, metrics.zeroRouter),
      row(ROUTERS.oracle, metrics.oracle),
    ]) + wrap(`${ROUTER_FIGURES} ${ZERO_ROUTER}`)
  );
}

/** The calibration error above is over all repeats; that of a single repeat is larger, by chance alone. */
function calibrationOfOne({ mean: { prediction } }: Backtest): string {
  return `ECE of a single repeat: ${brief(prediction.ece)} (mean).\n`;
}

function twoModels({ repeats: [{ twoModels: figures, seed }] }: Backtest): string[] {
  if (figures === undefined) return [];
  const row = (name: string, { apgr, cpt20, cpt50, cpt80 }: TwoModelFigures["exact"]): string[] => [
    name,
    brief(apgr),
    ...[cpt20, cpt50, cpt80].map((cost) => percent(cost)),
  ];
  const strong = `two models, strong: ${oneLine(figures.strong)}, seed ${seed}`;
  return [
    table([
      [strong, "APGR", "CPT(20 %)", "CPT(50 %)", "CPT(80 %)"],
      row("all points", figures.exact),
      row("11 points, as RouteLLM", figures.tenSteps),
    ]),
  ];
}

function plans({ plans }: Backtest): string {
  return table([
    [
      "chosen on predictions",
      "cost promised",
      "recorded",
      "accuracy predicted",
      "promised",
      "recorded",
      "too much",
    ],
    ...plans.map(({ target, promised, predicted, realised, overpromised }) => [
      nameOf(target),
      spread(promised.cost, dollars),
      spread(realised.cost, dollars),
      spread(predicted, percent),
      spread(promised.accuracy, percent),
      spread(realised.accuracy, percent),
      spread(overpromised, percent),
    ]),
  ]);
}

/** The figures before and after a change: means over the repeats in which both could be judged. */
function worlds({ repeats, plans }: Backtest): string[] {
  const pairs = repeats.flatMap(({ whatIf }) => (whatIf === undefined ? [] : [whatIf]));
  if (pairs.length === 0) return [];
  const rows = (["before", "after"] as const).flatMap((side) => {
    const volume = mean(pairs.map((pair) => pair[side].hypervolume)).toFixed(6);
    return plans.map(({ target }, p) => {
      const judged = pairs.flatMap((pair) => pair[side].plans[p] ?? []);
      const name = `${nameOf(target)}, ${WHAT_IF[side]}`;
      if (judged.length === 0) return [name, "infeasible", UNKNOWN, UNKNOWN, volume];
      return [
        name,
        dollars(mean(judged.map(({ realised }) => realised.cost))),
        percent(mean(judged.map(({ promised }) => promised.accuracy))),
        percent(mean(judged.map(({ realised }) => realised.accuracy))),
        volume,
      ];
    });
  });
  return [table([["what if, means", "cost", "promised", "recorded", "hypervolume"], ...rows])];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function verdicts({ plans }: Backtest): string {
  return plans.map(({ target, verdict }) => wrap(`${nameOf(target)}: ${oneLine(verdict.sentence)}`)).join("");
}
