import type { Cell, Curve, Figure, Mark, ReportData, TableData, Unit } from "../src/report/data.js";
import {
  METHOD_TITLES,
  type CompareRepeat,
  type Comparison,
  type Method,
  type MethodFigures,
  type MethodResult,
  type RankedFigure,
} from "./compare.js";
import type { MeanDeviation } from "../src/backtest/means.js";
import { brief, count, percent } from "../src/text/amounts.js";
import { kneeOf, markOf, zeroRouterCurve } from "../src/report/frontData.js";
import { originOf, type Origin } from "../src/report/origin.js";
import { rounded } from "../src/report/rounded.js";
import { cut } from "../src/text/names.js";
import { missingSentences, SAVING } from "../src/report/words.js";

/** The report of a comparison: tables over all repeats, the chart of the first. */
export function compareReport(comparison: Comparison, origin: Origin): ReportData {
  const { dataset, repeats, settings } = comparison;
  const [first] = repeats;
  const exact = first.methods.find(({ method }) => method === "exact")!;
  const knee = kneeOf(
    exact.front.map(({ cost }) => cost),
    exact.front.map(({ expectedAccuracy }) => expectedAccuracy),
  );
  return {
    title: `Comparison on ${count(dataset.queries)} recorded queries and ${dataset.models} models`,
    summary: summaryOf(comparison),
    figures: figuresOf(comparison),
    front: {
      accuracyTitle: "recorded accuracy",
      text:
        `The ${count(first.testQueries)} test queries of seed ${first.seed}, by their records; every method saw ` +
        "predictions alone. Each dot is an allocation that a method found. At most 200 points of a method are drawn.",
      curves: curvesOf(first),
      marks: marksOf(first),
      explorer: {
        cost: exact.front.map(({ cost }) => rounded(cost)),
        expectedAccuracy: exact.front.map(({ expectedAccuracy }) => rounded(expectedAccuracy)),
        recordedAccuracy: exact.front.map(({ realisedAccuracy }) => rounded(realisedAccuracy)),
        weight: first.testQueries,
        start: rounded(exact.front[knee].cost),
      },
    },
    tables: [
      accuracyTable(comparison),
      indicatorTable(comparison),
      ranksTable(comparison),
      singlesTable(comparison),
    ],
    notes: missingSentences(dataset),
    origin: originOf(origin, [
      ["seeds", repeats.map(({ seed }) => seed).join(", ")],
      ["fitted on", `${first.trainQueries} + ${first.validationQueries} rows in each repeat`],
      ["population", String(settings.population)],
      ["generations", String(settings.generations)],
      [
        "first population",
        settings.asPublished ? "random" : "random, with the cheapest and the most accurate allocation",
      ],
    ]),
  };
}

function isBaseline({ method }: { method: Method }): boolean {
  return method !== "exact" && method !== "optllm";
}

function summaryOf({ standings, repeats, settings, summary }: Comparison): string[] {
  const many = `${repeats.length} ${repeats.length === 1 ? "repeat" : "repeats"}`;
  if (settings.baselines.length === 0) return [`Our front beside the paper's method, over ${many}.`];
  const ahead = (figure: RankedFigure): number => standings.exact[figure].ahead;
  const best = Math.max(
    ...summary.filter(isBaseline).map(({ figures }) => figures.hypervolume.mean ?? -Infinity),
  );
  const own = summary.find(({ method }) => method === "exact")!.figures.hypervolume.mean;
  return [
    `Over ${many}, our front is ahead of all ${settings.baselines.length} baselines by hypervolume in ${ahead("hypervolume")}, ` +
      `by highest accuracy in ${ahead("highestAccuracy")}, by distance from the true front (IGD) in ${ahead("igd")}.`,
    `Mean hypervolume: ${brief(own)}, the best baseline ${brief(best)}; 1 is the ideal.`,
    "Costs and accuracies are the recorded ones. Times are wall-clock times and change from run to run; all else repeats exactly.",
  ];
}

function figuresOf({ summary }: Comparison): Figure[] {
  const own = summary.find(({ method }) => method === "exact")!.figures;
  const best = (key: keyof MethodFigures): { value: number | null; note: string } => {
    const others = summary.filter(isBaseline).filter(({ figures }) => figures[key].mean !== null);
    if (others.length === 0) return { value: own[key].mean, note: "mean over the repeats" };
    const leader = others.reduce((a, b) => (b.figures[key].mean! > a.figures[key].mean! ? b : a));
    const value = leader.figures[key].mean!;
    return {
      value: own[key].mean,
      note: `best baseline: ${key === "hypervolume" ? brief(value) : percent(value)}, ${METHOD_TITLES[leader.method]}`,
    };
  };
  return [
    { label: "Our highest accuracy", unit: "percent", ...best("highestAccuracy") },
    { label: "Our saving at equal accuracy", unit: "percent", ...best("savingAtEqualAccuracy") },
    { label: "Our hypervolume", unit: "number", ...best("hypervolume") },
  ];
}

