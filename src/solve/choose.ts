import { InputError } from "../errors.js";
import type { Problem } from "../types.js";
import { findCrossing, stepOut, type Crossing } from "./crossing.js";
import { bracketAll, type Front, type SolveOptions } from "./front.js";
import { evaluate, type Objective } from "./objective.js";
import { isAllowed } from "./problem.js";
import { refine, type Goal } from "./refine.js";

/** What the user asks of the front: exactly one of these. */
export type Target =
  /** Dollars that the total cost must not exceed: the most accurate such allocation. */
  | { budget: number }
  /** Expected accuracy (0 … 1) to reach: the cheapest such allocation. */
  | { accuracy: number }
  /** The point farthest above the straight line from the cheapest to the most accurate allocation. */
  | { knee: true }
  /** Least cost at which the expected accuracy reaches that of the best single model. */
  | { matchBest: true };

/** A chosen allocation; cost and accuracy are evaluated afresh from the matrices. */
export interface Chosen extends Objective {
  status: "chosen";
  /** One model index a query. */
  allocation: Uint8Array;
  /**
   * No allocation within the budget (without a budget: none as cheap as this one) has a higher expected
   * accuracy than this: the value of the linear relaxation.
   */
  bound: number;
  /** bound − expectedAccuracy ≥ 0. */
  gap: number;
  /** No allocation that reaches the target (without one: this expected accuracy) costs less dollars than this. */
  costBound: number;
  /** totalCost − costBound ≥ 0, dollars. */
  costGap: number;
  /** Proven: no allocation meets the target better. */
  optimal: boolean;
  /** The price of accuracy here: efficiency of the last increment taken, probability per dollar; ∞ for none. */
  lambda: number;
  /** Share of the queries, by model, of every model of the problem. */
  shares: Record<string, number>;
}

export interface ChooseOptions extends Pick<SolveOptions, "pool" | "signal" | "onProgress"> {
  /** Default true: look for a better allocation between the supported points around the target. */
  refine?: boolean;
}

/** Nothing on the front meets the target: a result, not an error. */
export interface Infeasible {
  status: "infeasible";
  /** The allocation that comes nearest: the cheapest for a budget, the most accurate for an accuracy. */
  closest: Objective;
}

export type Choice = Chosen | Infeasible;

/**
 * Picks one allocation from a front. A budget is never exceeded and an accuracy never missed, by any rounding;
 * the answer does not depend on the front's resolution. O(queries × models).
 */
export async function choose(front: Front, target: Target, options: ChooseOptions = {}): Promise<Choice> {
  const [kind, value] = readTarget(target);
  switch (kind) {
    case "budget":
      return withinBudget(front, value as number, options);
    case "accuracy":
      return reaching(front, value as number, options);
    case "knee":
      return atKnee(front, options);
    case "matchBest":
      return matchingBest(front, options);
  }
}

const KINDS = ["budget", "accuracy", "knee", "matchBest"] as const;

function readTarget(target: Target): [(typeof KINDS)[number], unknown] {
  const given = KINDS.filter((kind) => (target as Record<string, unknown>)[kind] !== undefined);
  if (given.length !== 1) {
    throw new InputError(`${given.length} targets given; expected one of ${KINDS.join(", ")}`, {
      field: "target",
    });
  }
  const [kind] = given;
  const value = (target as Record<string, unknown>)[kind];
  // A number that nothing can meet is infeasible, not wrong.
  if ((kind === "budget" || kind === "accuracy") && (typeof value !== "number" || Number.isNaN(value))) {
    throw new InputError(`${kind} is ${String(value)}; expected a number`, { field: kind });
  }
  if ((kind === "knee" || kind === "matchBest") && value !== true) {
    throw new InputError(`${kind} is ${String(value)}; expected true`, { field: kind });
  }
  return [kind, value];
}

