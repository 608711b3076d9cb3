import { InputError } from "../../errors.js";
import type { Problem } from "../../types.js";
import { evaluate } from "../objective.js";
import type { Compiled } from "./compile.js";
import { evaluateDual, type Evaluation, type Scope } from "./lagrangian.js";
import { descend, type Newton } from "./newton.js";
import { polish, type Effort } from "./polish.js";
import type { InfeasibleUnder } from "./result.js";
import { limitsOf } from "./result.js";
import { roundOff } from "./rounding.js";
import { standingsOf } from "./standing.js";

/** Temperature of an exact dual. */
const COLD = 1e-9;
/** Rows that are tried to be left out of a conflict. */
const MOST_TRIED = 24;

/**
 * What conflicts in an infeasible problem. `price`: a certificate, at which the dual without the objective is below 0.
 *
 * The nearest plan minimises Σ violation² of the scaled rows: min over prices of the dual without objective + ½ |price|², whose
 * prices are the violations. The conflict is what remains of its rows when those are left out without which the dual still
 * falls below 0.
 */
export async function conflictOf(
  scope: Scope,
  problem: Problem,
  price: Float64Array,
  effort: Effort,
): Promise<InfeasibleUnder> {
  const { compiled } = scope;
  const { view, classes, rows } = compiled;
  const softened = await leastViolation(scope, price);
  const certificate = await fewest(scope, softened.evaluation.price, price);
  refuseAlone(compiled, certificate);
  const soft: Scope = { ...withoutGoal(scope), ridge: 1 };
  const rounded = await roundOff(soft, softened.evaluation, softened.temperature);
  const { allocation } = await polish(soft, rounded, new Float64Array(price.length), effort);
  const standings = standingsOf(view, classes, rows, allocation);
  const none = new Float64Array(price.length);
  return {
    status: "infeasible",
    closest: evaluate(problem, allocation),
    allocation,
    limits: limitsOf(compiled, standings, none, { a: 1, b: 1, most: 0 }),
    conflict: rows.flatMap(({ name, constraint, sign, limit }, k) => {
      if (certificate.price[k] === 0) return [];
      const by = amountOf(compiled, certificate, k, standings[k].perUnit);
      return [{ name, constraint, side: sign > 0 ? ("atMost" as const) : ("atLeast" as const), limit, by }];
    }),
    proof: "relaxation",
  };
}

/** The problem without its objective. */
function withoutGoal(scope: Scope): Scope {
  return { ...scope, compiled: { ...scope.compiled, goal: { gain: 0, cost: 0 } } };
}

/** How far a row alone must move, in units of its limit: every allocation has Σ price · violation ≥ −dual. */
function amountOf(
  { scale, weight, rows }: Compiled,
  { price, dual, rounding }: Evaluation,
  k: number,
  perUnit: number,
): number {
  const sum = (Math.max(0, -(dual + rounding)) / price[k]) * scale[k] * weight;
  return rows[k].over === undefined ? sum : perUnit > 0 ? sum / perUnit : 0;
}

/** Prices of the least-squares violation, from the best multiple of a certificate on. */
async function leastViolation(scope: Scope, ray: Float64Array) {
  const soft: Scope = { ...withoutGoal(scope), ridge: 1 };
  const along = await evaluateDual(soft, ray, COLD, 0);
  const square = ray.reduce((sum, p) => sum + p * p, 0);
  // The dual without objective is homogeneous: along the ray the best multiple is known.
  const start = ray.map((p) => (p * Math.max(0, -along.dual)) / square);
  const size = start.reduce((sum, p, k) => sum + p * Math.abs(scope.compiled.bound[k]), 0);
  let temperature = size > 0 ? 0.1 * size : 0.1;
  const newton: Newton = { evaluation: { ...along, price: start, smoothed: Infinity }, evaluations: 0 };
  for (let level = 0; level < 14; level++, temperature /= 3) {
    const tolerance = 0.003 * temperature ** 2;
    await descend(soft, newton, temperature, { tolerance, violation: Infinity, evaluations: 20 });
    const { dual, price } = newton.evaluation;
    const squares = price.reduce((sum, p) => sum + p * p, 0);
    if (dual < 0 && Math.abs(-dual - squares) < 0.05 * squares) break;
  }
  return { evaluation: newton.evaluation, temperature };
}

/** A certificate over as few rows as were found: rows are left out while the dual stays below 0. */
async function fewest(scope: Scope, softened: Float64Array, ray: Float64Array): Promise<Evaluation> {
  let best = await alone(scope, softened);
  if (!isCertificate(scope, best)) best = await alone(scope, ray);
  const { unit } = scope.compiled;
  const size = Math.max(...best.price.map((p, k) => p * unit[k]));
  const negligible = await alone(
    scope,
    best.price.map((p, k) => (p * unit[k] < 1e-6 * size ? 0 : p)),
  );
  if (isCertificate(scope, negligible)) best = negligible;
  // Those of the smallest prices first.
  const order = Array.from(best.price.keys())
    .filter((k) => best.price[k] > 0)
    .sort((a, b) => best.price[a] * unit[a] - best.price[b] * unit[b])
    .slice(0, MOST_TRIED);
  for (const k of order) {
    if (best.price.filter((p) => p > 0).length === 1) break;
    const fewer = await alone(
      scope,
      best.price.map((p, j) => (j === k ? 0 : p)),
    );
    if (isCertificate(scope, fewer)) best = fewer;
  }
  return best;
}

function alone(scope: Scope, price: Float64Array): Promise<Evaluation> {
  return evaluateDual(scope, price, COLD, 0, false);
}

function isCertificate({ compiled: { bound } }: Scope, { price, dual, rounding }: Evaluation): boolean {
  const size = price.reduce((sum, p, k) => sum + p * Math.abs(bound[k]), 0);
  return dual + rounding < -1e-10 * size;
}

/** Refuses a constraint that conflicts with itself alone: no allocation reaches its limit. */
function refuseAlone({ rows, scale, weight, bound }: Compiled, { price, dual }: Evaluation): void {
  const conflicting = Array.from(price.keys()).filter((k) => price[k] > 0);
  if (conflicting.length !== 1) return;
  const [k] = conflicting;
  const { constraint, name, sign, limit, form } = rows[k];
  if (constraint < 0) return;
  // The dual of one row is its bound minus the least that its sum can be.
  const least = (bound[k] - dual / price[k]) * scale[k] * weight;
  const reach = form === "total" ? sign * least : undefined;
  const best = reach === undefined ? "" : `; alone it is ${sign > 0 ? "at least" : "at most"} ${reach}`;
  throw new InputError(
    `constraint ${constraint + 1} (${name}): no allocation has it ${sign > 0 ? "at most" : "at least"} ${limit}${best}`,
    { field: `constraints.${constraint}.${sign > 0 ? "atMost" : "atLeast"}`, constraint, reach },
  );
}
