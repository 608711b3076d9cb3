import { breakEvens, type BreakEven } from "../solve/breakEven.js";
import type { AllocationFile } from "../rows/allocation.js";
import type { Choice, Chosen } from "../solve/choice.js";
import { choose } from "../solve/choose.js";
import { chooseUnder } from "../solve/constraints/choose.js";
import type { Constraint } from "../solve/constraints/constraint.js";
import { frontUnder, type FrontUnder } from "../solve/constraints/front.js";
import type { ChoiceUnder } from "../solve/constraints/result.js";
import { solveFront, type Front, type SolveOptions } from "../solve/front.js";
import type { Objective } from "../solve/objective.js";
import { bestOf, singles, type SingleObjective } from "../solve/single.js";
import type { Target } from "../solve/target.js";
import type { Dataset, Problem } from "../types.js";
import { groupsOf, GroupSums, type GroupFigures } from "./groups.js";
import { checkHeldOut, type HeldOutCheck } from "./heldOutCheck.js";
import { labelledRows } from "./labels.js";
import type { Limits } from "./limits/read.js";
import { resolveLimits, type Constrained } from "./limits/resolve.js";
import { predictProblem, type PredictOptions, type Prediction } from "./predictProblem.js";
import { isBelowCheapest } from "./hopeless.js";
import { isSample, type Source } from "./source.js";
import { prepareProblem, type PrepareOptions, type Ready } from "./prepare.js";
import { changeDataset, checkChanges, hasChanges, type Changes } from "./whatIf.js";
import { someOf } from "../text/names.js";

/** How work is planned. */
export interface PlanOptions extends PredictOptions, SolveOptions, PrepareOptions {
  /** A column of the work; figures are reported for each of its values. */
  group?: string;
  /** Limits that the choice keeps besides its target. */
  limits?: Limits;
  /** With limits: also compute the front under them, which solves the problem at each of its points. Default false. */
  sweepsBudget?: boolean;
}

/** A front of the work, an allocation chosen from it, and what to compare it with. */
export interface Plan extends Prediction {
  /** Without the limits. */
  front: Front;
  /** The limits as the choice was made under them; empty without any. */
  constraints: readonly Constraint[];
  choice: Choice | ChoiceUnder;
  /** Only if asked for, with limits: the front of the plans that keep them. */
  frontUnder?: FrontUnder;
  /** Where the front is farthest above the line between its ends. */
  knee: Objective;
  /** Labelled rows that the predictions rest on. */
  labelledRows: number;
  /** The choice checked on held-out labelled rows; undefined with limits, and where that is impossible. */
  heldOutCheck?: HeldOutCheck;
  /** Cost and expected accuracy of each model alone, as `singles` has them; undefined for one that must not answer many. */
  singles: (SingleObjective | undefined)[];
  /** The single model of highest expected accuracy; undefined when no model may answer all queries or nearly all. */
  bestSingle?: SingleObjective & { model: string };
  /** For each model, at the λ of the choice; undefined with limits, whose prices also decide, and without a choice. */
  breakEvens?: BreakEven[];
  /** Only with changes: the same target without them. */
  before?: { front: Front; choice: Choice | ChoiceUnder };
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
  const { batch, group } = options;
  checkChanges(options.changes, [...new Set([...work.models, ...source.models])]);
  const groups = group === undefined ? undefined : groupsOf(work, group);
  // What no prediction can change is not worth learning for.
  const isHopeless =
    !hasChanges(options.changes) && batch === undefined && isBelowCheapest(work, source, target, options);
  const predicting = isHopeless ? { ...options, predictor: "base-rate" as const } : options;
  const prediction = await predictProblem(work, source, predicting);
  if (isHopeless)
    prediction.notes.push("nothing is learned: the budget is below the cheapest recorded costs");
  const prepared = await prepareProblem(prediction.problem, work, prediction.predictor.unbeaten, options);
  const { problem, within, changes, parts, gone, before } = prepared;
  const front = await solveFront(problem, options);
  const constrained = await limited(problem, work, source, { ...options, gone });
  const { constraints } = constrained;
  const isFree = constraints.length === 0;
  const choice = isFree
    ? await choose(front, target, { ...options, within })
    : await chooseUnder(constrained.problem, constraints, target, { ...options, withoutEach: true });
  const knee = "knee" in target && isFree ? choice : await choose(front, { knee: true }, options);
  const objectives = await singles(problem, options.signal);
  const single = bestOf(objectives);
  return {
    ...prediction,
    notes: [
      ...prediction.notes,
      ...prepared.notes,
      ...barredNotes(problem.models, objectives, front.queries),
      ...constrained.notes,
    ],
    problem,
    front,
    constraints,
    choice,
    ...(!isFree && (await sweep(constrained, options))),
    knee: objectiveOf(knee),
    labelledRows: labelledRows(source),
    singles: objectives,
    bestSingle: single && { model: problem.models[single.model], ...single.objective },
    ...(choice.status === "chosen" && {
      ...(isFree && { breakEvens: await breakEvens(problem, choice.lambda, options.signal) }),
      ...(isFree &&
        isSample(source) &&
        (batch === undefined || parts !== undefined) && {
          heldOutCheck: await checkHeldOut(
            choice,
            problem.models,
            sampleAsPlanned(source, changes, parts),
            prediction.predictor,
          ),
        }),
      ...(groups && { groups: expectedGroups(groups, problem, choice.allocation) }),
    }),
    ...(before && { before: await unchanged(before(), work, source, target, options) }),
  };
}