async function withinBudget(front: Front, budget: number, options: ChooseOptions): Promise<Choice> {
  const isInside = ({ totalCost }: Objective): boolean => totalCost <= budget;
  const crossing = await findCrossing(front, isInside, options);
  if (crossing === undefined) {
    return {
      status: "infeasible",
      closest: evaluate(front.problem, await atPrice(front, Infinity, options)),
    };
  }
  const line = relaxation(crossing, front);
  const { lambda, objective } = crossing;
  const goal = { spend: budget - objective.totalCost };
  const found = improve(
    front,
    crossing,
    goal,
    options,
    (at) => isInside(at) && at.expectedAccuracy >= objective.expectedAccuracy,
  );
  return certify(front, { ...found, lambda }, line, { budget });
}

async function reaching(front: Front, accuracy: number, options: ChooseOptions): Promise<Choice> {
  const crossing = await findCrossing(front, (at) => at.expectedAccuracy < accuracy, options);
  if (crossing === undefined) return atLambda(front, Infinity, options);
  const out = stepOut(crossing);
  if (out === undefined) return { status: "infeasible", closest: crossing.objective };
  const line = relaxation(crossing, front);
  const { objective, allocation } = crossing;
  const supported = { query: out.query, from: allocation[out.query], to: out.to };
  allocation[supported.query] = supported.to;
  const reached = evaluate(front.problem, allocation, front.weight);
  allocation[supported.query] = supported.from;
  const goal = { gain: (accuracy - objective.expectedAccuracy) * front.weight };
  const isBetter = (at: Objective): boolean =>
    at.expectedAccuracy >= accuracy && at.totalCost <= reached.totalCost;
  let found = improve(front, crossing, goal, options, isBetter);
  if (found.objective === objective) {
    allocation[supported.query] = supported.to;
    found = { allocation, objective: reached, isOptimal: false };
  }
  return certify(front, { ...found, lambda: out.efficiency }, line, { accuracy });
}

/** The crossing's allocation refined, or as it is where a fresh evaluation does not find the change better. */
function improve(
  front: Front,
  crossing: Crossing,
  goal: Goal,
  { refine: isWanted = true }: ChooseOptions,
  isBetter: (objective: Objective) => boolean,
): { allocation: Uint8Array; objective: Objective; isOptimal: boolean } {
  const { allocation, objective } = crossing;
  const asItIs = { allocation, objective, isOptimal: false };
  if (!isWanted) return asItIs;
  // First with a goal a hair too easy, so that rounding excludes nothing: what is best there and passes the fresh
  // evaluation is the best of all. Seldom it does not pass: then with the goal itself, then with one a hair too hard.
  for (const hair of [ROUNDING, 0, -ROUNDING]) {
    const { changes, isOptimal } = refine(front, crossing, ease(goal, hair, front, objective));
    const isProven = isOptimal && hair >= 0;
    if (changes.length === 0) return { ...asItIs, isOptimal: isProven };
    const changed = allocation.slice();
    for (const { query, to } of changes) changed[query] = to;
    const next = evaluate(front.problem, changed, front.weight);
    if (isBetter(next)) return { allocation: changed, objective: next, isOptimal: isProven };
  }
  return asItIs;
}

/** Relative: above what sums can round, below what matters. */
const ROUNDING = 1e-13;

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
  const single = bestSingle(front.problem, front.queries);
  if (single === undefined) {
    throw new InputError("no single model may answer every query, so there is none to match", {
      field: "matchBest",
    });
  }
  const choice = await reaching(front, single.objective.expectedAccuracy, options);
  // The model itself reaches its own accuracy, and on a few queries may be cheaper than any supported point.
  if (choice.status === "infeasible" || choice.totalCost <= single.objective.totalCost) return choice;
  const allocation = new Uint8Array(front.queries).fill(single.model);
  const { costBound, lambda } = choice;
  const { totalCost } = single.objective;
  const accuracyBound = Math.max(choice.bound, single.objective.expectedAccuracy);
  return {
    ...describe(front, { allocation, objective: single.objective, lambda }),
    bound: accuracyBound,
    gap: accuracyBound - single.objective.expectedAccuracy,
    costBound: Math.min(costBound, totalCost),
    costGap: Math.max(0, totalCost - costBound),
    optimal: costBound >= totalCost,
  };
}

