import { addSums, type SmoothSums } from "../../core/solve/constraints/smooth.js";
import { activitiesOf, coefficientsAt, type Compiled } from "./compile.js";
import { passOver, type Queries, type WorkOptions } from "./queries/queries.js";

/** The queries that an evaluation is over. */
export interface Scope extends WorkOptions {
  compiled: Compiled;
  queries: Queries;
  /** Weight that it stands for. */
  weight: number;
  /** Queries that are left out at their best option: their objective and their scaled rows' sums. */
  fixed?: { objective: number; activity: Float64Array };
  /** Quadratic term in the prices: softens the rows of a sample, which may be infeasible. */
  ridge: number;
}

/** The smoothed dual at some prices; everything per query. */
export interface Evaluation {
  price: Float64Array;
  /** The smoothed dual, which is minimised, with the ridge. */
  smoothed: number;
  /** The dual itself: no allocation that keeps the rows has a higher objective, up to `rounding`. */
  dual: number;
  /** More than float64 sums can be off. */
  rounding: number;
  /** Of `smoothed`: bound − activity (+ ridge). */
  gradient: Float64Array;
  /** Rows × rows, of `smoothed`. */
  hessian: Float64Array;
  /** Objective and scaled rows' sums of the softmax solution. */
  objective: number;
  activity: Float64Array;
  /** Queries shared among options. */
  several: number;
}

/** Sums of additions in float64 are off by less than this, relative to the magnitudes. */
const ROUNDING = 2 ** -36;

/**
 * Evaluates the dual smoothed at a temperature. `every`: see `SmoothInput`. `isGoal` false leaves the objective out.
 * O(queries × models).
 */
export async function evaluateDual(
  scope: Scope,
  price: Float64Array,
  temperature: number,
  every: number,
  isGoal = true,
): Promise<Evaluation> {
  const { queries, runner, signal } = scope;
  const compiled = isGoal ? scope.compiled : { ...scope.compiled, goal: { gain: 0, cost: 0 } };
  const coefficients = coefficientsAt(compiled, price);
  const asked = { kind: "smooth", terms: compiled.terms, coefficients, temperature, every } as const;
  const sums = await addedUp(passOver<"smooth">(queries, asked, { runner, signal }));
  const values = valuesOf(compiled, coefficients, sums);
  const { weight, fixed, ridge } = scope;
  const activity = activitiesOf(compiled, sums.table);
  let fixedValue = 0;
  if (fixed !== undefined) {
    fixedValue = isGoal ? fixed.objective : 0;
    fixed.activity.forEach((a, k) => {
      activity[k] += a;
      fixedValue -= price[k] * a;
    });
  }
  const rows = price.length;
  const gradient = new Float64Array(rows);
  const hessian = sums.hessian.map((h) => h / (weight * temperature));
  let [bounds, size, soft] = [0, 0, 0];
  for (let k = 0; k < rows; k++) {
    activity[k] /= weight;
    bounds += price[k] * compiled.bound[k];
    size += price[k] * Math.abs(compiled.bound[k]);
    soft += 0.5 * ridge * price[k] * price[k];
    gradient[k] = compiled.bound[k] - activity[k] + ridge * price[k];
    if (hessian.length > 0) hessian[k * rows + k] += ridge;
  }
  // Queries of several options were added to the table at their mean value; the dual has their best one.
  const dual = (values.value - sums.mixed + sums.best + fixedValue) / weight + bounds;
  return {
    price,
    smoothed: dual + sums.soft / weight + soft,
    dual,
    rounding: ROUNDING * ((values.size + Math.abs(fixedValue)) / weight + size),
    gradient,
    hessian,
    objective: ((isGoal ? values.objective : 0) + (fixed && isGoal ? fixed.objective : 0)) / weight,
    activity,
    several: sums.several,
  };
}

async function addedUp(results: AsyncIterable<{ result: SmoothSums }>): Promise<SmoothSums> {
  let all: SmoothSums | undefined;
  for await (const { result } of results) all = all === undefined ? result : addSums(all, result);
  return all!;
}

/** Values, their magnitudes and the objective of a table of sums. */
export function valuesOf(
  { all, terms, goal }: Compiled,
  coefficients: Float64Array,
  { table }: Pick<SmoothSums, "table">,
): { value: number; size: number; objective: number } {
  const { models, columns: width } = all;
  let [value, size, gain, cost] = [0, 0, 0, 0];
  for (let g = 0; g < terms.classes; g++) {
    for (let m = 0; m < models; m++) {
      const sums = (g * models + m) * width;
      if (table[sums] === 0) continue;
      for (let j = 0; j < width; j++) {
        const part = coefficients[(g * width + j) * models + m] * table[sums + j];
        value += part;
        size += Math.abs(part);
      }
      gain += table[sums + 1];
      cost += table[sums + 2];
    }
  }
  return { value, size, objective: goal.gain * gain + goal.cost * cost };
}
