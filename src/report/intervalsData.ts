import type { IntervalRow, IntervalsData } from "./data.js";
import type { Backtest, PlanSummary } from "../backtest/backtestTypes.js";
import type { Interval } from "../backtest/figures/interval.js";
import { count } from "../text/amounts.js";
import { cutMiddle } from "../text/names.js";
import { nameOf, ZERO_ROUTER } from "./words.js";

/** The gains of a backtest with their intervals. */
export function intervalsData(result: Backtest): IntervalsData {
  const { frontAgainstBestSingle: front, frontAboveZeroRouter, plans, repeats, resampling } = result;
  const model = cutMiddle(result.mean.bestSingle.model, 40);
  const splits = repeats.length > 1 ? " and of the splits" : "";
  return {
    heading: "Confidence intervals",
    text:
      "Each gain has a 95 % interval. An interval that lies wholly above 0 is a gain beyond chance. " +
      `From ${count(resampling.replicates)} resamplings of the test queries${splits}; both sides of a comparison answer ` +
      `the same queries. ${ZERO_ROUTER}`,
    groups: [
      {
        title: "Accuracy gained, in percentage points",
        rows: [
          rowOf(`front against ${model}, at its cost`, front.accuracyAtEqualCost),
          rowOf("front against zero router, mean over all costs", frontAboveZeroRouter),
          ...plans.flatMap((plan) => accuracyRows(plan, model)),
        ],
      },
      {
        title: "Money saved, % of the other's cost",
        rows: [
          rowOf(`front against ${model}, at its accuracy`, front.savingAtEqualAccuracy),
          ...plans.flatMap((plan) => savingRows(plan, model)),
        ],
      },
    ],
  };
}

function accuracyRows({ target, againstZeroRouter, againstBestSingle }: PlanSummary, model: string) {
  const name = nameOf(target);
  return [
    rowOf(`${name}, against the zero router at the same cost`, againstZeroRouter.accuracyAtEqualCost),
    rowOf(`${name}, against ${model}`, againstBestSingle.accuracy),
  ];
}

function savingRows({ target, againstZeroRouter, againstBestSingle }: PlanSummary, model: string) {
  const name = nameOf(target);
  return [
    rowOf(`${name}, against the zero router at the same accuracy`, againstZeroRouter.savingAtEqualAccuracy),
    rowOf(`${name}, against ${model}`, againstBestSingle.saving),
  ];
}

function rowOf(name: string, { estimate, low, high }: Interval): IntervalRow {
  return { name, estimate, low, high };
}
