import { sharedCopy } from "../memory.js";
import { isAllowed, matricesOf } from "../solve/problem.js";
import type { Predictor } from "../predict/predictor.js";
import type { Problem } from "../types.js";
import { shownName } from "../text/names.js";

/** How far below the best single model: more than float32 rounds, and less than any difference that matters. */
export const STEP = 1e-4;

/**
 * Lowers in a row the probabilities of models cheaper than `best` together by their lead, until none is above its own, and by
 * `step` more. Their order stays, so the same allocations follow one another on the front; with a step it then goes on to
 * `best` alone, without one it ends where the cheaper models are as good.
 * Returns whether there was such a lead. O(models).
 */
export function lowerRow(
  row: { probability: Float32Array; first: number; models: number; best: number },
  cost: (model: number) => number,
  step: number,
): boolean {
  const { probability, first, models, best } = row;
  const limit = cost(best);
  if (limit === Infinity) return false;
  let lead = 0;
  for (let m = 0; m < models; m++)
    if (cost(m) < limit) lead = Math.max(lead, probability[first + m] - probability[first + best]);
  if (lead === 0) return false;
  for (let m = 0; m < models; m++)
    if (cost(m) < limit) probability[first + m] = Math.max(0, probability[first + m] - lead - step);
  return true;
}

/** A problem in which the best single model is not beaten. */
export interface Kept {
  problem: Problem;
  /** The same, with a front that goes on to the best single model alone. */
  continued: Problem;
  /** How much less accurate than the best single model an allocation that matches it may be: up to where it begins. */
  within: number;
  notes: string[];
}

/**
 * The problem in which no model that is cheaper for a query is more probable than the best single model, where the labels
 * do not show that choosing query by query beats it (`unbeaten`). Otherwise the problem itself. O(queries × models).
 */
export function withUnbeaten(problem: Problem, unbeaten: Predictor["unbeaten"]): Kept {
  const { models } = problem;
  const best = unbeaten === undefined ? -1 : models.indexOf(unbeaten.model);
  const asItIs = { problem, continued: problem, within: 0, notes: [] };
  if (best < 0) return asItIs;
  const continued = lowered(problem, best, STEP);
  if (continued === undefined) return asItIs;
  const { isMatched } = unbeaten!;
  const note =
    `the labels do not show that choosing query by query is more accurate than ${shownName(models[best])} alone: ` +
    "where cheaper models are predicted to be better, they are taken to be no better than it";
  return {
    problem: isMatched ? lowered(problem, best, 0)! : continued,
    continued,
    within: isMatched ? STEP : 0,
    notes: [note],
  };
}

/** The problem with every row lowered; undefined if none has a lead. */
function lowered(problem: Problem, best: number, step: number): Problem | undefined {
  const models = problem.models.length;
  const mayAnswer = isAllowed(matricesOf(problem));
  const probability = sharedCopy(problem.successProbability);
  let isLowered = false;
  for (let q = 0, first = 0; first < probability.length; q++, first += models) {
    const cost = (m: number): number => (mayAnswer(q, m) ? problem.cost[first + m] : Infinity);
    if (lowerRow({ probability, first, models, best }, cost, step)) isLowered = true;
  }
  return isLowered ? { ...problem, successProbability: probability } : undefined;
}
