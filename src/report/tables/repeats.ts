import type { Cell, TableData } from "../data.js";
import type { Backtest, BacktestFigures } from "../../backtest/backtestTypes.js";
import { rounded } from "../rounded.js";
import { shownName } from "../../text/names.js";
import { SAVING } from "../words.js";

type Row = BacktestFigures & { bestSingle: { accuracy: number; cost: number } };

/** The main figures of each repeat of a backtest, and their means. */
export function repeatsTable({ repeats, mean }: Backtest): TableData {
  return {
    heading: "All repeats",
    text:
      `Costs and accuracies are the recorded ones. ${SAVING} A dash where the front does not reach it; its mean is over the ${mean.savingRepeats} of ${repeats.length} ` +
      `${repeats.length === 1 ? "repeat" : "repeats"} in which it does. Area under ` +
      "front: mean accuracy over budgets from the cost of the cheapest allocation to that of the best single model.",
    columns: [
      { title: "repeat", unit: "text" },
      { title: "best single model", unit: "text" },
      { title: "its cost", unit: "dollars" },
      { title: "its accuracy", unit: "percent" },
      { title: "saving", unit: "percent" },
      { title: "highest accuracy", unit: "percent" },
      { title: "area under front", unit: "percent" },
      { title: "log-loss", unit: "number" },
    ],
    rows: [
      row("mean", "", mean),
      ...repeats.map((repeat) => row(`seed ${repeat.seed}`, shownName(repeat.bestSingle.model), repeat)),
    ],
  };
}

function row(name: string, model: string, { bestSingle, ...figures }: Row): Cell[] {
  const { logLoss } = figures.prediction;
  return [
    name,
    model,
    bestSingle.cost,
    bestSingle.accuracy,
    figures.savingAtEqualAccuracy,
    figures.highestAccuracy,
    figures.areaUnderFront,
    logLoss === null ? null : rounded(logLoss),
  ];
}
