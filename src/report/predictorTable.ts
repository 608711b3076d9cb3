import type { TableData } from "./data.js";
import { describe, type Predictor } from "../predict/predictor.js";
import { rounded } from "./rounded.js";

const MOST_ROWS = 60;

/** Everything that was tried to predict with. */
export function predictorTable({ candidates, settings, replicates }: Predictor): TableData {
  const used = new Set(settings);
  const bootstrap = replicates > 0 ? ` ${replicates} bootstrap replicates tell how sure it is.` : "";
  return {
    heading: "What the predictor tried",
    text:
      "Methods and settings, compared by cross-validation inside the labelled sample; best first" +
      `${candidates.length > MOST_ROWS ? `, ${MOST_ROWS} of ${candidates.length}` : ""}. ` +
      "The log-loss is of rows held out: lower is better. Where several are used, their mean predicts." +
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
        used.has(describe(candidate)) ? "yes" : "",
      ]),
  };
}
