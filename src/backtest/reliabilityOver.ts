import { eceOf, mergeBins } from "../predict/selection/bins.js";
import {
  meanOfDefined,
  reportOf,
  type ModelReliability,
  type ReliabilityReport,
} from "../predict/selection/reliability.js";

/** How far predictions can be trusted, model by model. */
export interface NamedReliability extends ReliabilityReport {
  perModel: (ModelReliability & { model: string })[];
}

/** With the models' names, in the order of the report. */
export function named(report: ReliabilityReport, models: readonly string[]): NamedReliability {
  return { ...report, perModel: report.perModel.map((one, m) => ({ model: models[m], ...one })) };
}

/**
 * Reliability over all answers of several repeats, whichever predictor gave them: predicted against recorded success.
 * AUROC, which compares answers of one predictor, is the mean of the repeats that have it. Models keep
 * the order of their first appearance.
 */
export function reliabilityOver(repeats: readonly NamedReliability[]): NamedReliability {
  const ofModel = new Map<string, ModelReliability[]>();
  for (const { model, ...one } of repeats.flatMap(({ perModel }) => perModel)) {
    const found = ofModel.get(model);
    if (found === undefined) ofModel.set(model, [one]);
    else found.push(one);
  }
  return reportOf(Array.from(ofModel, ([model, parts]) => ({ model, ...together(parts) })));
}

function together(parts: readonly ModelReliability[]): ModelReliability {
  const labels = parts.reduce((sum, one) => sum + one.labels, 0);
  const mean = (of: (one: ModelReliability) => number): number =>
    parts.reduce((sum, one) => sum + (one.labels === 0 ? 0 : one.labels * of(one)), 0) / labels;
  const bins = mergeBins(parts.map((one) => one.bins));
  return {
    labels,
    brier: mean(({ brier }) => brier),
    logLoss: mean(({ logLoss }) => logLoss),
    ece: eceOf(bins),
    auroc: meanOfDefined(parts.map(({ auroc }) => auroc)),
    bins,
  };
}
