import { InputError } from "../../errors.js";
import type { RunningOptions } from "../../pool/running.js";
import { placesOfInput, unitsPerDollar, wholeUnits } from "../exact/units.js";
import type { SolveInput } from "../input.js";
import type { Objective } from "../objective.js";
import { bestSingle } from "../single.js";
import { checkTarget, type Target } from "../target.js";
import { compile, understand, type Goal, type Understood } from "./compile.js";
import type { Constraint } from "./constraint.js";
import type { Effort } from "./polish.js";
import type { ChoiceUnder, ChosenUnder } from "./result.js";
import type { Row } from "./rows.js";
import { accuracyRow, budgetRow } from "./targets.js";
import { bests } from "./ties.js";

/** How to choose under constraints. */
export interface ChooseUnderOptions extends RunningOptions {
  /**
   * Most steps of the search that improves the rounded plan; a whole number ≥ 0, default 4,000. Of up to 2,000 queries a proof is
   * looked for as well, for a time that grows with the steps: about a second at 4,000, and again where ties are broken. 0: a plan
   * that violates limits is still repaired, once.
   */
  steps?: number;
  /**
   * Milliseconds after which that search ends, after its first steps at the earliest; of each solve, where there are several.
   * Default: no limit. The same steps give the same bytes on every machine.
   */
  timeLimitMs?: number;
  /** Of that search; a whole number, default 1. */
  seed?: number;
  /** Of up to 2,000 queries: whether to look for a proof that the plan is the best. Default true. */
  proof?: boolean;
  /** Also solve without each constraint that binds. Default false. */
  withoutEach?: boolean;
}

/**
 * Picks the best allocation that meets a target and keeps every constraint: the most accurate within a budget, the cheapest that
 * reaches an accuracy, or at the knee of the front under the constraints.
 *
 * The bounds come from the Lagrangian dual of an exact last pass over all queries, and hold whatever the search did. Every limit
 * is kept by a fresh evaluation, to the last unit. An answer `infeasible` is proven, and names limits that conflict. The same
 * bytes on any number of threads, unless `timeLimitMs` ends the search. Time: some 10 to 50 passes over the matrices.
 *
 * A stream of blocks is read anew for each pass, and gives the bytes of the same problem in memory; its allocation, two bytes a
 * query for groups, samples, and the queries that are close between two models are kept in memory.
 *
 * @throws InputError for values that `solveFront` refuses, and for a constraint that means nothing.
 */
export async function chooseUnder(
  problem: SolveInput,
  constraints: readonly Constraint[],
  target: Target,
  options: ChooseUnderOptions = {},
): Promise<ChoiceUnder> {
  checkTarget(target);
  const effort = effortOf(options);
  options.onProgress?.({ phase: "limits", done: 0, total: 0 });
  const understood = await understand(problem, constraints, options);
  const choice = await meet(understood, target, effort, options);
  if (choice.status !== "chosen" || options.withoutEach !== true) return choice;
  // What a limit costs needs no proof.
  const without = async (others: readonly Constraint[]): Promise<ChoiceUnder> =>
    meet(await understand(problem, others, options), target, { ...effort, provesBest: false }, options);
  return { ...choice, without: await withoutEach(constraints, choice, target, without, options) };
}

/** Work of a proof for each step of the search. */
const PROOF_A_STEP = 12_500;

function effortOf({
  steps = 4_000,
  timeLimitMs = Infinity,
  seed = 1,
  proof = true,
}: ChooseUnderOptions): Effort {
  if (!(Number.isSafeInteger(steps) && steps >= 0)) {
    throw new InputError(`steps is ${steps}; expected a whole number ≥ 0`, { field: "steps" });
  }
  if (!(typeof timeLimitMs === "number" && timeLimitMs >= 0)) {
    throw new InputError(`timeLimitMs is ${timeLimitMs}; expected milliseconds ≥ 0`, {
      field: "timeLimitMs",
    });
  }
  if (!Number.isSafeInteger(seed)) {
    throw new InputError(`seed is ${seed}; expected a whole number`, { field: "seed" });
  }
  return { steps, timeLimitMs, proof: PROOF_A_STEP * steps, provesBest: proof, seed };
}

async function meet(
  understood: Understood,
  target: Target,
  effort: Effort,
  options: ChooseUnderOptions,
): Promise<ChoiceUnder> {
  // Loaded where it is used, so that a page whose plans have no limits has none of it.
  const { solveCompiled } = await import("./solve.js");
  const { budget, accuracy, knee } = target as { budget?: number; accuracy?: number; knee?: true };
  const solve = async (goal: Goal, row?: Row): Promise<ChoiceUnder> =>
    (await solveCompiled(compile(understood, goal, row), understood, effort, options)).choice;
  const { mostAccurate, cheapest } = bests(understood, solve);
  if (budget !== undefined) {
    const places = await placesOfInput(understood.problem, options.signal);
    const dollars = wholeUnits(budget, unitsPerDollar(places));
    return mostAccurate(budgetRow(understood, dollars));
  }
  if (accuracy !== undefined) return cheapest(accuracyRow(understood, accuracy));
  if (knee === undefined) {
    const single = await bestSingle(understood.problem, options.signal);
    if (single === undefined) {
      throw new InputError(
        "no single model may answer every query or nearly every one, so no accuracy can be matched",
        { field: "matchBest" },
      );
    }
    return cheapest(accuracyRow(understood, single.objective.expectedAccuracy));
  }
  // The point farthest above the straight line between the cheapest plan and the most accurate one.
  const first = await cheapest();
  if (first.status !== "chosen") return first;
  const last = await mostAccurate();
  if (last.status !== "chosen" || !(last.totalCost > first.totalCost)) return last;
  const rise = (last.expectedAccuracy - first.expectedAccuracy) * understood.weight;
  return solve({ gain: 1, cost: -rise / (last.totalCost - first.totalCost) });
}

/** The plans without each of the constraints that bind: the chosen one itself where none that is better is found. */
async function withoutEach(
  constraints: readonly Constraint[],
  choice: ChosenUnder,
  target: Target,
  solve: (others: readonly Constraint[]) => Promise<ChoiceUnder>,
  { onProgress }: RunningOptions,
): Promise<NonNullable<ChosenUnder["without"]>> {
  const found: NonNullable<ChosenUnder["without"]> = [];
  const binding = new Map(
    choice.limits.flatMap(({ constraint, name, binds }) =>
      binds && constraint >= 0 ? [[constraint, name] as const] : [],
    ),
  );
  let done = 0;
  for (const [constraint, name] of binding) {
    onProgress?.({ phase: "without", done: done++, total: binding.size });
    const plan = await solve(constraints.filter((_, k) => k !== constraint));
    if (plan.status !== "chosen" && "knee" in target) continue;
    const isWorse = plan.status !== "chosen" || isBetter(choice, plan, target);
    const { totalCost, expectedAccuracy } = isWorse ? choice : plan;
    found.push({ constraint, name, totalCost, expectedAccuracy });
  }
  return found;
}

/** Whether a plan meets a target better than another one does; the knees of two fronts cannot be compared. */
function isBetter(plan: Objective, other: Objective, target: Target): boolean {
  if ("knee" in target) return false;
  return "budget" in target
    ? plan.expectedAccuracy > other.expectedAccuracy
    : plan.totalCost < other.totalCost;
}
