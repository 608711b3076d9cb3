import type { Problem } from "../../types.js";
import { understand } from "./compile.js";
import type { Constraint } from "./constraint.js";
import type { Limit } from "./result.js";
import { standingsOf } from "./standing.js";

/**
 * How an allocation stands to every limit of some constraints, by a fresh evaluation: the value, and the slack, below 0 where
 * it is violated. O(queries × constraints).
 *
 * @throws InputError for a constraint that means nothing.
 */
export function evaluateUnder(
  problem: Problem,
  constraints: readonly Constraint[],
  allocation: Uint8Array,
): Omit<Limit, "binds" | "unitPrice" | "price">[] {
  const { view, classes, rows } = understand(problem, constraints, false);
  const standings = standingsOf(view, classes, rows, allocation);
  return rows.map(({ name, constraint, sign, limit }, k) => ({
    name,
    constraint,
    side: sign > 0 ? ("atMost" as const) : ("atLeast" as const),
    limit,
    value: standings[k].value,
    slack: standings[k].slack,
  }));
}
