import type { Choice } from "../solve/choice.js";
import { choose } from "../solve/choose.js";
import { solveFront, type Front, type SolveOptions } from "../solve/front.js";
import type { Objective } from "../solve/objective.js";
import { bestOf, singles } from "../solve/single.js";
import type { Target } from "../solve/target.js";
import type { Dataset } from "../types.js";
import { predictProblem, type PredictOptions, type Prediction } from "./predictProblem.js";

export type PlanOptions = PredictOptions & SolveOptions;

/** A front of the work, an allocation chosen from it, and what to compare it with. */
export interface Plan extends Prediction {
  front: Front;
  choice: Choice;
  /** What each model alone would cost and reach; undefined for one that must not answer some query. */
  singles: (Objective | undefined)[];
  /** The single model of highest expected accuracy; undefined when no model may answer every query. */
  bestSingle?: Objective & { model: string };
}

/** From work and a labelled sample to a chosen allocation. */
export async function planAllocation(
  work: Dataset,
  sample: Dataset,
  target: Target,
  options: PlanOptions = {},
): Promise<Plan> {
  const prediction = await predictProblem(work, sample, options);
  const { problem } = prediction;
  const front = await solveFront(problem, options);
  const choice = await choose(front, target, options);
  const objectives = await singles(problem, options.signal);
  const single = bestOf(objectives);
  return {
    ...prediction,
    front,
    choice,
    singles: objectives,
    bestSingle: single && { model: problem.models[single.model], ...single.objective },
  };
}