/** The single model of highest expected accuracy (ties: the cheaper, then the lower index) that may answer all. */
export function bestSingle(
  problem: Problem,
  queries: number,
): { model: number; objective: Objective } | undefined {
  const mayAnswer = isAllowed(problem);
  let best: { model: number; objective: Objective } | undefined;
  for (let model = 0; model < problem.models.length; model++) {
    const objective = evaluate(problem, new Uint8Array(queries).fill(model));
    if (!everyQuery(queries, (query) => mayAnswer(query, model))) continue;
    const ahead = best === undefined ? 1 : objective.expectedAccuracy - best.objective.expectedAccuracy;
    if (ahead > 0 || (ahead === 0 && objective.totalCost < best!.objective.totalCost))
      best = { model, objective };
  }
  return best;
}

function everyQuery(queries: number, holds: (query: number) => boolean): boolean {
  for (let query = 0; query < queries; query++) if (!holds(query)) return false;
  return true;
}

async function atPrice(front: Front, lambda: number, options: ChooseOptions): Promise<Uint8Array> {
  return (await bracketAll(front.problem, front.queries, lambda, lambda, options)).allocation;
}

/** The allocation at a price: the optimum for its own cost, so its bound is itself. */
async function atLambda(front: Front, lambda: number, options: ChooseOptions): Promise<Chosen> {
  const allocation = await atPrice(front, lambda, options);
  const objective = evaluate(front.problem, allocation);
  return certify(front, { allocation, objective, lambda, isOptimal: true }, undefined, {});
}

/** What the linear relaxation allows: the straight line along the increment that crosses the target. */
interface Relaxation {
  accuracyAt(cost: number): number;
  costAt(accuracy: number): number;
}

/** Outward rounding of a bound, far above what the sums of a line can lose and far below any gap that matters. */
const SLACK = 2 ** -48;

function relaxation(crossing: Crossing, { weight }: Front): Relaxation | undefined {
  const out = stepOut(crossing);
  if (out === undefined) return undefined;
  const { totalCost, expectedAccuracy } = crossing.objective;
  const slope = out.efficiency / weight;
  return {
    accuracyAt: (cost) =>
      cost === totalCost ? expectedAccuracy : (expectedAccuracy + slope * (cost - totalCost)) * (1 + SLACK),
    costAt: (accuracy) =>
      accuracy === expectedAccuracy
        ? totalCost
        : (totalCost + (accuracy - expectedAccuracy) / slope) * (1 - SLACK),
  };
}

interface Found {
  allocation: Uint8Array;
  objective: Objective;
  lambda: number;
  /** Nothing better meets the target: proven. */
  isOptimal: boolean;
}

/** Puts the bounds to an allocation. Without a relaxation the allocation is the optimum itself. */
function certify(
  front: Front,
  found: Found,
  line: Relaxation | undefined,
  { budget, accuracy }: { budget?: number; accuracy?: number },
): Chosen {
  const { totalCost, expectedAccuracy } = found.objective;
  const isBoundMet = found.isOptimal || line === undefined;
  const bound =
    isBoundMet && accuracy === undefined
      ? expectedAccuracy
      : Math.max(expectedAccuracy, line?.accuracyAt(budget ?? totalCost) ?? expectedAccuracy);
  const costBound =
    isBoundMet && budget === undefined
      ? totalCost
      : Math.min(totalCost, line?.costAt(accuracy ?? expectedAccuracy) ?? totalCost);
  return {
    ...describe(front, found),
    bound,
    gap: bound - expectedAccuracy,
    costBound,
    costGap: totalCost - costBound,
    optimal: isBoundMet || (accuracy === undefined ? bound === expectedAccuracy : costBound === totalCost),
  };
}

function describe(front: Front, { allocation, objective, lambda }: Omit<Found, "isOptimal">) {
  return {
    status: "chosen" as const,
    allocation,
    ...objective,
    lambda,
    shares: sharesOf(front, allocation),
  };
}

/** The share of the queries, by weight, that each model answers. */
function sharesOf({ problem, weight }: Front, allocation: Uint8Array): Record<string, number> {
  const counts = new Float64Array(problem.models.length);
  for (let q = 0; q < allocation.length; q++) counts[allocation[q]] += problem.weight?.[q] ?? 1;
  return Object.fromEntries(problem.models.map((name, m) => [name, counts[m] / weight]));
}
