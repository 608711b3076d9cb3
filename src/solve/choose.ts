import { InputError } from "../errors.js";
import { certify, relaxation, type Choice, type Chosen, type Relaxation } from "./choice.js";
import { findCrossing, stepOut, type Crossing } from "./crossing.js";
import { allocateInput, type Front } from "./front.js";
import type { RunningOptions } from "../pool/running.js";
import { evaluateInput, type Objective } from "./objective.js";
import { exactOptions } from "./exact/options.js";
import { wholeUnits } from "./exact/units.js";
import { matricesOf } from "./problem.js";
import type { Goal } from "./refine/coreSearch.js";
import { isSmall, refine, refineExactly } from "./refine/refine.js";
import { isBestAt } from "./exact/support.js";
import { bestSingle } from "./single.js";
import { checkTarget, type Target } from "./target.js";

/** How an allocation is chosen. */
export interface ChooseOptions extends RunningOptions {
  /** Default true: look for a better allocation between the supported points around the target. */
  refine?: boolean;
  /** For `matchBest`: accuracy, 0 … 1, by which the allocation may be below the best single model's. Default 0. */
  within?: number;
}

/**
 * Picks one allocation from a front. Rounding never causes a budget to be exceeded or an accuracy to be missed; the
 * answer does not depend on the front's resolution. O(queries × models); a streamed problem is read two or three times.
 */
export async function choose(front: Front, target: Target, options: ChooseOptions = {}): Promise<Choice> {
  checkTarget(target);
  // A key whose value is undefined is as if it were not there.
  const { budget, accuracy, knee } = target as { budget?: number; accuracy?: number; knee?: true };
  if (budget !== undefined) return withinBudget(front, budget, options);
  if (accuracy !== undefined) return reaching(front, accuracy, options);
  return knee !== undefined ? atKnee(front, options) : matchingBest(front, options);
}

async function withinBudget(front: Front, asked: number, options: ChooseOptions): Promise<Choice> {
  const budget = wholeUnits(asked, front.unitsPerDollar);
  const isInside = ({ totalCost }: Objective): boolean => totalCost <= budget;
  const crossing = await findCrossing(front, isInside, options);
  if (crossing === undefined) {
    return {
      status: "infeasible",
      closest: await evaluateInput(front, await allocateInput(front.problem, Infinity, options)),
    };
  }
  const { lambda, objective } = crossing;
  const isBetter = (at: Objective): boolean =>
    isInside(at) && at.expectedAccuracy >= objective.expectedAccuracy;
  const line = relaxation(crossing, front);
  const found = await improve(front, crossing, { budget }, options, isBetter);
  return certify(front, { ...found, lambda }, line, { budget });
}

async function reaching(front: Front, accuracy: number, options: ChooseOptions): Promise<Choice> {
  const crossing = await findCrossing(front, (at) => at.expectedAccuracy < accuracy, options);
  if (crossing === undefined) return atLambda(front, Infinity, options);
  const out = stepOut(crossing);
  if (out === undefined) return { status: "infeasible", closest: crossing.objective };
  const supported = crossing.allocation.slice();
  supported[out.query] = out.to;
  const reached = await evaluateInput(front, supported, options.signal);
  const isBetter = (at: Objective): boolean =>
    at.expectedAccuracy >= accuracy && at.totalCost <= reached.totalCost;
  const line = relaxation(crossing, front);
  const refined = await improve(front, crossing, { accuracy }, options, isBetter);
  const found =
    refined.objective === crossing.objective
      ? { allocation: supported, objective: reached, isOptimal: false }
      : refined;
  return certify(front, { ...found, lambda: out.efficiency }, line, { accuracy });
}

/** The crossing's allocation, refined if a re-evaluation confirms that the change is better. */
async function improve(
  front: Front,
  crossing: Crossing,
  target: { budget: number } | { accuracy: number },
  { refine: isWanted = true, signal }: ChooseOptions,
  isBetter: (objective: Objective) => boolean,
): Promise<{ allocation: Uint8Array; objective: Objective; isOptimal: boolean }> {
  const { allocation, objective } = crossing;
  const asItIs = { allocation, objective, isOptimal: false };
  if (!isWanted) return asItIs;
  const exact = await improveExactly(front, crossing, target, isBetter, signal);
  if (exact !== undefined) return exact;
  const goal =
    "budget" in target
      ? { spend: target.budget - objective.totalCost }
      : { gain: (target.accuracy - objective.expectedAccuracy) * front.weight };
  // Refine first with a goal that is slightly too easy, so that rounding excludes nothing. In the rare case that its best
  // solution does not pass the re-evaluation, try the exact goal, and then one that is slightly too hard.
  for (const hair of [ROUNDING, LEAST_ROUNDING, 0, -LEAST_ROUNDING, -ROUNDING]) {
    const { changes, isOptimal } = refine(front, crossing, ease(goal, hair, front, objective));
    if (changes.length === 0) return { ...asItIs, isOptimal };
    const changed = allocation.slice();
    for (const { query, to } of changes) changed[query] = to;
    const next = await evaluateInput(front, changed, signal);
    if (isBetter(next)) return { allocation: changed, objective: next, isOptimal };
  }
  return asItIs;
}

