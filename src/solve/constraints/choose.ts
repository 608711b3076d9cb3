import { InputError } from "../../errors.js";
import { inline } from "../../pool/runner.js";
import type { RunningOptions } from "../../pool/running.js";
import type { Problem } from "../../types.js";
import { unitsPerDollar, wholeUnits } from "../exact/units.js";
import { allocateInput } from "../front.js";
import { evaluate, type Objective } from "../objective.js";
import { bestSingle } from "../single.js";
import { checkTarget, type Target } from "../target.js";
import { compile, understand, type Compiled, type Goal, type Understood } from "./compile.js";
import type { Constraint } from "./constraint.js";
import { conflictOf } from "./infeasible.js";
import type { Scope } from "./lagrangian.js";
import { polish, type Effort } from "./polish.js";
import { findPrices } from "./prices.js";
import { limitsOf, lineOf, type ChoiceUnder, type ChosenUnder, type Line } from "./result.js";
import { roundOff } from "./rounding.js";
import { COST, PROBABILITY, type Row } from "./rows.js";
import { standingsOf } from "./standing.js";

/** How to choose under constraints. */
export interface ChooseUnderOptions extends RunningOptions {
  /** Most steps of the search that improves the rounded plan; a whole number ≥ 0, default 4,000. */
  steps?: number;
  /** Milliseconds after which that search ends. Default: no limit. The same steps give the same bytes on every machine. */
  timeLimitMs?: number;
  /** Of that search; a whole number, default 1. */
  seed?: number;
  /** Also solve without each constraint that binds. Default false. */
  withoutEach?: boolean;
}

/**
 * Picks the best allocation that meets a target and keeps every constraint: the most accurate within a budget, the cheapest that
 * reaches an accuracy, or at the knee of the front under the constraints.
 *
 * The bounds come from the Lagrangian dual of an exact last pass over all queries, and hold whatever the search did. Every limit
 * is kept by a fresh evaluation, to the last unit. An answer `infeasible` is proven, and names limits that conflict. The same
 * bytes on any number of threads, unless `timeLimitMs` ends the search. Time: some 10 to 50 passes over the matrices.
 *
 * @throws InputError for values that `solveFront` refuses, for a constraint that means nothing, and for one that no allocation
 * keeps even alone.
 */
export async function chooseUnder(
  problem: Problem,
  constraints: readonly Constraint[],
  target: Target,
  options: ChooseUnderOptions = {},
): Promise<ChoiceUnder> {
  checkTarget(target);
  const effort = effortOf(options);
  const understood = understand(problem, constraints, options.pool !== undefined);
  // Gives the cheapest models, and refuses wrong values on the way.
  await allocateInput(understood.problem, Infinity, options, false);
  const choice = await meet(understood, target, effort, options);
  if (choice.status !== "chosen" || options.withoutEach !== true) return choice;
  return { ...choice, without: await withoutEach(problem, constraints, target, options, choice) };
}

function effortOf({ steps = 4_000, timeLimitMs = Infinity, seed = 1 }: ChooseUnderOptions): Effort {
  if (!(Number.isSafeInteger(steps) && steps >= 0)) {
    throw new InputError(`steps is ${steps}; expected a whole number ≥ 0`, { field: "steps" });
  }
  if (!(typeof timeLimitMs === "number" && timeLimitMs >= 0)) {
    throw new InputError(`timeLimitMs is ${timeLimitMs}; expected milliseconds ≥ 0`, {
      field: "timeLimitMs",
    });
  }
  if (!Number.isSafeInteger(seed)) {
    throw new InputError(`seed is ${seed}; expected a whole number`, { field: "seed" });
  }
  return { steps, timeLimitMs, seed };
}

async function meet(
  understood: Understood,
  target: Target,
  effort: Effort,
  options: ChooseUnderOptions,
): Promise<ChoiceUnder> {
  const { budget, accuracy, knee } = target as { budget?: number; accuracy?: number; knee?: true };
  const solve = (goal: Goal, row?: Row): Promise<ChoiceUnder> =>
    solveFor(compile(understood, goal, row), understood.problem, effort, options);
  if (budget !== undefined) {
    const dollars = wholeUnits(budget, await unitsPerDollar(understood.problem, options.signal));
    return solve({ gain: 1, cost: 0 }, budgetRow(understood, dollars));
  }
  const cheap = { gain: 0, cost: -1 / costSpread(understood) };
  if (accuracy !== undefined) return solve(cheap, accuracyRow(understood, accuracy));
  if (knee === undefined) {
    const single = await bestSingle(understood.problem, options.signal);
    if (single === undefined) {
      throw new InputError(
        "no single model may answer every query or nearly every one, so no accuracy can be matched",
        { field: "matchBest" },
      );
    }
    return solve(cheap, accuracyRow(understood, single.objective.expectedAccuracy));
  }
  // The point farthest above the straight line between the cheapest plan and the most accurate one.
  const first = await solve(cheap);
  if (first.status !== "chosen") return first;
  const last = await solve({ gain: 1, cost: 0 });
  if (last.status !== "chosen" || !(last.totalCost > first.totalCost)) return last;
  const rise = (last.expectedAccuracy - first.expectedAccuracy) * understood.weight;
  return solve({ gain: 1, cost: -rise / (last.totalCost - first.totalCost) });
}

