import { InputError } from "../errors.js";
import type { Problem } from "../types.js";
import { findCrossing, type Crossing } from "./crossing.js";
import { listAllSteps, type Front, type SolveOptions } from "./front.js";
import { evaluate, type Objective } from "./objective.js";

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
  /** The price of accuracy here: efficiency of the last increment taken, probability per dollar; ∞ for none. */
  lambda: number;
  /** Share of the queries, by model, of every model of the problem. */
  shares: Record<string, number>;
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
export async function choose(front: Front, target: Target, options: SolveOptions = {}): Promise<Choice> {
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

async function withinBudget(front: Front, budget: number, options: SolveOptions): Promise<Choice> {
  const crossing = await findCrossing(front, ({ totalCost }) => totalCost <= budget, options);
  if (crossing === undefined) {
    return {
      status: "infeasible",
      closest: evaluate(front.problem, await atPrice(front, Infinity, options)),
    };
  }
  const { allocation, objective, lambda } = crossing;
  return certify(front, { allocation, objective, lambda }, relaxation(crossing, front), { budget });
}

async function reaching(front: Front, accuracy: number, options: SolveOptions): Promise<Choice> {
  const crossing = await findCrossing(front, (at) => at.expectedAccuracy < accuracy, options);
  if (crossing === undefined) return atLambda(front, Infinity, options);
  const { step, allocation } = crossing;
  if (step === undefined) return { status: "infeasible", closest: crossing.objective };
  const line = relaxation(crossing, front);
  allocation[step.query] = step.to;
  const objective = evaluate(front.problem, allocation);
  return certify(front, { allocation, objective, lambda: step.efficiency }, line, { accuracy });
}

async function atKnee(front: Front, options: SolveOptions): Promise<Choice> {
  const { totalCost, expectedAccuracy, queries } = front;
  const last = totalCost.length - 1;
  if (last === 0) return atLambda(front, Infinity, options);
  // The front is concave: it is farthest above its chord where its slope falls to the chord's. Rounded to
  // float32, so that the sums' last bits, which differ between resolutions, do not matter.
  const slope = (expectedAccuracy[last] - expectedAccuracy[0]) / (totalCost[last] - totalCost[0]);
  return atLambda(front, Math.fround(slope * queries), options);
}

async function matchingBest(front: Front, options: SolveOptions): Promise<Choice> {
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
  };
}

/** The single model of highest expected accuracy (ties: the cheaper, then the lower index) that may answer all. */
export function bestSingle(
  problem: Problem,
  queries: number,
): { model: number; objective: Objective } | undefined {
  let best: { model: number; objective: Objective } | undefined;
  for (let model = 0; model < problem.models.length; model++) {
    const objective = evaluate(problem, new Uint8Array(queries).fill(model));
    if (objective.totalCost === Infinity) continue;
    const ahead = best === undefined ? 1 : objective.expectedAccuracy - best.objective.expectedAccuracy;
    if (ahead > 0 || (ahead === 0 && objective.totalCost < best!.objective.totalCost))
      best = { model, objective };
  }
  return best;
}

async function atPrice(front: Front, lambda: number, options: SolveOptions): Promise<Uint8Array> {
  return (await listAllSteps(front.problem, front.queries, lambda, lambda, options)).allocation;
}

/** The allocation at a price: the optimum for its own cost, so its bound is itself. */
async function atLambda(front: Front, lambda: number, options: SolveOptions): Promise<Chosen> {
  const allocation = await atPrice(front, lambda, options);
  const objective = evaluate(front.problem, allocation);
  return certify(front, { allocation, objective, lambda }, undefined, {});
}

/** What the linear relaxation allows: the straight line along the increment that crosses the target. */
interface Relaxation {
  accuracyAt(cost: number): number;
  costAt(accuracy: number): number;
}

/** Outward rounding of a bound, far above what the sums of a line can lose and far below any gap that matters. */
const SLACK = 2 ** -48;

function relaxation({ objective, step }: Crossing, { queries }: Front): Relaxation | undefined {
  if (step === undefined) return undefined;
  const { totalCost, expectedAccuracy } = objective;
  const slope = step.efficiency / queries;
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
}

/** Puts the bounds to an allocation. Without a relaxation the allocation is the optimum itself. */
function certify(
  front: Front,
  found: Found,
  line: Relaxation | undefined,
  { budget, accuracy }: { budget?: number; accuracy?: number },
): Chosen {
  const { totalCost, expectedAccuracy } = found.objective;
  const bound = Math.max(expectedAccuracy, line?.accuracyAt(budget ?? totalCost) ?? expectedAccuracy);
  const costBound = Math.min(totalCost, line?.costAt(accuracy ?? expectedAccuracy) ?? totalCost);
  return {
    ...describe(front, found),
    bound,
    gap: bound - expectedAccuracy,
    costBound,
    costGap: totalCost - costBound,
  };
}

function describe(front: Front, { allocation, objective, lambda }: Found) {
  return {
    status: "chosen" as const,
    allocation,
    ...objective,
    lambda,
    shares: sharesOf(front.problem.models, allocation),
  };
}

/** The share of the queries that each model answers. */
function sharesOf(models: readonly string[], allocation: Uint8Array): Record<string, number> {
  const counts = new Float64Array(models.length);
  for (const model of allocation) counts[model]++;
  return Object.fromEntries(models.map((name, m) => [name, counts[m] / allocation.length]));
}
