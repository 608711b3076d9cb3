import { evaluateDual, type Evaluation, type Scope } from "../lagrangian.js";
import { descend, mostViolated, type Newton } from "../newton.js";
import { gather, sampleIndices, weighed } from "../queries/gather.js";

/** Temperature of an exact dual. */
export const COLD = 1e-9;
/** Conflicts are looked for on a sample where there are more queries than this; what is found is certified over all of them. */
const MOST_QUERIES = 20_000;
/** A sample of a large problem; the problem itself, if it is small. */
export async function sampleOf(all: Scope): Promise<Scope> {
  const { queries } = all;
  if (queries.count <= MOST_QUERIES) return all;
  const [view] = await gather(queries, [sampleIndices(queries.count, MOST_QUERIES)], all);
  return { ...all, ...weighed(view) };
}

/** The problem without its objective; every row may be violated, at the price of half its square. */
export function withoutGoal(scope: Scope): Scope {
  return { ...scope, compiled: { ...scope.compiled, goal: { gain: 0, cost: 0 } }, ridge: 1 };
}

/** How long prices of the least violation are looked for. */
export interface ViolationLimits {
  /** Ends the search at a certificate, or once the softmax solution keeps every row nearly: then there is none. */
  isEnough?: boolean;
  /** Most evaluations; default 280. */
  most?: number;
  /** The temperature to begin with; default: that of the prices' size. */
  temperature?: number;
}

/** Prices of the least-squares violation, from the best multiple of a ray on. */
export async function leastViolation(
  soft: Scope,
  ray: Float64Array,
  { isEnough = false, most = 280, temperature: first }: ViolationLimits = {},
) {
  const along = await evaluateDual(soft, ray, COLD, 0);
  const square = ray.reduce((sum, p) => sum + p * p, 0);
  // The dual without objective is homogeneous: along the ray the best multiple is known.
  const start = ray.map((p) => (square > 0 ? (p * Math.max(0, -along.dual)) / square : 0));
  const size = start.reduce((sum, p, k) => sum + p * Math.abs(soft.compiled.bound[k]), 0);
  let temperature = first ?? (size > 0 ? 0.1 * size : 0.1);
  const newton: Newton = { evaluation: { ...along, price: start, smoothed: Infinity }, evaluations: 1 };
  for (let level = 0; level < 14 && newton.evaluations < most; level++, temperature /= 3) {
    const evaluations = Math.min(20, most - newton.evaluations);
    const tolerance = 0.003 * temperature ** 2;
    await descend(soft, newton, temperature, { tolerance, violation: Infinity, evaluations });
    const { dual, price } = newton.evaluation;
    const squares = price.reduce((sum, p) => sum + p * p, 0);
    if (dual < 0 && Math.abs(-dual - squares) < 0.05 * squares) break;
    if (isEnough && isCertificate(soft, newton.evaluation)) break;
    if (isEnough && mostViolated(soft, newton.evaluation) < 1e-6) break;
  }
  return { evaluation: newton.evaluation, evaluations: newton.evaluations, temperature };
}

/** The dual without the objective and without the ridge. */
export function alone(scope: Scope, price: Float64Array): Promise<Evaluation> {
  return evaluateDual(scope, price, COLD, 0, false);
}

/** Whether the dual without the objective is surely below 0: it is at least Σ price · slack of every allocation. */
export function isCertificate(
  { compiled: { bound } }: Scope,
  { price, dual, rounding }: Evaluation,
): boolean {
  const size = price.reduce((sum, p, k) => sum + p * Math.abs(bound[k]), 0);
  return dual + rounding < -1e-10 * size;
}
