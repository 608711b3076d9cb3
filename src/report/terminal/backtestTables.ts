import type { Backtest, BacktestFigures } from "../../backtest/backtestTypes.js";
import type { Interval } from "../../backtest/figures/interval.js";
import type { Reliability } from "../../predict/selection/reliability.js";
import type { RouterMetrics } from "../../backtest/routerMetrics.js";
import type { Target } from "../../solve/target.js";
import {
  brief,
  count,
  dollars,
  fixed,
  nameOf,
  percent,
  plain,
  sizesOf,
  spread,
  table,
  wrap,
} from "./text.js";

/** A backtest for people: at most about 100 columns. */
export function describe(result: Backtest): string {
  return [
    figures(result) + costErrors(result),
    alternatives(result),
    routers(result),
    reliabilities(result),
    ...twoModels(result),
    plans(result),
    ...besides(result),
    evidence(result),
    verdicts(result),
  ].join("\n");
}

function figures(result: Backtest): string {
  const { repeats, mean } = result;
  const row = (
    name: string,
    model: string,
    figures: BacktestFigures & { bestSingle: { accuracy: number; cost: number } },
  ): string[] => [
    name,
    model,
    percent(figures.bestSingle.accuracy),
    dollars(figures.bestSingle.cost),
    percent(figures.savingAtEqualAccuracy),
    percent(figures.highestAccuracy),
    percent(figures.areaUnderFront),
    figures.prediction.logLoss?.toFixed(4) ?? "-",
  ];
  return (
    `\n${sizesOf(result)}\n\n` +
    table([
      [
        "",
        "best single model",
        "accuracy",
        "cost",
        "saving at equal accuracy",
        "highest accuracy",
        "area",
        "log-loss",
      ],
      ...repeats.map((repeat) => row(`seed ${repeat.seed}`, plain(repeat.bestSingle.model), repeat)),
      row("mean", "", mean),
    ]) +
    "\nCosts and accuracies are recorded ones. Saving: against the best single model, at its accuracy." +
    "\nArea: mean accuracy over budgets from the cheapest allocation's cost to the best single model's.\n"
  );
}

/** One line: how far predicted costs were off, where they were predicted. */
function costErrors({ costPrediction }: Backtest): string {
  if (costPrediction === undefined) return "";
  const totals = costPrediction.perModel.flatMap(({ totalErrorShare }) => totalErrorShare ?? []);
  return (
    `Costs were predicted for planning: the first plan's total was off by ` +
    `${percent(costPrediction.totalErrorShare)}, the models' by at most ${percent(Math.max(0, ...totals))} (mean of repeats).\n`
  );
}

function alternatives({ mean: { comparators, bestSingle } }: Backtest): string {
  const row = (
    name: string,
    { cost, accuracy }: { cost: number; accuracy: number },
    arena: string,
  ): string[] => [name, dollars(cost), percent(accuracy), arena];
  const { alwaysCheapest, alwaysBest, randomMix } = comparators;
  return table([
    ["without looking at the query, means", "cost", "accuracy", "RouterArena"],
    row("always the model cheapest on the sample", alwaysCheapest, alwaysCheapest.routerArena.toFixed(4)),
    row("always the model best on the sample", alwaysBest, alwaysBest.routerArena.toFixed(4)),
    row("any model at random", randomMix, randomMix.routerArena.toFixed(4)),
    row(`best single in hindsight, ${plain(bestSingle.model)}`, bestSingle, "-"),
  ]);
}

function routers({ mean: { metrics } }: Backtest): string {
  const row = (name: string, router: RouterMetrics): string[] => [
    name,
    router.aiq.toFixed(4),
    router.aiqRepo?.toFixed(4) ?? "-",
    percent(router.perfGain),
    percent(router.costSave),
    router.hypervolume.toFixed(4),
    brief(router.igd),
    brief(router.igdNormalised),
    router.spread.toFixed(3),
  ];
  return (
    table([
      [
        "routers, means",
        "AIQ",
        "AIQ repo",
        "PerfGain",
        "CostSave",
        "hypervolume",
        "IGD",
        "IGD norm.",
        "spread",
      ],
      row("front", metrics.front),
      row("OptLLM-M", metrics.optllm),
      row("zero router", metrics.zeroRouter),
      row("oracle", metrics.oracle),
    ]) + "Zero router: mixing single models without looking at the query, in hindsight about which.\n"
  );
}

