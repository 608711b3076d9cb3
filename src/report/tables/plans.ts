import type { Cell, TableData } from "../data.js";
import type { Backtest, JudgedRepeat } from "../../backtest/backtestTypes.js";
import { shownNames } from "../../text/names.js";
import { amountText, nameOfLimit } from "../limits/amounts.js";
import { nameOf } from "../words.js";

/** The promised and the recorded figures of each plan: means over the repeats. */
export function plansTable({ plans, repeats }: Backtest): TableData {
  return {
    heading: "Promised and recorded",
    text:
      "Each plan was chosen on predictions alone and then compared with the records of its queries. Means over " +
      `${repeats.length} ${repeats.length === 1 ? "repeat" : "repeats"}; a dash where no allocation promised the target. Promised is ` +
      "midway between what is predicted and what labelled rows say when each is predicted without its own label.",
    columns: [
      { title: "target", unit: "text" },
      { title: "promised: cost", unit: "dollars" },
      { title: "predicted: accuracy", unit: "percent" },
      { title: "promised: accuracy", unit: "percent" },
      { title: "recorded: cost", unit: "dollars" },
      { title: "recorded: accuracy", unit: "percent" },
      { title: "promised − recorded", unit: "points" },
    ],
    rows: plans.map(({ target, promised, predicted, realised, overpromised }) => [
      nameOf(target),
      promised.cost.mean,
      predicted.mean,
      promised.accuracy.mean,
      realised.cost.mean,
      realised.accuracy.mean,
      overpromised.mean,
    ]),
  };
}

/** The limits of each plan, by the predictions and by the records. Empty without limits. */
export function judgedLimitsTables({ plans }: Backtest): TableData[] {
  const rows = plans.flatMap(({ target, limits = [] }) =>
    limits.map((limit): Cell[] => [
      nameOf(target),
      nameOfLimit(limit),
      amountText(limit.promised, limit),
      amountText(limit.recorded, limit),
      limit.kept,
      limit.repeats,
    ]),
  );
  if (rows.length === 0) return [];
  return [
    {
      heading: "Limits by the records",
      text:
        "Every plan keeps its limits by the predictions; totals are those of the test queries. Promised and recorded: means " +
        "over the repeats that have a plan. Kept: the share of these in which the records keep the limit as well.",
      columns: [
        { title: "target", unit: "text" },
        { title: "limit", unit: "text" },
        { title: "promised", unit: "text" },
        { title: "recorded", unit: "text" },
        { title: "kept", unit: "percent" },
        { title: "repeats", unit: "count" },
      ],
      rows,
    },
  ];
}

/** The models of one repeat: each alone, and its share in each plan. */
export function sharesTable({ problem, singles, plans }: JudgedRepeat): TableData {
  const chosen = plans.filter((plan) => plan.status === "chosen");
  const names = shownNames(problem.models);
  return {
    heading: "The models",
    text:
      "On the test queries of the first repeat. Alone: as recorded; where records are missing, by those that the best single model has too. Share: of the " +
      "queries, in each plan.",
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
