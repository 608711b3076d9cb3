import type { Choice } from "../../solve/choice.js";
import { chooseOnce } from "../../solve/chooseOnce.js";
import { chooseUnder } from "../../solve/constraints/choose.js";
import type { Constraint } from "../../solve/constraints/constraint.js";
import type { ChoiceUnder } from "../../solve/constraints/result.js";
import type { Target } from "../../solve/target.js";
import type { Problem } from "../../types.js";

/** A problem and what to choose for. */
export interface Task {
  problem: Problem;
  target: Target;
  /** Whether to search beyond the front; without constraints. */
  refine: boolean;
  constraints?: Constraint[];
}

/** What a task is answered with. */
export type Solution = Choice | ChoiceUnder;

/** @throws InputError naming the field. */
export async function solved(
  { problem, target, refine, constraints }: Task,
  signal?: AbortSignal,
): Promise<Solution> {
  if (constraints !== undefined) return chooseUnder(problem, constraints, target, { signal });
  return chooseOnce(problem, target, { refine, signal });
}
