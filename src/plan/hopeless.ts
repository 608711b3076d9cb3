import { AllocationSum } from "../solve/exact/total.js";
import type { Target } from "../solve/target.js";
import type { Dataset } from "../types.js";
import { among } from "./predictedCosts.js";
import type { PredictOptions } from "./predictProblem.js";
import { columnHas } from "./rows.js";
import { isSample, type Source } from "./source.js";

/**
 * Whether a budget is certainly below what the cheapest plan costs: every model's costs are recorded, none is predicted.
 * O(rows × models).
 */
export function isBelowCheapest(
  work: Dataset,
  source: Source,
  target: Target,
  { models: asked, predictCost }: PredictOptions,
): boolean {
  const { budget } = target as { budget?: number };
  if (budget === undefined || predictCost === true || !isSample(source)) return false;
  const labelled = source.models.filter((_, m) => columnHas(source, source.outcome, m, Number.isFinite));
  const columns = among(asked, labelled).map((name) => work.models.indexOf(name));
  const isRecorded = (m: number): boolean => m >= 0 && columnHas(work, work.cost, m, Number.isFinite);
  if (columns.length === 0 || !columns.every(isRecorded)) return false;
  const width = work.models.length;
  const cheapest = Float64Array.from(work.ids, (_, q) =>
    columns.reduce((least, m) => Math.min(least, work.cost[q * width + m]), Infinity),
  );
  if (cheapest.includes(Infinity)) return false;
  const sum = new AllocationSum();
  sum.add({ models: 1, cost: cheapest, successProbability: new Float32Array(cheapest.length) }, 0);
  // The next float64 of a sum that rounds is still within it.
  return budget < sum.cost * (1 - 2 ** -40);
}
