import { loadConstraints } from "../../core/solve/constraints/module.js";
import { inline } from "../../pool/runner.js";
import type { RunningOptions } from "../../pool/running.js";
import type { Problem } from "../../types.js";
import { evaluate, type Objective } from "../objective.js";
import type { Compiled, Understood } from "./compile.js";
import { conflictBySearch } from "./conflict/search.js";
import { conflictFrom, conflictOf } from "./infeasible.js";
import type { Scope } from "./lagrangian.js";
import { polish, type Effort } from "./polish.js";
import { findPrices } from "./prices.js";
import { limitsOf, lineOf, type ChoiceUnder, type ChosenUnder, type Line } from "./result.js";
import { roundOff } from "./rounding.js";
import { COST, PROBABILITY, type Row } from "./rows.js";
import { standingsOf } from "./standing.js";
import { distinctOf } from "./views.js";

/** The row of a budget, unless it is infinite. */
export function budgetRow({ problem }: Understood, budget: number): Row | undefined {
  if (budget === Infinity) return undefined;
  const factor = new Float64Array(problem.models.length).fill(1);
  const sum = { column: COST, factor };
  return {
    name: "the budget",
    constraint: -1,
    sign: 1,
    form: "total",
    limit: budget,
    bound: budget,
    terms: [sum],
    sum,
  };
}

/** The row of an accuracy to reach. */
export function accuracyRow({ problem, weight }: Understood, accuracy: number): Row {
  const ones = new Float64Array(problem.models.length).fill(1);
  const sum = { column: PROBABILITY, factor: ones };
  const terms = [{ column: PROBABILITY, factor: ones.map(() => -1) }];
  const row = { name: "the accuracy", constraint: -1, sign: -1, form: "mean", limit: accuracy } as const;
  return { ...row, bound: -accuracy * weight, terms, sum, over: { column: 0, factor: ones } };
}

/** Dollars that the choice of a model makes for a query, on average over some: the unit of the objective when cost is least. */
export function costSpread({ view, queries }: Understood): number {
  const { models, cost } = view.matrices;
  const step = Math.max(1, Math.floor(queries / 4000)) | 1;
  let [spread, size, count] = [0, 0, 0];
  for (let q = 0; q < queries; q += step) {
    const row = Array.from(cost.subarray(q * models, (q + 1) * models)).filter((c) => c < Infinity);
    const most = Math.max(...row);
    spread += most - Math.min(...row);
    size += most;
    count++;
  }
  return (spread > 0 ? spread : size > 0 ? size : 1) / count;
}

/** What solving a compiled problem gives. */
export interface Solved {
  choice: ChoiceUnder;
  /** The line of its prices, and by row the prices of its own units; for a problem that is not infeasible. */
  dual?: { line: Line; price: Float64Array };
}

/**
 * Solves a compiled problem: prices, rounding, search, bounds. `warm`: by row, prices of its own units from a problem that
 * differs little.
 */
export async function solveCompiled(
  compiled: Compiled,
  problem: Problem,
  effort: Effort,
  { pool, signal }: RunningOptions,
  warm?: Float64Array,
): Promise<Solved> {
  await loadConstraints();
  const { view, weight, classes, rows, scale } = compiled;
  const runner = pool ?? inline;
  const scope: Scope = { compiled, view, weight, ridge: 0, runner, isThreaded: pool !== undefined, signal };
  const prices = await findPrices(
    { ...scope, ...distinctOf(view, scope.isThreaded) },
    warm?.map((p, k) => p * scale[k]),
  );
  const { price } = prices.evaluation;
  if (prices.status === "infeasible") return { choice: await conflictOf(scope, problem, price, effort) };
  const rounded = await roundOff(scope, prices.evaluation, prices.temperature);
  const { allocation, isKept, isProven, lack, around, standing } = await polish(
    scope,
    rounded,
    price,
    effort,
  );
  const objective = evaluate(problem, allocation);
  const standings = standingsOf(view, classes, rows, allocation);
  const line = lineOf(compiled, price, rounded.bound);
  const limits = limitsOf(compiled, standings, price, line);
  const bounds = boundsOf(compiled, line, objective);
  const dual = { line, price: price.map((p, k) => p / scale[k]) };
  if (isKept) {
    const found = { allocation, objective, isProven, lack, line, bounds, limits };
    return { choice: certified(compiled, problem, found), dual };
  }
  const nearest = { closest: objective, allocation, limits };
  if (!isProven) return { choice: { status: "notFound", ...nearest, ...bounds }, dual };
  const conflict = conflictFrom(compiled, conflictBySearch(compiled, around, standing));
  // Nothing is worth anything where there is no plan.
  const unpriced = limitsOf(compiled, standings, new Float64Array(price.length), line);
  return { choice: { status: "infeasible", ...nearest, limits: unpriced, conflict, proof: "search" } };
}

/** The most accurate and the cheapest that an allocation which keeps the constraints may be, at the target or at this cost or accuracy. */
function boundsOf({ rows, weight }: Compiled, line: Line, { totalCost, expectedAccuracy }: Objective) {
  const target = rows.find(({ constraint }) => constraint < 0);
  const cost = target?.sign === 1 ? target.limit : totalCost;
  const accuracy = target?.sign === -1 ? target.limit : expectedAccuracy;
  const { a, b, most } = line;
  return {
    bound: a > 0 ? Math.min(1, (most + b * cost) / a / weight) : 1,
    costBound: b > 0 ? Math.max(0, (a * accuracy * weight - most) / b) : 0,
  };
}

function certified(
  compiled: Compiled,
  problem: Problem,
  found: {
    allocation: Uint8Array;
    objective: Objective;
    isProven: boolean;
    lack: number;
    line: Line;
    bounds: { bound: number; costBound: number };
    limits: ChosenUnder["limits"];
  },
): ChosenUnder {
  const { allocation, objective, isProven, lack, line, bounds, limits } = found;
  const { totalCost, expectedAccuracy } = objective;
  const { goal, weight } = compiled;
  // No plan of the same cost is more accurate, and none as accurate costs less, by more than the objective may lack.
  const gain = goal.gain > 0 ? lack / goal.gain / weight : Infinity;
  const saving = goal.cost < 0 ? lack / -goal.cost : Infinity;
  const bound = Math.max(expectedAccuracy, Math.min(bounds.bound, expectedAccuracy + gain));
  const costBound = Math.min(totalCost, Math.max(bounds.costBound, totalCost - saving));
  const counts = new Float64Array(problem.models.length);
  allocation.forEach((m, q) => (counts[m] += problem.weight?.[q] ?? 1));
  return {
    status: "chosen",
    allocation,
    ...objective,
    bound,
    gap: bound - expectedAccuracy,
    costBound,
    costGap: totalCost - costBound,
    optimal: isProven,
    lambda: line.a > 0 ? line.b / line.a : Infinity,
    shares: Object.fromEntries(problem.models.map((name, m) => [name, counts[m] / compiled.weight])),
    limits,
  };
}
