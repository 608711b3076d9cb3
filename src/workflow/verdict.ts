import { decide, labelsToSettle, type Decision, type Interval } from "../evaluate/index.js";
import type { Target } from "../solve/target.js";
import type { Advantage } from "./evidence.js";

/** Whether to route, in words. */
export interface Verdict {
  /** `route`; `single`: use `model` alone; `unsure`: not enough evidence. */
  decision: Decision;
  /** The best single model: what to use where routing does not pay. */
  model: string;
  /** How many more labelled test queries would likely settle it; 0 where it is settled, null where none would. */
  moreLabels: number | null;
  sentence: string;
}

/** What a verdict rests on, over all repeats. */
interface Grounds {
  againstZeroRouter: Advantage;
  /** The front against the best single model. */
  front: Advantage;
  /** Repeats in which some allocation promised the target. */
  feasible: number;
}

/**
 * Judges a target by its plan's accuracy above the zero router at the same cost; matching the best single model by the
 * front's accuracy above that model at its cost as well. `route`: every such 95 % interval lies above 0; `single`: one
 * lies below; else `unsure`,
 * as is a target that nothing promises. `queries`: how many were judged on.
 */
export function verdictOn(target: Target, grounds: Grounds, model: string, queries: number): Verdict {
  if (grounds.feasible === 0) {
    return { decision: "unsure", model, moreLabels: null, sentence: "No plan: no allocation promises this." };
  }
  const atItsCost = grounds.front.accuracyAtEqualCost;
  const atPlanCost = grounds.againstZeroRouter.accuracyAtEqualCost;
  const tests = [
    ...("matchBest" in target
      ? [
          {
            gain: atItsCost,
            words: `for the money of ${model} the front is ${gained(atItsCost)} than ${model}`,
          },
        ]
      : []),
    {
      gain: atPlanCost,
      words: `the plan is ${gained(atPlanCost)} than mixing models blindly for the same money`,
    },
  ].map((test) => ({ ...test, decision: decide(test.gain) }));
  const against = tests.filter(({ decision }) => decision === "single");
  const open = tests.filter(({ decision }) => decision === "unsure");
  const decision = against.length > 0 ? "single" : open.length > 0 ? "unsure" : "route";
  const moreLabels = decision === "unsure" ? most(open.map(({ gain }) => labelsToSettle(gain, queries))) : 0;
  const reasons = (decision === "single" ? against : tests).map(({ words }) => words).join(", and ");
  const sentences: Record<Decision, string> = {
    route: `Route: ${reasons}.`,
    single: `Use ${model} alone: ${reasons}.`,
    unsure: `Not enough evidence: ${reasons}; ${labels(moreLabels)}.`,
  };
  return { decision, model, moreLabels, sentence: sentences[decision] };
}

/** The most of some numbers of labels; null where one of them is unknown. */
function most(labels: readonly (number | null)[]): number | null {
  return labels.reduce((high, more) => (high === null || more === null ? null : Math.max(high, more)), 0);
}

function labels(more: number | null): string {
  return more === null
    ? "no affordable number of labels would likely settle it"
    : `about ${more.toLocaleString("en")} more labelled test queries would likely settle it`;
}

/** A difference of accuracies in percentage points, with its interval. */
function gained({ estimate, low, high }: Interval): string {
  const points = (x: number): string => Math.abs(100 * x).toFixed(2);
  const signed = (x: number | null): string => (x === null ? "?" : `${x < 0 ? "−" : "+"}${points(x)}`);
  const size = estimate ?? 0;
  return `${points(size)} points ${size < 0 ? "less" : "more"} accurate (95 %: ${signed(low)} … ${signed(high)})`;
}
