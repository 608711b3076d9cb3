import { breakEvens, type BreakEven } from "../solve/breakEven.js";
import type { AllocationFile } from "../rows/allocation.js";
import type { Choice, Chosen } from "../solve/choice.js";
import { choose } from "../solve/choose.js";
import { solveFront, type Front, type SolveOptions } from "../solve/front.js";
import type { Objective } from "../solve/objective.js";
import { bestOf, singles } from "../solve/single.js";
import type { Target } from "../solve/target.js";
import type { PriceTable } from "../prices/table.js";
import type { Dataset, Problem } from "../types.js";
import { withBatchArms, type BatchChoice } from "./batchArms.js";
import { withinContexts } from "./contexts.js";
import { groupsOf, GroupSums, type GroupFigures } from "./groups.js";
import { checkHeldOut, type HeldOutCheck } from "./heldOutCheck.js";
import { predictProblem, type PredictOptions, type Prediction } from "./predictProblem.js";
import { isBelowCheapest } from "./hopeless.js";
import { isSample, type Source } from "./source.js";
import { changeDataset, changeProblem, checkChanges, hasChanges, type Changes } from "./whatIf.js";

/** How work is planned. */
export interface PlanOptions extends PredictOptions, SolveOptions {
  /** Changes to costs and models, made after predicting. */
  changes?: Changes;
  /** Models that may answer in a batch as well. */
  batch?: BatchChoice;
  /** Gives batch discounts and context lengths; a model must not answer a longer query. Default: neither is known. */
  priceTable?: PriceTable;
  /** A column of the work; figures are reported for each of its values. */
  group?: string;
}

/** A front of the work, an allocation chosen from it, and what to compare it with. */
export interface Plan extends Prediction {
  front: Front;
  choice: Choice;
  /** Where the front is farthest above the line between its ends. */
  knee: Objective;
  /** The choice checked on held-out labelled rows; undefined where that is impossible. */
  heldOutCheck?: HeldOutCheck;
  /** Cost and expected accuracy of each model alone; undefined for one that must not answer some query. */
  singles: (Objective | undefined)[];
  /** The single model of highest expected accuracy; undefined when no model may answer every query. */
  bestSingle?: Objective & { model: string };
  /** For each model, at the λ of the choice; undefined where the target is infeasible. */
  breakEvens?: BreakEven[];
  /** Only with changes: the same target without them. */
  before?: { front: Front; choice: Choice };
  /** Only with a group column: expected figures of the choice, the largest group first; undefined where infeasible. */
  groups?: GroupFigures[];
}

/** Plans a workload: predicts it from a labelled sample or with a predictor, solves it, and chooses an allocation. */
export async function planAllocation(
  work: Dataset,
  source: Source,
  target: Target,
  options: PlanOptions = {},
): Promise<Plan> {
  const { changes, batch, priceTable, group } = options;
  checkChanges(changes, [...new Set([...work.models, ...source.models])]);
  const groups = group === undefined ? undefined : groupsOf(work, group);
  // What no prediction can change is not worth learning for.
  const isHopeless =
    !hasChanges(changes) && batch === undefined && isBelowCheapest(work, source, target, options);
  const predicting = isHopeless ? { ...options, predictor: "base-rate" as const } : options;
  const prediction = await predictProblem(work, source, predicting);
  if (isHopeless)
    prediction.notes.push("nothing is learned: the budget is below the cheapest recorded costs");
  const isChanged = hasChanges(changes);
  const { problem: allowed, notes } = priceTable
    ? await withinContexts(prediction.problem, work, priceTable)
    : { problem: prediction.problem, notes: [] };
  const withArms = (world: Problem): Problem =>
    batch === undefined ? world : withBatchArms(world, work, batch, priceTable);
  const problem = withArms(isChanged ? changeProblem(allowed, changes!, work) : allowed);
  const front = await solveFront(problem, options);
  const choice = await choose(front, target, options);
  const knee = "knee" in target ? choice : await choose(front, { knee: true }, options);
  const objectives = await singles(problem, options.signal);
  const single = bestOf(objectives);
  return {
    ...prediction,
    notes: [...prediction.notes, ...notes],
    problem,
    front,
    choice,
    knee: objectiveOf(knee),
    singles: objectives,
    bestSingle: single && { model: problem.models[single.model], ...single.objective },
    ...(choice.status === "chosen" && {
      breakEvens: await breakEvens(problem, choice.lambda, options.signal),
      ...(isSample(source) &&
        batch === undefined && {
          heldOutCheck: await checkHeldOut(
            choice,
            problem.models,
            isChanged ? changeDataset(source, changes!) : source,
            prediction.predictor,
          ),
        }),
      ...(groups && { groups: expectedGroups(groups, problem, choice.allocation) }),
    }),
    ...(isChanged && { before: await unchanged(withArms(allowed), target, options) }),
  };
}

function objectiveOf(choice: Choice): Objective {
  const { totalCost, expectedAccuracy } = choice.status === "chosen" ? choice : choice.closest;
  return { totalCost, expectedAccuracy };
}

function expectedGroups(groups: readonly string[], problem: Problem, allocation: Uint8Array): GroupFigures[] {
  const sums = new GroupSums();
  sums.add(groups, allocation, { ...problem, accuracy: problem.successProbability });
  return sums.figures(problem.models);
}

async function unchanged(problem: Problem, target: Target, options: PlanOptions) {
  const front = await solveFront(problem, options);
  return { front, choice: await choose(front, target, options) };
}

/** The allocation of a plan whose target is feasible, as it would be read from a file. */
export function allocationOf({ problem, choice }: Plan): AllocationFile {
  const { models, ids, cost } = problem;
  const { allocation } = choice as Chosen;
  const charged = Float64Array.from(allocation, (m, q) => cost[q * models.length + m]);
  return { ids: ids!, models, allocation, cost: charged };
}
