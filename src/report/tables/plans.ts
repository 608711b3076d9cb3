import type { TableData } from "../data.js";
import type { Backtest, JudgedRepeat } from "../../backtest/backtestTypes.js";
import { shownNames } from "../../text/names.js";
import { nameOf } from "../words.js";

/** The promised and the recorded figures of each plan: means over the repeats. */
export function plansTable({ plans, repeats }: Backtest): TableData {
  return {
    heading: "Promised and recorded",
    text:
      "Each plan was chosen on predictions alone and then compared with the records of its queries. Means over " +
      `${repeats.length} ${repeats.length === 1 ? "repeat" : "repeats"}; a dash where no allocation promised the target. Held out: ` +
      "the accuracy to expect by the labelled rows, each predicted without its own label.",
    columns: [
      { title: "target", unit: "text" },
      { title: "promised: cost", unit: "dollars" },
      { title: "promised: accuracy", unit: "percent" },
      { title: "held out", unit: "percent" },
      { title: "recorded: cost", unit: "dollars" },
      { title: "recorded: accuracy", unit: "percent" },
      { title: "recorded − promised", unit: "points" },
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
