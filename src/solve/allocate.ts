import { InputError } from "../errors.js";
import { allocateInput } from "./front.js";
import type { RunningOptions } from "../pool/running.js";
import { readyFor, type SolveInput } from "./input.js";

/**
 * The allocation at a price λ (probability per dollar): each query gets the model of largest probability − λ · cost,
 * which is the optimum for its own total cost [Everett1963]. ∞ gives every query its cheapest model, 0 its most
 * probable one. The result holds one model index per query. O(queries × models), one pass.
 *
 * A point of a front is `allocateAt(front.problem, front.lambda[k])`; at `buckets` resolution, whose slopes are
 * float32, it may differ in increments that are within rounding of the price. Ties: the more probable model, then the
 * cheaper, then the lower index. The same bytes on any number of threads.
 *
 * @throws InputError for a negative price or NaN, and for values that `solveFront` refuses.
 */
export async function allocateAt(
  problem: SolveInput,
  lambda: number,
  options: RunningOptions = {},
): Promise<Uint8Array> {
  if (typeof lambda !== "number" || !(lambda >= 0)) {
    throw new InputError(`lambda is ${String(lambda)}; expected probability per dollar ≥ 0`, {
      field: "lambda",
    });
  }
  return allocateInput(readyFor(options.pool, problem), lambda, options, false);
}
