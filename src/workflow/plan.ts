import { breakEvens, type BreakEven } from "../solve/breakEven.js";
import type { Choice } from "../solve/choice.js";
import { choose } from "../solve/choose.js";
import { solveFront, type Front, type SolveOptions } from "../solve/front.js";
import type { Objective } from "../solve/objective.js";
import { bestOf, singles } from "../solve/single.js";
import type { Target } from "../solve/target.js";
import type { Predictor } from "../predict/index.js";
import type { Dataset } from "../types.js";
import { predictProblem, type PredictOptions, type Prediction } from "./predictProblem.js";
import { changeProblem, hasChanges, type Changes } from "./whatIf.js";

export interface PlanOptions extends PredictOptions, SolveOptions {
  /** A changed world to plan in, with the predictions of the unchanged one. */
  changes?: Changes;
}

/** A front of the work, an allocation chosen from it, and what to compare it with. */
export interface Plan extends Prediction {
  front: Front;
  choice: Choice;
  /** What each model alone would cost and reach; undefined for one that must not answer some query. */
  singles: (Objective | undefined)[];
  /** The single model of highest expected accuracy; undefined when no model may answer every query. */
  bestSingle?: Objective & { model: string };
  /** Of each model, at the price of accuracy of the choice; undefined where that is infeasible. */
  breakEvens?: BreakEven[];
  /** Only with changes: what the same target gives without them. */
  before?: { front: Front; choice: Choice };
}

/** From work and a labelled sample, or what was learned before, to a chosen allocation. */
export async function planAllocation(
  work: Dataset,
  source: Dataset | Predictor,
  target: Target,
  options: PlanOptions = {},
): Promise<Plan> {
  const prediction = await predictProblem(work, source, options);
  const isChanged = hasChanges(options.changes);
  const problem = isChanged ? changeProblem(prediction.problem, options.changes!) : prediction.problem;
  const front = await solveFront(problem, options);
  const choice = await choose(front, target, options);
  const objectives = await singles(problem, options.signal);
  const single = bestOf(objectives);
  return {
    ...prediction,
    problem,
    front,
    choice,
    singles: objectives,
    bestSingle: single && { model: problem.models[single.model], ...single.objective },
    ...(choice.status === "chosen" && {
      breakEvens: await breakEvens(problem, choice.lambda, options.signal),
    }),
    ...(isChanged && { before: await unchanged(prediction, target, options) }),
  };
}

async function unchanged({ problem }: Prediction, target: Target, options: PlanOptions) {
  const front = await solveFront(problem, options);
  return { front, choice: await choose(front, target, options) };
}
