import type { Plan } from "../plan/plan.js";
import { hypervolumes, type Changes } from "../plan/whatIf.js";
import type { Chosen } from "../solve/choice.js";
import type { ChosenUnder, Limit } from "../solve/constraints/result.js";
import type { Target } from "../solve/target.js";
import { decisionSentence } from "./decision.js";
import { endsOf, hypervolumeOf } from "./frontFigures.js";

/** A plan for programs: everything but the allocation itself. */
export function summaryOf(plan: Plan, target: Target) {
  const { choice } = plan;
  return choice.status !== "chosen"
    ? { ...failedOf(choice), ...commonOf(plan, target) }
    : { ...chosenOf(plan, choice), decision: decisionSentence(plan, choice), ...commonOf(plan, target) };
}

/** The figures that a plan has whether its target is met or not. Those of the front are without the limits, and say so. */
function commonOf(plan: Plan, target: Target) {
  const { front, predictor } = plan;
  const { cheapest, mostAccurate } = endsOf(front);
  const points = {
    cheapest,
    knee: plan.knee,
    mostAccurate,
    front: {
      points: front.totalCost.length,
      algorithm: front.algorithm,
      resolution: front.resolution,
      hypervolume: hypervolumeOf(front),
    },
  };
  return {
    target,
    queries: front.queries,
    models: plan.problem.models,
    predictor: predictor.kind,
    labelledRows: plan.labelledRows,
    notes: plan.notes,
    predictedCosts: plan.predictedCosts,
    ...(plan.groups && { groups: plan.groups }),
    settings: predictor.settings,
    candidates: predictor.candidates,
    bestSingle: plan.bestSingle ?? null,
    ...(plan.constraints.length === 0 ? points : { withoutLimits: points }),
  };
}

/** The figures of the choice. JSON has no ∞: it becomes null. */
function chosenOf({ heldOutCheck, breakEvens }: Plan, chosen: Chosen | ChosenUnder) {
  const { lambda } = chosen;
  return {
    status: chosen.status,
    totalCost: chosen.totalCost,
    expectedAccuracy: chosen.expectedAccuracy,
    bound: chosen.bound,
    gap: chosen.gap,
    costBound: chosen.costBound,
    costGap: chosen.costGap,
    optimal: chosen.optimal,
    lambda: Number.isFinite(lambda) ? lambda : null,
    dollarsPerRightAnswer: Number.isFinite(lambda) ? 1 / lambda : null,
    heldOutCheck: heldOutCheck ?? null,
    shares: chosen.shares,
    ...("limits" in chosen && { ...limitsJson(chosen), without: chosen.without }),
    breakEven: (breakEvens ?? []).map(({ costFactor, ...rest }) => ({
      ...rest,
      costFactor: Number.isFinite(costFactor) ? costFactor : null,
    })),
  };
}

/** Why there is no plan, with the certificate or the bounds. */
function failedOf(choice: Exclude<Plan["choice"], Chosen>) {
  const { status, closest } = choice;
  if (!("limits" in choice)) return { status, closest };
  const { bound, costBound, conflict, proof } = {
    ...{ bound: undefined, costBound: undefined, conflict: undefined, proof: undefined },
    ...choice,
  };
  return { status, closest, bound, costBound, conflict, proof, ...limitsJson(choice) };
}

/** How a plan stands to every limit. JSON has no ∞ and no NaN: they become null. */
export function limitsJson({ limits }: { limits: readonly Limit[] }) {
  const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    limits: limits.map(({ value, slack, price, ...rest }) => ({
      ...rest,
      value: known(value),
      slack: known(slack),
      price: { accuracy: known(price.accuracy), dollars: known(price.dollars) },
    })),
  };
}

/** The change and the figures before and after it, on one scale; empty without a change. */
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
