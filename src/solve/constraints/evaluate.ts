import { inline } from "../../pool/runner.js";
import type { Problem } from "../../types.js";
import type { Constraint } from "./constraint.js";
import { readQueries } from "./queries/read.js";
import type { Limit } from "./result.js";
import { standingsOf } from "./standing.js";

/**
 * How an allocation stands to every limit of some constraints, by a fresh evaluation: the value, and the slack, below 0 where
 * it is violated. O(queries × constraints).
 *
 * @throws InputError for a constraint that means nothing.
 */
export async function evaluateUnder(
  problem: Problem,
  constraints: readonly Constraint[],
  allocation: Uint8Array,
): Promise<Omit<Limit, "binds" | "unitPrice" | "price">[]> {
  const here = { runner: inline, isThreaded: false };
  const { queries, ...read } = await readQueries(problem, constraints, here);
  const { rows } = read;
  const judged = { all: queries, ...read };
  const { rows: standings } = await standingsOf(judged, allocation, here);
  return rows.map(({ name, constraint, sign, limit }, k) => ({
    name,
    constraint,
    side: sign > 0 ? ("atMost" as const) : ("atLeast" as const),
    limit,
    value: standings[k].value,
    slack: standings[k].slack,
  }));
}
