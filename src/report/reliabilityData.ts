import type { ReliabilityData } from "./data.js";
import type { NamedReliability } from "../backtest/reliabilityOver.js";
import { rounded } from "./rounded.js";
import { shownNames } from "../text/names.js";

/** The reliability diagram. `rows` names the queries that the probabilities are judged on. */
export function reliabilityData({ pooledBins, perModel }: NamedReliability, rows: string): ReliabilityData {
  const names = shownNames(perModel.map(({ model }) => model));
  const groups = [
    { name: "all models together", bins: pooledBins },
    ...perModel.map(({ bins }, m) => ({ name: names[m], bins })),
  ];
  return {
    text:
      `Judged on ${rows}. Answers are grouped into 15 bins by their predicted probability. A dot shows the share of ` +
      "right answers in a bin, its line the 95 % interval, its size the number of answers. On the dashed line the " +
      "predictions are right; below it they are too optimistic.",
    groups: groups.map(({ name, bins }) => ({
      name,
      bins: bins.map(({ labels, predicted, observed }) => ({
        labels,
        predicted: rounded(predicted),
        observed: rounded(observed),
      })),
    })),
  };
}
