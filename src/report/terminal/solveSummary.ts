import { hypervolumes, type Changes } from "../../plan/whatIf.js";
import type { Plan } from "../../plan/plan.js";
import type { Target } from "../../solve/target.js";
import { endsOf, hypervolumeOf } from "./points.js";

/** The chosen plan for programs: everything but the allocation itself. */
export function summaryOf(
  {
    choice,
    bestSingle,
    breakEvens,
    problem,
    front,
    heldOutCheck,
    knee,
    notes,
    predictor,
    predictedCosts,
    groups,
  }: Plan,
  target: Target,
) {
  const { cheapest, mostAccurate } = endsOf(front);
  const common = {
    target,
    queries: front.queries,
    models: problem.models,
    predictor: predictor.kind,
    notes,
    predictedCosts,
    ...(groups && { groups }),
    settings: predictor.settings,
    candidates: predictor.candidates,
    bestSingle: bestSingle ?? null,
    cheapest,
    knee,
    mostAccurate,
    front: {
      points: front.totalCost.length,
      algorithm: front.algorithm,
      resolution: front.resolution,
      hypervolume: hypervolumeOf(front),
    },
  };
  if (choice.status === "infeasible") return { status: choice.status, closest: choice.closest, ...common };
  const { status, totalCost, expectedAccuracy, bound, gap, costBound, costGap, optimal, lambda, shares } =
    choice;
  return {
    status,
    totalCost,
    expectedAccuracy,
    bound,
    gap,
    costBound,
    costGap,
    optimal,
    lambda: Number.isFinite(lambda) ? lambda : null,
    dollarsPerRightAnswer: Number.isFinite(lambda) ? 1 / lambda : null,
    heldOutCheck: heldOutCheck ?? null,
    shares,
    breakEven: breakEvens!.map(({ costFactor, ...rest }) => ({
      ...rest,
      costFactor: Number.isFinite(costFactor) ? costFactor : null,
    })),
    ...common,
  };
}

/** The change and both worlds, on one scale; nothing without a change. */
export function whatIfOf({ before, front, choice }: Plan, changes: Changes | undefined) {
  if (before === undefined) return {};
  const volumes = hypervolumes([before.front, front]);
  const [old, changed] = [before.choice, choice].map((one, k) => ({
    hypervolume: volumes[k],
    status: one.status,
    ...(one.status === "chosen" && { totalCost: one.totalCost, expectedAccuracy: one.expectedAccuracy }),
  }));
  return { whatIf: { changes, before: old, after: changed } };
}