/** The sample with the costs that the plan was made with. */
function sampleAsPlanned(
  sample: Dataset,
  changes: Changes | undefined,
  parts: [string, number][] | undefined,
): Dataset {
  const changed = hasChanges(changes) ? changeDataset(sample, changes!) : sample;
  return parts === undefined ? changed : changeDataset(changed, { scaleCost: parts });
}

/** Says how models without a cost for a few queries are compared. */
function barredNotes(
  models: readonly string[],
  singles: readonly (SingleObjective | undefined)[],
  queries: number,
): string[] {
  const barred = singles.flatMap((single, m) =>
    single?.answered === undefined
      ? []
      : [`"${models[m]}" ${Math.max(1, Math.round((1 - single.answered) * queries))}`],
  );
  if (barred.length === 0) return [];
  return [
    `models may not answer some of the ${queries} queries, which have no cost for them: ${someOf(barred, MOST_NAMED)}; ` +
      "alone, each is judged by the queries it may answer",
  ];
}

const MOST_NAMED = 6;

function objectiveOf(choice: Plan["choice"]): Objective {
  const { totalCost, expectedAccuracy } = choice.status === "chosen" ? choice : choice.closest;
  return { totalCost, expectedAccuracy };
}

function expectedGroups(groups: readonly string[], problem: Problem, allocation: Uint8Array): GroupFigures[] {
  const sums = new GroupSums();
  sums.add(groups, allocation, { ...problem, accuracy: problem.successProbability });
  return sums.figures(problem.models);
}

async function unchanged(
  { problem, within }: Ready,
  work: Dataset,
  source: Source,
  target: Target,
  options: PlanOptions,
) {
  const front = await solveFront(problem, options);
  const { problem: constrained, constraints } = await limited(problem, work, source, options);
  const choice =
    constraints.length === 0
      ? await choose(front, target, { ...options, within })
      : await chooseUnder(constrained, constraints, target, options);
  return { front, choice };
}

/** The problem with its limits as constraints; as it is without any. */
async function limited(
  problem: Problem,
  work: Dataset,
  source: Source,
  options: PlanOptions & { gone?: readonly string[] },
): Promise<Constrained> {
  const { limits } = options;
  if (limits === undefined || limits.specs.length === 0) return { problem, constraints: [], notes: [] };
  const constrained = await resolveLimits(limits, problem, work, source, options);
  if (constrained.constraints.length === 0) return constrained;
  return { ...constrained, notes: [...constrained.notes, UNCHECKED_LIMITS] };
}

/** What a plan under limits says of itself. */
export const UNCHECKED_LIMITS =
  "the limits are kept by the predictions; a plan under limits is not checked on held-out rows (`optllm backtest` with the same limits judges it on records)";

async function sweep(
  { problem, constraints }: Constrained,
  options: PlanOptions,
): Promise<Pick<Plan, "frontUnder">> {
  if (options.sweepsBudget !== true) return {};
  return { frontUnder: await frontUnder(problem, constraints, options) };
}

/** The allocation of a plan whose target is feasible, as it would be read from a file. */
export function allocationOf({ problem, choice }: Plan): AllocationFile {
  const { models, ids, cost } = problem;
  const { allocation } = choice as Chosen;
  const charged = Float64Array.from(allocation, (m, q) => cost[q * models.length + m]);
  return { ids: ids!, models, allocation, cost: charged };
}
