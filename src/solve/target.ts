import { InputError } from "../errors.js";

/** The target to meet: exactly one of these. */
export type Target =
  /** Dollars that the total cost must not exceed: the most accurate such allocation. */
  | { budget: number }
  /** Expected accuracy (0 … 1) to reach: the cheapest such allocation. */
  | { accuracy: number }
  /** The point farthest above the straight line from the cheapest to the most accurate allocation. */
  | { knee: true }
  /** Least cost at which the expected accuracy reaches that of the best single model. */
  | { matchBest: true };

const KINDS = ["budget", "accuracy", "knee", "matchBest"] as const;

/** Throws `InputError` unless the target is exactly one of the kinds, with a valid value. */
export function checkTarget(target: Target): void {
  const values = new Map(Object.entries(target));
  const given = KINDS.filter((kind) => values.get(kind) !== undefined);
  if (given.length !== 1) {
    throw new InputError(`${given.length} targets given; expected one of ${KINDS.join(", ")}`, {
      field: "target",
    });
  }
  const [kind] = given;
  const value: unknown = values.get(kind);
  if (kind === "knee" || kind === "matchBest") {
    if (value === true) return;
    throw new InputError(`${kind} is ${String(value)}; expected true`, { field: kind });
  }
  // A number that nothing can meet is infeasible, not wrong.
  if (typeof value === "number" && !Number.isNaN(value)) return;
  throw new InputError(`${kind} is ${String(value)}; expected a number`, { field: kind });
}
