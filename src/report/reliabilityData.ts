import type { ReliabilityData, TableData } from "./data.js";
import type { Reliability } from "../predict/selection/reliability.js";
import type { NamedReliability } from "../backtest/reliabilityOver.js";
import { rounded, shownNames } from "./rounded.js";

/** The reliability diagram; `rows` says which answers it is of. */
export function reliabilityData({ pooledBins, perModel }: NamedReliability, rows: string): ReliabilityData {
  const names = shownNames(perModel.map(({ model }) => model));
  const groups = [
    { name: "all models together", bins: pooledBins },
    ...perModel.map(({ bins }, m) => ({ name: names[m], bins })),
  ];
  return {
    text:
      `Of ${rows}: answers are put in 15 bins by their predicted probability; a dot shows how many were right, its ` +
      "line the 95 % interval, its size how many answers the bin holds. On the dashed line predictions are true; " +
      "below it they promise too much.",
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

/** How good the probabilities are, model by model. */
export function reliabilityTable({ perModel, mean }: NamedReliability, rows: string): TableData {
  const names = shownNames(perModel.map(({ model }) => model));
  const row = (name: string, { labels, logLoss, brier, ece, auroc }: Reliability) => [
    name,
    labels,
    ...[logLoss, brier, ece, auroc].map((figure) => (Number.isNaN(figure) ? null : rounded(figure))),
  ];
  return {
    heading: "How good the predictions are",
    text:
      `Of ${rows}. Log-loss, Brier score and calibration error (ECE, 15 bins): lower is better, 0 is perfect. AUROC: ` +
      "the chance that a right answer was called more probable than a wrong one; 0.5 is chance, 1 is perfect.",
    columns: [
      { title: "model", unit: "text" },
      { title: "labels", unit: "count" },
      { title: "log-loss", unit: "number" },
      { title: "Brier score", unit: "number" },
      { title: "ECE", unit: "number" },
      { title: "AUROC", unit: "number" },
    ],
    rows: [row("mean of the models", mean), ...perModel.map((figures, m) => row(names[m], figures))],
  };
}
