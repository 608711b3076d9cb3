import { loadConstraints } from "../../core/solve/constraints/module.js";
import type { Terms } from "../../core/solve/constraints/priced.js";
import { sharedArrays } from "../../memory.js";
import { inline } from "../../pool/runner.js";
import type { RunningOptions } from "../../pool/running.js";
import type { Objective } from "../objective.js";
import type { Compiled, Understood } from "./compile.js";
import type { Scope } from "./lagrangian.js";
import { polish, type Effort, type Polished } from "./polish.js";
import { findPrices } from "./prices.js";
import { limitsOf, lineOf, type ChoiceUnder, type ChosenUnder, type Line } from "./result.js";
import { roundOff } from "./rounding.js";

/** Work of searches for the limits that conflict, in options × rows, besides that of the proof. */
const CONFLICT_WORK = 10_000_000;

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
  given: Compiled,
  { problem, distinct }: Pick<Understood, "problem" | "distinct">,
  effort: Effort,
  { pool, signal }: RunningOptions,
  warm?: Float64Array,
): Promise<Solved> {
  await loadConstraints();
  // Each task of a pass is sent the terms.
  const compiled = pool === undefined ? given : { ...given, terms: sharedTerms(given.terms) };
  const { all: queries, weight, scale } = compiled;
  const runner = pool ?? inline;
  const scope: Scope = {
    compiled,
    queries,
    weight,
    ridge: 0,
    runner,
    isThreaded: pool !== undefined,
    signal,
  };
  const prices = await findPrices(
    { ...scope, ...distinct },
    warm?.map((p, k) => p * scale[k]),
  );
  const { price } = prices.evaluation;
  if (prices.status === "infeasible") {
    // Loaded where it is used, so that a page whose limits can be kept has none of it.
    const { conflictOf } = await import("./infeasible.js");
    return { choice: await conflictOf(scope, distinct, price, effort) };
  }
  const rounded = await roundOff(scope, prices.evaluation, prices.temperature);
  const polished = await polish(scope, rounded, price, effort);
  const { allocation, standings, isKept, isProven } = polished;
  const line = lineOf(compiled, price, rounded.bound);
  const limits = limitsOf(compiled, standings.rows, price, line);
  const bounds = boundsOf(compiled, line, standings.objective);
  const dual = { line, price: price.map((p, k) => p / scale[k]) };
  if (isKept)
    return { choice: certified(compiled, problem.models, { ...polished, line, bounds, limits }), dual };
  const nearest = { closest: standings.objective, allocation, limits };
  if (!isProven) return { choice: { status: "notFound", ...nearest, ...bounds }, dual };
  const { conflictFrom } = await import("./infeasible.js");
  const { conflictBySearch } = await import("./conflict/search.js");
  const conflict = await conflictFrom(
    scope,
    await conflictBySearch(scope, polished, CONFLICT_WORK + effort.proof),
  );
  // Nothing is worth anything where there is no plan.
  const unpriced = limitsOf(compiled, standings.rows, new Float64Array(price.length), line);
  return { choice: { status: "infeasible", ...nearest, limits: unpriced, conflict, proof: "search" } };
}

function sharedTerms({ classes, rows, ...arrays }: Terms): Terms {
  return { classes, rows, ...sharedArrays(arrays) };
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
  { goal, weight }: Compiled,
  models: readonly string[],
  found: Pick<Polished, "allocation" | "standings" | "isProven" | "lack"> & {
    line: Line;
    bounds: { bound: number; costBound: number };
    limits: ChosenUnder["limits"];
  },
): ChosenUnder {
  const { allocation, standings, isProven, lack, line, bounds, limits } = found;
  const { objective, answered } = standings;
  const { totalCost, expectedAccuracy } = objective;
  // No plan of the same cost is more accurate, and none as accurate costs less, by more than the objective may lack.
  const gain = goal.gain > 0 ? lack / goal.gain / weight : Infinity;
  const saving = goal.cost < 0 ? lack / -goal.cost : Infinity;
  const bound = Math.max(expectedAccuracy, Math.min(bounds.bound, expectedAccuracy + gain));
  const costBound = Math.min(totalCost, Math.max(bounds.costBound, totalCost - saving));
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
    shares: Object.fromEntries(models.map((name, m) => [name, answered[m] / weight])),
    limits,
  };
}
