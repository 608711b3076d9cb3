import type { TableData } from "../data.js";
import { describe, type Predictor } from "../../predict/predictor.js";
import { rounded } from "../rounded.js";

const MOST_ROWS = 60;

/** Every method and setting that was tried, the best first. */
export function predictorTable({ candidates, settings, replicates }: Predictor): TableData {
  // A setting in a mean of several has its weight at the end.
  const isUsed = (name: string): boolean =>
    settings.some((setting) => setting === name || setting.startsWith(`${name}, weight `));
  const shown = candidates.length > MOST_ROWS ? `, ${MOST_ROWS} of ${candidates.length}` : "";
  const bootstrap =
    replicates > 0 ? ` ${replicates} bootstrap replicates measure how uncertain the predictions are.` : "";
  return {
    heading: "Methods and settings tried",
    text:
      `Methods and settings, compared by cross-validation within the labelled sample; best first${shown}. ` +
      "The log-loss is on held-out rows: lower is better. Where several are used, the prediction is their mean." +
      bootstrap,
    columns: [
      { title: "method", unit: "text" },
      { title: "log-loss, held out", unit: "number" },
      { title: "used", unit: "text" },
    ],
    rows: candidates
      .slice(0, MOST_ROWS)
      .map((candidate) => [
        describe(candidate),
        Number.isFinite(candidate.logLoss) ? rounded(candidate.logLoss) : null,
        isUsed(describe(candidate)) ? "yes" : "no",
      ]),
  };
}
