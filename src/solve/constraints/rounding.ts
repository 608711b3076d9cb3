import { round } from "../../core/solve/constraints/round.js";
import { addInto } from "../../core/solve/constraints/smooth.js";
import { breathe } from "../../pool/breathe.js";
import { constraintsCore } from "../../pool/cores.js";
import { sharedBytes } from "../../memory.js";
import { activitiesOf, coefficientsAt, type Compiled } from "./compile.js";
import { valuesOf, type Evaluation, type Scope } from "./lagrangian.js";
import { cutsOf } from "./queries/queries.js";

/** Whole queries from a softmax solution, and the dual at its prices. */
export interface Rounded {
  allocation: Uint8Array;
  /** No allocation that keeps the rows has a higher objective per query than this. */
  bound: number;
  /** Objective per query. */
  objective: number;
  /** Σ over queries of how much the value of the chosen option lacks of the best. */
  losses: number;
  /** By row: scaled, what may still be added. */
  slack: Float64Array;
  /** By row: what one shared query moves, root mean square, scaled. */
  norm: Float64Array;
}

/** Gives every query one model near the softmax solution, and takes the exact dual of its prices. One pass. */
export async function roundOff(
  { compiled, queries, weight, signal }: Scope,
  evaluation: Evaluation,
  temperature: number,
): Promise<Rounded> {
  const { price } = evaluation;
  const { terms } = compiled;
  const coefficients = coefficientsAt(compiled, price);
  const allocation = new Uint8Array(sharedBytes(queries.count));
  const deficit = new Float64Array(price.length);
  const norm = normOf(compiled, evaluation, weight, temperature);
  let table: Float64Array | undefined;
  let [best, chosen] = [0, 0];
  for await (const batch of queries.batches(signal)) {
    for (const cut of batch.flatMap((part) => [...cutsOf(queries, part, terms.classes)])) {
      // Deficits are carried from job to job, so these run one after another.
      if (table !== undefined) await breathe(signal);
      const input = { ...cut, terms, coefficients, temperature, deficit, norm };
      const sums = round(constraintsCore(), input, allocation);
      best += sums.best;
      chosen += sums.chosen;
      if (table === undefined) table = sums.table;
      else addInto(table, sums.table);
    }
  }
  const activity = activitiesOf(compiled, table!);
  const values = valuesOf(compiled, coefficients, { table: table! });
  let [bounds, size] = [0, 0];
  const slack = new Float64Array(price.length);
  for (let k = 0; k < price.length; k++) {
    bounds += price[k] * compiled.bound[k];
    size += Math.abs(price[k] * compiled.bound[k]);
    slack[k] = compiled.bound[k] * weight - activity[k];
  }
  const losses = Math.max(0, best - chosen);
  const rounding = ROUNDING * (values.size / weight + size);
  return {
    allocation,
    bound: (values.value + losses) / weight + bounds + rounding,
    objective: values.objective / weight,
    losses,
    slack,
    norm,
  };
}

/** Sums of additions in float64 are off by less than this, relative to the magnitudes. */
const ROUNDING = 2 ** -36;

function normOf(
  { unit }: Compiled,
  { hessian, several }: Evaluation,
  weight: number,
  temperature: number,
): Float64Array {
  const rows = unit.length;
  return unit.map((u, k) => {
    const variance = hessian.length > 0 ? (hessian[k * rows + k] * temperature * weight) / several : 0;
    return variance > 1e-12 * u * u ? Math.min(Math.sqrt(variance), u) : u;
  });
}
