import { InputError } from "../errors.js";
import { inline, shards } from "../pool/index.js";
import type { Problem } from "../types.js";
import { naming, running, type SolveOptions } from "./front.js";
import { checkShape, matricesOf, shareProblem } from "./problem.js";

/**
 * The allocation at a price λ (probability per dollar): each query gets the model of largest
 * probability − λ · cost, which is the optimum for its own total cost [Everett1963]. ∞ gives every query its
 * cheapest model, 0 its most probable one. One model index a query. O(queries × models), one pass.
 *
 * A point of a front is `allocateAt(front.problem, front.lambda[k])`; at `buckets` resolution, whose slopes are
 * float32, up to the increments within rounding of the price. Ties: the more probable model, then the cheaper,
 * then the lower index. The same bytes on any number of threads.
 *
 * @throws InputError for a negative price or NaN, and for values that `solveFront` refuses.
 */
export async function allocateAt(
  problem: Problem,
  lambda: number,
  options: Pick<SolveOptions, "pool" | "signal" | "onProgress"> = {},
): Promise<Uint8Array> {
  const queries = checkShape(problem);
  if (typeof lambda !== "number" || !(lambda >= 0)) {
    throw new InputError(`lambda is ${String(lambda)}; expected probability per dollar ≥ 0`, {
      field: "lambda",
    });
  }
  const matrices = matricesOf(options.pool === undefined ? problem : shareProblem(problem));
  const jobs = shards(queries, matrices.models).map((shard) => ({
    kind: "allocate" as const,
    problem: matrices,
    ...shard,
    price: lambda,
  }));
  const parts = await naming(problem, () => (options.pool ?? inline).run<"allocate">(jobs, running(options)));
  const allocation = new Uint8Array(queries);
  parts.forEach((part, k) => allocation.set(part, jobs[k].from));
  return allocation;
}
