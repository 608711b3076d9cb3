import { evaluateDual, type Evaluation, type Scope } from "./lagrangian.js";
import { boundedStep } from "./quadratic.js";

/** Where the search for prices stands. */
export interface Newton {
  evaluation: Evaluation;
  /** Start of the next level, which replaces the prices if it is no worse. */
  guess?: Float64Array;
  evaluations: number;
}

/** When a level ends. */
export interface LevelLimits {
  /** A predicted decrease of the smoothed dual. */
  tolerance: number;
  /** The largest violation of the softmax solution, in queries. */
  violation: number;
  evaluations: number;
}

/** Shared queries from which the Hessian is taken, about. */
const HESSIAN_QUERIES = 30_000;
const FIRST_DAMPING = 1e-6;
const LEAST_DAMPING = 1e-8;
const MOST_TRIES = 25;

/**
 * Newton's method for the prices at one temperature: minimises the smoothed dual over prices ≥ 0 from where `newton` stands,
 * with steps damped in the manner of Levenberg and Marquardt [NocedalWright2006]. Temperature is in units of the objective
 * per query.
 */
export async function descend(
  scope: Scope,
  newton: Newton,
  temperature: number,
  limits: LevelLimits,
): Promise<void> {
  const every = hessianEvery(scope, temperature);
  const evaluate = (price: Float64Array): Promise<Evaluation> => {
    newton.evaluations++;
    return evaluateDual(scope, price, temperature, every);
  };
  const from = newton.evaluations;
  const isOver = (): boolean => newton.evaluations - from >= limits.evaluations;
  const start = newton.evaluation.price;
  let here = await evaluate(newton.guess ?? start);
  if (newton.guess !== undefined && here.smoothed > newton.evaluation.smoothed + 1e-12) {
    here = await evaluate(start);
  }
  newton.guess = undefined;
  let damping = FIRST_DAMPING;
  for (let tries = 0; !isOver() && tries <= MOST_TRIES;) {
    const { step, decrease } = newtonStep(scope, here, temperature, damping);
    const violation = decrease <= limits.tolerance ? mostViolated(scope, here) : 0;
    if (decrease <= limits.tolerance && violation <= limits.violation) break;
    const next = await evaluate(moved(here.price, step));
    if (decrease <= limits.tolerance) {
      // Too small to be seen in the value: go by the violation.
      if (mostViolated(scope, next) >= 0.7 * violation) break;
      here = next;
      continue;
    }
    const gained = here.smoothed - next.smoothed;
    if (gained > 0.1 * decrease) {
      here = next;
      tries = 0;
      if (gained > 0.7 * decrease) damping = Math.max(damping / 8, LEAST_DAMPING);
    } else {
      damping = Math.max(10 * damping, 1e-3);
      tries++;
    }
  }
  newton.evaluation = here;
}

/** One in so many shared queries counts for the Hessian. */
function hessianEvery({ queries }: Scope, temperature: number): number {
  const shared = queries.count * Math.min(1, 300 * temperature) * (temperature > 0.01 ? 4 : 1);
  return Math.max(1, Math.floor(shared / HESSIAN_QUERIES));
}

function moved(price: Float64Array, step: Float64Array): Float64Array {
  return price.map((p, k) => (p + step[k] < 1e-15 ? 0 : p + step[k]));
}

/** The damped step and the decrease that the quadratic model predicts. */
function newtonStep(
  { compiled: { unit } }: Scope,
  { price, gradient, hessian }: Evaluation,
  temperature: number,
  damping: number,
): { step: Float64Array; decrease: number } {
  const rows = price.length;
  const damped = hessian.slice();
  for (let k = 0; k < rows; k++) {
    const at = k * rows + k;
    const square = unit[k] * unit[k];
    damped[at] += damping * (hessian[at] + (1e-3 * square) / temperature) + 1e-10 * square;
  }
  const step = boundedStep(
    gradient,
    damped,
    price.map((p) => -p),
  );
  let decrease = 0;
  for (let k = 0; k < rows; k++) {
    let curved = 0;
    for (let j = 0; j < rows; j++) curved += hessian[k * rows + j] * step[j];
    decrease -= step[k] * (gradient[k] + 0.5 * curved);
  }
  return { step, decrease };
}

/** The largest violation of the softmax solution, slack at a positive price included, in queries. */
export function mostViolated({ compiled, weight, ridge }: Scope, { price, gradient }: Evaluation): number {
  let most = 0;
  gradient.forEach((g, k) => {
    const slack = ((g - ridge * price[k]) * weight) / compiled.unit[k];
    most = Math.max(most, price[k] > 0 ? Math.abs(slack) : -slack);
  });
  return most;
}
