import type { Understood } from "./compile.js";
import { mostOver, smallestConflict } from "./conflict/conflict.js";
import { alone, isCertificate, leastViolation, sampleOf, withoutGoal } from "./conflict/violation.js";
import type { Move } from "./conflict/search.js";
import type { Evaluation, Scope } from "./lagrangian.js";
import { polish, type Effort } from "./polish.js";
import type { InfeasibleUnder } from "./result.js";
import { limitsOf } from "./result.js";
import { roundOff } from "./rounding.js";

/**
 * What conflicts in an infeasible problem. `price`: a certificate, at which the dual without the objective is below 0.
 *
 * The nearest plan minimises Σ violation² of the scaled rows: min over prices of the dual without objective + ½ |price|², whose
 * prices are the violations. The conflict is what remains of its rows when needless ones are left out. Prices are found over the
 * `distinct` queries, where they are few.
 */
export async function conflictOf(
  scope: Scope,
  distinct: Understood["distinct"],
  price: Float64Array,
  effort: Effort,
): Promise<InfeasibleUnder> {
  const { compiled } = scope;
  const weighted = { ...scope, ...distinct };
  const softened = await nearest(withoutGoal(weighted), price);
  const first = await certificateOf(weighted, softened.evaluation.price, price);
  const { moves } = await smallestConflict(weighted, first);
  const soft = withoutGoal(scope);
  const rounded = await roundOff(soft, softened.evaluation, softened.temperature);
  const { allocation, standings } = await polish(soft, rounded, new Float64Array(price.length), effort);
  const none = new Float64Array(price.length);
  return {
    status: "infeasible",
    closest: standings.objective,
    allocation,
    limits: limitsOf(compiled, standings.rows, none, { a: 1, b: 1, most: 0 }),
    conflict: await conflictFrom(scope, moves),
    proof: "relaxation",
  };
}

/** Evaluations of a large problem: on its sample, and then over all queries. */
const MOST_SAMPLED = 100;
const MOST_PASSES = 8;

/** Prices of the least violation: of a large problem from those of a sample on. */
async function nearest(soft: Scope, price: Float64Array) {
  const few = await sampleOf(soft);
  if (few === soft) return leastViolation(soft, price);
  const { temperature, evaluation } = await leastViolation(few, price, { most: MOST_SAMPLED });
  return leastViolation(soft, evaluation.price, { most: MOST_PASSES, temperature });
}

/** The limits of a conflict, with their moves in the units of the limits. */
export async function conflictFrom(
  { compiled, signal }: Pick<Scope, "compiled" | "signal">,
  moves: readonly Move[],
): Promise<InfeasibleUnder["conflict"]> {
  const overs = await mostOver(
    compiled,
    moves.map(({ row }) => row),
    signal,
  );
  return moves.map(({ row, move }, i) => {
    const { name, constraint, sign, limit } = compiled.rows[row];
    const by = move !== undefined && move > 0 && overs[i] > 0 ? move / overs[i] : undefined;
    const side = sign > 0 ? ("atMost" as const) : ("atLeast" as const);
    return { name, constraint, side, limit, ...(by !== undefined && { by }) };
  });
}

/** The certificate of the least violation, or else the one that is known; without rows whose prices are negligible, if it can be. */
async function certificateOf(scope: Scope, softened: Float64Array, ray: Float64Array): Promise<Evaluation> {
  let best = await alone(scope, softened);
  if (!isCertificate(scope, best)) best = await alone(scope, ray);
  const { unit } = scope.compiled;
  const size = Math.max(...best.price.map((p, k) => p * unit[k]));
  const price = best.price.map((p, k) => (p * unit[k] < 1e-6 * size ? 0 : p));
  const fewer = await alone(scope, price);
  return isCertificate(scope, fewer) ? fewer : best;
}