function curvesOf({ methods, singles }: CompareRepeat): Curve[] {
  const curve = (
    { method, front }: MethodResult,
    name: string,
    more: Pick<Curve, "kind" | "colour">,
  ): Curve => ({
    name,
    ...more,
    cost: front.map(({ cost }) => rounded(cost)),
    accuracy: front.map((point) =>
      rounded(
        method === "exact" && more.kind === "promised" ? point.expectedAccuracy : point.realisedAccuracy,
      ),
    ),
  });
  const of = (method: Method): MethodResult => methods.find((result) => result.method === method)!;
  const zero = zeroRouterCurve(
    singles.map((one) => ({ ...markOf(one.model, one.cost, one.accuracy), kind: "single" })),
  );
  return [
    curve(of("exact"), "our front, recorded", { kind: "front" }),
    curve(of("exact"), "promised by the predictions", { kind: "promised" }),
    curve(of("optllm"), METHOD_TITLES.optllm, { kind: "method" }),
    ...(zero === undefined ? [] : [zero]),
    ...methods
      .filter(isBaseline)
      .map((result, k) => curve(result, METHOD_TITLES[result.method], { kind: "method", colour: k })),
  ];
}

function marksOf({ singles }: CompareRepeat): Mark[] {
  return singles.map(({ model, cost, accuracy }) => ({ ...markOf(model, cost, accuracy), kind: "single" }));
}

/** A table of mean figures, with their deviations where there are several repeats. */
function figureTable(
  { summary, repeats }: Comparison,
  heading: string,
  text: string,
  figures: [title: string, key: keyof MethodFigures, unit: Unit][],
): TableData {
  const hasDeviation = repeats.length > 1;
  const cells = ({ mean, deviation }: MeanDeviation): Cell[] =>
    [mean, ...(hasDeviation ? [deviation] : [])].map((x) => (x === null ? null : rounded(x)));
  return {
    heading,
    text: `${text} Means over ${repeats.length} ${hasDeviation ? "repeats, ± sample standard deviation" : "repeat"}.`,
    columns: [
      { title: "method", unit: "text" },
      ...figures.flatMap(([title, , unit]) => [
        { title, unit },
        ...(hasDeviation ? [{ title: "±", unit }] : []),
      ]),
    ],
    rows: summary.map((one) => [
      METHOD_TITLES[one.method],
      ...figures.flatMap(([, key]) => cells(one.figures[key])),
    ]),
  };
}

function accuracyTable(comparison: Comparison): TableData {
  return figureTable(
    comparison,
    "Accuracy and cost",
    `Cost in OptLLM-M, cost in our front: the least cost at which that front is as accurate as the method's best; a dash where it never is. ${SAVING}`,
    [
      ["highest accuracy", "highestAccuracy", "percent"],
      ["at a cost of", "highestAccuracyCost", "dollars"],
      ["cost in OptLLM-M", "optllmCost", "dollars"],
      ["cost in our front", "exactCost", "dollars"],
      ["saving", "savingAtEqualAccuracy", "percent"],
    ],
  );
}

function indicatorTable(comparison: Comparison): TableData {
  return figureTable(
    comparison,
    "Quality of the fronts",
    "IGD: mean distance from the true front, in dollars (raw) and normalised; lower is better. Spread Δ: 0 is even and " +
      "complete. Hypervolume: 1 is the ideal. Time: the optimisation alone, in milliseconds.",
    [
      ["points", "points", "count"],
      ["IGD, raw", "igdRaw", "number"],
      ["IGD", "igd", "number"],
      ["spread Δ", "spread", "number"],
      ["hypervolume", "hypervolume", "number"],
      ["time, ms", "timeMs", "number"],
    ],
  );
}

function ranksTable({ summary, ranks }: Comparison): TableData {
  const keys: [RankedFigure, string][] = [
    ["highestAccuracy", "highest accuracy"],
    ["igd", "IGD"],
    ["hypervolume", "hypervolume"],
  ];
  const row = (name: string, of: (key: RankedFigure) => number | null): Cell[] => [
    name,
    ...keys.map(([key]) => {
      const value = of(key);
      return value === null || !Number.isFinite(value) ? null : rounded(value);
    }),
  ];
  return {
    heading: "Ranks",
    text: "Average rank over the repeats, 1 is best. Two methods differ at the 5 % level where their ranks differ by more than the critical difference (Nemenyi); a p value is the chance of such ranks if all methods were equal.",
    columns: [
      { title: "method", unit: "text" },
      ...keys.map(([, title]) => ({ title, unit: "number" as const })),
    ],
    rows: [
      ...summary.map(({ method }, k) => row(METHOD_TITLES[method], (key) => ranks[key].averageRanks[k])),
      row("Friedman, p", (key) => ranks[key].chiSquareP),
      row("Iman and Davenport, p", (key) => ranks[key].fP),
      row("critical difference, 5 %", (key) => ranks[key].criticalDifference),
    ],
  };
}

function singlesTable({ repeats: [{ singles, seed }] }: Comparison): TableData {
  return {
    heading: "The single models",
    text: `Recorded on the test queries of seed ${seed}, if the model answered every query.`,
    columns: [
      { title: "model", unit: "text" },
      { title: "cost", unit: "dollars" },
      { title: "accuracy", unit: "percent" },
    ],
    rows: singles.map(({ model, cost, accuracy }) => [cut(model, 80), rounded(cost), rounded(accuracy)]),
  };
}
