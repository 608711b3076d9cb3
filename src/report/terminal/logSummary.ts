import { count, dollars } from "../../text/amounts.js";
import { table } from "./table.js";
import { oneLine } from "../../text/shown.js";
import type { Dataset } from "../../types.js";

const SHOWN = 20;

/** What a model answered in a log. */
interface LogModel {
  model: string;
  answers: number;
  labelled: number;
  /** Dollars of the answers with a known cost. */
  cost: number;
  priced: number;
}

/** For rows with one model a query: each model's answers and dollars. */
export function perModel(dataset: Dataset): { log?: LogModel[] } {
  const log = logOf(dataset);
  return log === undefined ? {} : { log };
}

/** The same as lines, and what such rows are good for. */
export function logSummary(dataset: Dataset): string[] {
  const log = logOf(dataset);
  if (log === undefined) return [];
  const rows = log
    .slice(0, SHOWN)
    .map(({ model, answers, labelled, cost, priced }) => [
      oneLine(model),
      count(answers),
      count(labelled),
      priced === 0 ? "-" : dollars(cost),
      priced === 0 ? "-" : dollars(cost / priced),
    ]);
  const more = log.length > SHOWN ? [`  … and ${count(log.length - SHOWN)} more models`] : [];
  const head = ["model", "answers", "labelled", "cost", "cost an answer"];
  const lines = table([head, ...rows])
    .trimEnd()
    .split("\n");
  const isLabelled = log.some(({ labelled }) => labelled > 0);
  return [
    "  one model a query:",
    ...lines.map((line) => `    ${line}`),
    ...more,
    isLabelled
      ? "  The scores are labels to fit a predictor to. backtest needs the scores of several models a query."
      : "  Without scores this is traffic: give the file as the work of solve, with labels from elsewhere.",
  ];
}

/** Undefined where some query has the answers of several models, or there is no model. */
function logOf({ ids, models, cost, outcome, tokens }: Dataset): LogModel[] | undefined {
  const width = models.length;
  if (width === 0) return undefined;
  const log = models.map((model) => ({ model, answers: 0, labelled: 0, cost: 0, priced: 0 }));
  for (let q = 0; q < ids.length; q++) {
    let answers = 0;
    for (let m = 0; m < width; m++) {
      const option = q * width + m;
      const isLabelled = !Number.isNaN(outcome[option]);
      const isPriced = Number.isFinite(cost[option]);
      if (!isLabelled && !isPriced && !(tokens && tokens.output[option] >= 0)) continue;
      if (++answers > 1) return undefined;
      const one = log[m];
      one.answers++;
      if (isLabelled) one.labelled++;
      if (!isPriced) continue;
      one.cost += cost[option];
      one.priced++;
    }
  }
  return log.sort((a, b) => b.cost - a.cost);
}