/** Over all repeats, as the report's; calibration errors of single repeats are larger, by chance alone. */
function reliabilities({ reliability: { mean, perModel }, mean: { prediction } }: Backtest): string {
  const figure = (x: number): string => (Number.isNaN(x) ? "-" : x.toFixed(4));
  const row = (name: string, { labels, logLoss, brier, ece, auroc }: Reliability): string[] => [
    name,
    count(labels),
    ...[logLoss, brier, ece, auroc].map(figure),
  ];
  return (
    table([
      ["predictions, all repeats", "labels", "log-loss", "Brier score", "ECE", "AUROC"],
      ...perModel.map((one) => row(plain(one.model), one)),
      row("mean of the models", mean),
    ]) + `ECE: calibration error, 15 bins; in single repeats ${prediction.ece?.toFixed(4) ?? "-"}, mean.\n`
  );
}

function twoModels({ repeats: [{ twoModels: figures, seed }] }: Backtest): string[] {
  if (figures === undefined) return [];
  const row = (name: string, of: typeof figures.exact): string[] => [
    name,
    of.apgr?.toFixed(4) ?? "-",
    ...[of.cpt20, of.cpt50, of.cpt80].map(percent),
  ];
  return [
    table([
      [
        `two models, strong: ${plain(figures.strong)}, seed ${seed}`,
        "APGR",
        "CPT(20 %)",
        "CPT(50 %)",
        "CPT(80 %)",
      ],
      row("all points", figures.exact),
      row("11 points, as RouteLLM", figures.tenSteps),
    ]),
  ];
}

function plans({ plans }: Backtest): string {
  return table([
    ["chosen on predictions", "promised: cost", "accuracy", "held out", "realised: cost", "accuracy"],
    ...plans.map(({ target, promised, heldOut, realised }) => [
      nameOf(target),
      spread(promised.cost, dollars),
      spread(promised.accuracy, percent),
      spread(heldOut, percent),
      spread(realised.cost, dollars),
      spread(realised.accuracy, percent),
    ]),
  ]);
}

/** The unchanged world beside the changed one: means over the repeats in which both could be judged. */
function besides({ repeats, plans }: Backtest): string[] {
  const worlds = repeats.flatMap(({ whatIf }) => (whatIf === undefined ? [] : [whatIf]));
  if (worlds.length === 0) return [];
  const rows = (["before", "after"] as const).flatMap((side) => {
    const mean = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    const volume = mean(worlds.map((world) => world[side].hypervolume)).toFixed(6);
    return plans.map(({ target }, p) => {
      const judged = worlds.flatMap((world) => world[side].plans[p] ?? []);
      const name = `${side === "before" ? "as it is" : "changed"}, ${nameOf(target)}`;
      if (judged.length === 0) return [name, "infeasible", "-", "-", volume];
      return [
        name,
        dollars(mean(judged.map(({ realised }) => realised.cost))),
        percent(mean(judged.map(({ promised }) => promised.accuracy))),
        percent(mean(judged.map(({ realised }) => realised.accuracy))),
        volume,
      ];
    });
  });
  return [table([["what if, means", "cost", "promised", "realised", "hypervolume"], ...rows])];
}

function evidence(result: Backtest): string {
  const { frontAgainstBestSingle: front, frontAboveZeroRouter, plans, resampling } = result;
  const model = plain(result.mean.bestSingle.model);
  return (
    table([
      ["95 % intervals", "accuracy gained, points", "money saved, %"],
      [
        `front / ${model}, each at the other's level`,
        points(front.accuracyAtEqualCost, 2),
        points(front.savingAtEqualAccuracy, 1),
      ],
      ["front / zero router, mean over all costs", points(frontAboveZeroRouter, 2), ""],
      ...plans.flatMap(({ target, againstZeroRouter: zero, againstBestSingle: single }) => [
        [
          `${shortNameOf(target)} / zero router at its level`,
          points(zero.accuracyAtEqualCost, 2),
          points(zero.savingAtEqualAccuracy, 1),
        ],
        [`${shortNameOf(target)} / ${model} as it is`, points(single.accuracy, 2), points(single.saving, 1)],
      ]),
    ]) +
    `At its level: accuracy at equal cost, money at equal accuracy ("-": never reached). ` +
    `${count(resampling.replicates)} resamplings.\n`
  );
}

function verdicts({ plans }: Backtest): string {
  return plans
    .map(({ target, verdict }) => wrap(`${nameOf(target)}: ${plain(verdict.sentence)}`, 100))
    .join("");
}

function shortNameOf(target: Target): string {
  return "matchBest" in target ? "match best" : nameOf(target);
}

/** A gain with its interval, times 100. */
function points({ estimate, low, high }: Interval, digits: number): string {
  const shown = (x: number | null): string => (x === null ? "-" : fixed(100 * x, digits));
  return `${shown(estimate)} (${shown(low)} … ${shown(high)})`;
}