/** `improve` in exact arithmetic; undefined for a problem that is too large for it or has no exact units. */
async function improveExactly(
  front: Front,
  crossing: Crossing,
  target: { budget: number } | { accuracy: number },
  isBetter: (objective: Objective) => boolean,
  signal: AbortSignal | undefined,
) {
  const { problem, queries, weight } = front;
  const options = isSmall(problem, queries) ? exactOptions(matricesOf(problem)) : undefined;
  if (options === undefined || ("accuracy" in target && !options.hasExactTotals)) return undefined;
  const { changes, isOptimal } = refineExactly(front, crossing, options, { ...target, weight });
  const { allocation, objective } = crossing;
  if (changes.length === 0) return { allocation, objective, isOptimal };
  const changed = allocation.slice();
  for (const { query, to } of changes) changed[query] = to;
  const next = await evaluateInput(front, changed, signal);
  return isBetter(next) ? { allocation: changed, objective: next, isOptimal } : undefined;
}

/** Relative: above the rounding error of sums, below any difference that matters. */
const ROUNDING = 1e-13;
/** Relative: the rounding of a few sums. */
const LEAST_ROUNDING = 2 ** -51;

function ease(goal: Goal, hair: number, { weight }: Front, { totalCost }: Objective): Goal {
  return "spend" in goal ? { spend: goal.spend + hair * totalCost } : { gain: goal.gain - hair * weight };
}

async function atKnee(front: Front, options: ChooseOptions): Promise<Choice> {
  const { totalCost, expectedAccuracy, weight } = front;
  const last = totalCost.length - 1;
  if (last === 0) return atLambda(front, Infinity, options);
  // The front is concave: it is farthest above its chord where its slope falls to the chord's. Rounded to
  // float32, so that the sums' last bits, which differ between resolutions, do not matter.
  const slope = (expectedAccuracy[last] - expectedAccuracy[0]) / (totalCost[last] - totalCost[0]);
  return atLambda(front, Math.fround(slope * weight), options);
}

async function matchingBest(front: Front, options: ChooseOptions): Promise<Choice> {
  const single = await bestSingle(front.problem, options.signal);
  if (single === undefined) {
    throw new InputError(
      "no single model may answer every query or nearly every one, so no accuracy can be matched",
      {
        field: "matchBest",
      },
    );
  }
  const { model, objective } = single;
  const accuracy = objective.expectedAccuracy - (options.within ?? 0);
  const choice = await reaching(front, accuracy, options);
  if (objective.answered !== undefined) {
    // A model that must not answer a few queries may be more accurate than any allocation of all of them.
    return choice.status === "infeasible" ? atLambda(front, 0, options) : choice;
  }
  // The model itself reaches its own accuracy; without refinement it may be cheaper than the supported point.
  if (choice.status === "infeasible" || choice.totalCost <= objective.totalCost) return choice;
  const allocation = new Uint8Array(front.queries).fill(model);
  const line = { accuracyAt: () => choice.bound, costAt: () => choice.costBound };
  const { lambda } = choice;
  return certify(front, { allocation, objective, lambda, isOptimal: false }, line, { accuracy });
}

/** Bounds of an allocation that is the best at its price but for rounding. */
function nearly({ totalCost, expectedAccuracy }: Objective): Relaxation {
  return {
    accuracyAt: () => expectedAccuracy * (1 + ROUNDING),
    costAt: () => totalCost * (1 - ROUNDING),
  };
}

/** The allocation at a price: the optimum for its own cost, so its bound is itself. */
async function atLambda(front: Front, lambda: number, options: ChooseOptions): Promise<Chosen> {
  const allocation = await allocateInput(front.problem, lambda, options);
  const objective = await evaluateInput(front, allocation, options.signal);
  const isOptimal = await isBestAt(front, allocation, lambda, options.signal);
  return certify(front, { allocation, objective, lambda, isOptimal }, nearly(objective), {});
}
