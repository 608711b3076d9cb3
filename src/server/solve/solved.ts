import { choose } from "../../solve/choose.js";
import type { Choice } from "../../solve/choice.js";
import { solveFront } from "../../solve/front.js";
import type { Target } from "../../solve/target.js";
import type { Problem } from "../../types.js";

/** A problem and what to choose for. */
export interface Task {
  problem: Problem;
  target: Target;
  refine: boolean;
}

/** @throws InputError naming the field. */
export async function solved({ problem, target, refine }: Task, signal?: AbortSignal): Promise<Choice> {
  const front = await solveFront(problem, { signal });
  return choose(front, target, { refine, signal });
}
