import { gapToOracle, relativeGain } from "./figures/gains.js";
import { routerArenaScore } from "./figures/arena.js";
import { choose } from "../solve/choose.js";
import { chooseUnder } from "../solve/constraints/choose.js";
import type { ChosenUnder } from "../solve/constraints/result.js";
import type { Front } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import type { Target } from "../solve/target.js";
import type { Predictor } from "../predict/predictor.js";
import type { Dataset } from "../types.js";
import type { Records } from "./comparators.js";
import { judgedLimits, type JudgedLimit, type Limited } from "./limits.js";
import { checkHeldOut, type HeldOutCheck } from "../plan/heldOutCheck.js";

/** Cost in dollars and accuracy 0 … 1 of all test queries. */
export interface CostAccuracy {
  cost: number;
  accuracy: number;
}

/** A plan that was chosen on predictions and judged on records. */
export interface ChosenPlan {
  status: "chosen";
  target: Target;
  /**
   * Cost by the predictions; accuracy midway between the predictions, which promise too much, and the held-out labelled rows,
   * which promise too little. By the predictions alone where there are no such rows.
   */
  promised: CostAccuracy;
  /** Accuracy by the predictions alone, which favour the models that are overrated. */
  predicted: number;
  /** What held-out labelled rows say; undefined where that is impossible. */
  heldOutCheck?: HeldOutCheck;
  /** By the records. */
  realised: CostAccuracy;
  /** λ of the plan, probability per dollar; null at the cheapest allocation. */
  lambda: number | null;
  shares: Record<string, number>;
  /** RouterArena's score, 0 … 1. */
  routerArena: number;
  /** Only with limits: each by the predictions and by the records. */
  limits?: JudgedLimit[];
}

/** LLMRouterBench's figures of a plan. */
export interface PlanRating {
  /** Relative gain on the random mix (LLMRouterBench's Gain@R). */
  gainOnRandom: number | null;
  /** Relative gain on the best single model (Gain@B). */
  gainOnBest: number | null;
  /** Relative distance to the oracle's accuracy (Gap@O). */
  gapToOracle: number | null;
}

/** No allocation was predicted to meet the target; with limits: none that keeps them was found. */
export interface InfeasiblePlan {
  status: "infeasible";
  target: Target;
}

/** A plan of one repeat, judged by records. */
export type JudgedPlan = ChosenPlan | InfeasiblePlan;

/** A judged plan, compared with single models, random choice and the oracle. */
export type RatedPlan = (ChosenPlan & PlanRating) | InfeasiblePlan;

/** Accuracies on the test queries that a plan is compared with. */
export interface Standards {
  random: number;
  best: number;
  oracle: number;
}

/**
 * Chooses a plan for every target by predictions alone, and judges it by the records; with `fitted`, also by rows held out,
 * unless there are limits.
 */
export async function choosePlans(
  front: Front,
  targets: readonly Target[],
  records: Records,
  options: RunningOptions & { within: number },
  { fitted, limited }: { fitted?: { sample: Dataset; predictor: Predictor }; limited?: Limited } = {},
): Promise<{ plans: JudgedPlan[]; allocations: (Uint8Array | undefined)[] }> {
  const plans: JudgedPlan[] = [];
  const allocations: (Uint8Array | undefined)[] = [];
  for (const target of targets) {
    const choice =
      limited === undefined
        ? await choose(front, target, options)
        : await chooseUnder(limited.problem, limited.constraints, target, { ...options, proof: false });
    if (choice.status !== "chosen") {
      plans.push({ status: "infeasible", target });
      allocations.push(undefined);
      continue;
    }
    const { allocation, totalCost, expectedAccuracy, lambda, shares } = choice;
    const realised = sumUp(records, front.problem.models.length, allocation);
    const heldOutCheck =
      fitted && (await checkHeldOut(choice, front.problem.models, fitted.sample, fitted.predictor));
    plans.push({
      status: "chosen",
      target,
      promised: {
        cost: totalCost,
        accuracy: (expectedAccuracy + (heldOutCheck?.accuracy.estimate ?? expectedAccuracy)) / 2,
      },
      predicted: expectedAccuracy,
      ...(limited && { limits: await judgedLimits(limited, choice as ChosenUnder) }),
      ...(heldOutCheck && { heldOutCheck }),
      realised,
      lambda: Number.isFinite(lambda) ? lambda : null,
      shares,
      routerArena: routerArenaScore({ cost: realised.cost / front.queries, accuracy: realised.accuracy }),
    });
    allocations.push(allocation);
  }
  return { plans, allocations };
}

/** A plan with its figures relative to the standards. */
export function rated(plan: JudgedPlan, { random, best, oracle }: Standards): RatedPlan {
  if (plan.status === "infeasible") return plan;
  const { accuracy } = plan.realised;
  return {
    ...plan,
    gainOnRandom: relativeGain(accuracy, random),
    gainOnBest: relativeGain(accuracy, best),
    gapToOracle: gapToOracle(accuracy, oracle),
  };
}

function sumUp({ cost, outcome }: Records, models: number, allocation: Uint8Array): CostAccuracy {
  let dollars = 0;
  let right = 0;
  allocation.forEach((model, q) => {
    dollars += cost[q * models + model];
    right += outcome[q * models + model];
  });
  return { cost: dollars, accuracy: right / allocation.length };
}