function budgetRow({ problem }: Understood, budget: number): Row | undefined {
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

function accuracyRow({ problem, weight }: Understood, accuracy: number): Row {
  const ones = new Float64Array(problem.models.length).fill(1);
  const sum = { column: PROBABILITY, factor: ones };
  const terms = [{ column: PROBABILITY, factor: ones.map(() => -1) }];
  const row = { name: "the accuracy", constraint: -1, sign: -1, form: "mean", limit: accuracy } as const;
  return { ...row, bound: -accuracy * weight, terms, sum, over: { column: 0, factor: ones } };
}

/** Dollars that the choice of a model makes for a query, on average over some: the unit of the objective when cost is least. */
function costSpread({ view, queries }: Understood): number {
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

/** Solves a compiled problem: prices, rounding, search, bounds. */
async function solveFor(
  compiled: Compiled,
  problem: Problem,
  effort: Effort,
  options: ChooseUnderOptions,
): Promise<ChoiceUnder> {
  const { view, weight, classes, rows } = compiled;
  const { pool, signal } = options;
  const runner = pool ?? inline;
  const scope: Scope = { compiled, view, weight, ridge: 0, runner, isThreaded: pool !== undefined, signal };
  const prices = await findPrices(scope);
  const { price } = prices.evaluation;
  if (prices.status === "infeasible") return conflictOf(scope, problem, price, effort);
  const rounded = await roundOff(scope, prices.evaluation, prices.temperature);
  const { allocation, isKept, isProven } = await polish(scope, rounded, price, effort);
  const objective = evaluate(problem, allocation);
  const standings = standingsOf(view, classes, rows, allocation);
  const line = lineOf(compiled, price, rounded.bound);
  const limits = limitsOf(compiled, standings, price, line);
  const bounds = boundsOf(compiled, line, objective);
  if (!isKept) {
    const { closest, bound, costBound } = { closest: objective, ...bounds };
    if (!isProven) return { status: "notFound", closest, allocation, limits, bound, costBound };
    const conflict = limits.map(({ name, constraint, side, limit }) => ({
      name,
      constraint,
      side,
      limit,
      by: 0,
    }));
    return { status: "infeasible", closest, allocation, limits, conflict, proof: "search" };
  }
  return certified(compiled, problem, { allocation, objective, isProven, line, bounds, limits });
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
    line: Line;
    bounds: { bound: number; costBound: number };
    limits: ChosenUnder["limits"];
  },
): ChosenUnder {
  const { allocation, objective, isProven, line, bounds, limits } = found;
  const { totalCost, expectedAccuracy } = objective;
  const isCheapest = compiled.goal.gain === 0;
  const bound = isProven && !isCheapest ? expectedAccuracy : Math.max(expectedAccuracy, bounds.bound);
  const costBound = isProven && isCheapest ? totalCost : Math.min(totalCost, bounds.costBound);
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

/** The plans without each of the constraints that bind. */
async function withoutEach(
  problem: Problem,
  constraints: readonly Constraint[],
  target: Target,
  options: ChooseUnderOptions,
  { limits }: ChosenUnder,
): Promise<NonNullable<ChosenUnder["without"]>> {
  const found: NonNullable<ChosenUnder["without"]> = [];
  for (const { constraint, name, binds } of limits) {
    if (!binds || constraint < 0 || found.some((one) => one.constraint === constraint)) continue;
    const others = constraints.filter((_, k) => k !== constraint);
    const plan = await chooseUnder(problem, others, target, { ...options, withoutEach: false });
    if (plan.status !== "chosen") continue;
    const { totalCost, expectedAccuracy } = plan;
    found.push({ constraint, name, totalCost, expectedAccuracy });
  }
  return found;
}
