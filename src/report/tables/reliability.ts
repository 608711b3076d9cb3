import type { TableData } from "../data.js";
import type { NamedReliability } from "../../backtest/reliabilityOver.js";
import type { Reliability } from "../../predict/selection/reliability.js";
import { rounded } from "../rounded.js";
import { shownNames } from "../../text/names.js";

/** Quality of the probabilities, model by model. `rows` names the queries that they are judged on. */
export function reliabilityTable({ perModel, mean }: NamedReliability, rows: string): TableData {
  const names = shownNames(perModel.map(({ model }) => model));
  return {
    heading: "Prediction quality",
    text:
      `Judged on ${rows}. Log-loss, Brier score and calibration error (ECE, 15 bins): lower is better, 0 is perfect. ` +
      "AUROC: the chance that a right answer has a higher predicted probability than a wrong one; 0.5 is chance, 1 is " +
      "perfect.",
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

function row(name: string, { labels, logLoss, brier, ece, auroc }: Reliability): TableData["rows"][number] {
  return [
    name,
    labels,
    ...[logLoss, brier, ece, auroc].map((figure) => (Number.isNaN(figure) ? null : rounded(figure))),
  ];
}
