import { decide, labelsToSettle, type Decision } from "./figures/verdict.js";
import type { Interval } from "./figures/interval.js";
import type { Target } from "../solve/target.js";
import type { Advantage } from "./evidence.js";

/** Whether to route, in words. */
export interface Verdict {
  /** `route`; `single`: use `model` alone; `unsure`: not enough evidence. */
  decision: Decision;
  /** The model to use where routing does not pay: the best single model, or the only model of the plan. */
  model: string;
  /** Number of further labelled test queries that would likely settle it; 0 if it is settled, null if none would. */
  moreLabels: number | null;
  sentence: string;
}

/** The figures behind a verdict, over all repeats. */
interface Grounds {
  againstZeroRouter: Advantage;
  /** The front against the best single model. */
  front: Advantage;
  /** Mean accuracy of the front above the zero router's over all costs. */
  frontAboveZeroRouter: Interval;
  /** Repeats in which some allocation promised the target. */
  feasible: number;
  /** The model that answers every query in all of them; null if there is none. */
  soleModel: string | null;
}

/**
 * Judges a target by its plan's accuracy above the zero router at the same cost. The target of matching the best single
 * model is also judged by the front's saving at that model's accuracy, or by its accuracy gain at that model's cost,
 * whichever is more certain. `route`: these 95 % intervals lie above 0; `single`: one lies wholly at or below 0, or the
 * front does not reach the accuracy; `unsure`: anything else, or no allocation promises the target. `queries`: number
 * of queries judged on.
 */
export function verdictOn(target: Target, grounds: Grounds, best: string, queries: number): Verdict {
  const { feasible, soleModel } = grounds;
  if (feasible === 0) {
    return {
      decision: "unsure",
      model: best,
      moreLabels: null,
      sentence: "No plan: no allocation promises this.",
    };
  }
  const isMatching = "matchBest" in target;
  if (!isMatching && soleModel !== null) {
    const sentence = `Use ${soleModel} alone: this target gives it every query.`;
    return { decision: "single", model: soleModel, moreLabels: 0, sentence };
  }
  const tests = isMatching
    ? [matching(grounds.front, best, queries), ...mixingToMatch(grounds, best, queries)]
    : [mixing(grounds.againstZeroRouter, queries)];
  const against = tests.filter(({ decision }) => decision === "single");
  const open = tests.filter(({ decision }) => decision === "unsure");
  const decision = against.length > 0 ? "single" : open.length > 0 ? "unsure" : "route";
  const moreLabels = decision === "unsure" ? most(open.map((test) => test.moreLabels)) : 0;
  const reasons = (decision === "single" ? against : tests).map(({ words }) => words).join(", and ");
  const sentences: Record<Decision, string> = {
    route: `Route: ${reasons}.${isMatching ? hint(soleModel) : ""}`,
    single: isMatching ? `Use ${best} alone: ${reasons}.` : `Routing does not pay here: ${reasons}.`,
    unsure: `Not enough evidence: ${reasons}; ${labels(moreLabels)}.`,
  };
  return { decision, model: best, moreLabels, sentence: sentences[decision] };
}

/** Advice where routing pays, but not at this target. */
function hint(soleModel: string | null): string {
  if (soleModel === null) return "";
  return ` But only ${soleModel} itself is predicted to be that accurate; ask for slightly less accuracy, or choose the knee.`;
}

/** One question of a verdict and its answer. */
interface Test {
  decision: Decision;
  moreLabels: number | null;
  words: string;
}

/** Does the front reach the best single model's accuracy for less, or exceed it at the same cost? */
function matching(front: Advantage, model: string, queries: number): Test {
  const { savingAtEqualAccuracy: saving, accuracyAtEqualCost: gain } = front;
  const isBetter = [saving, gain].some((one) => decide(one) === "route");
  return {
    // No upper end: nearly every resampling misses the accuracy.
    decision: isBetter ? "route" : saving.high === null ? "single" : decide(saving),
    // A gain that is settled, against the front, does not show how many labels the saving needs.
    moreLabels: labelsToSettle(saving, queries) ?? (labelsToSettle(gain, queries) || null),
    words:
      `the front ${saving.estimate === null ? "does not reach" : "reaches"} the accuracy of ${model}` +
      `${saving.estimate === null ? "" : ` for ${saved(saving)}`} and is ${gained(gain)} for the same cost`,
  };
}

/**
 * A plan that matches the best model may use that model for all queries or nearly all. Then it shows nothing about
 * mixing, but the front as a whole may. There is no test where the best model is also the cheapest and answers every
 * query: no mix costs less.
 */
function mixingToMatch(grounds: Grounds, best: string, queries: number): Test[] {
  const { againstZeroRouter, frontAboveZeroRouter: above, soleModel } = grounds;
  const ofPlan = mixing(againstZeroRouter, queries);
  const isOpen = soleModel !== null || ofPlan.decision === "unsure";
  if (!isOpen || (soleModel === null && decide(above) !== "route")) return [ofPlan];
  if (above.estimate === null) return [];
  return [
    {
      decision: decide(above),
      moreLabels: labelsToSettle(above, queries),
      words: `over all costs up to that of ${best} it is on average ${gained(above)} than mixing models blindly`,
    },
  ];
}

/** Is the plan better than mixing models without looking at the query? */
function mixing({ accuracyAtEqualCost }: Advantage, queries: number): Test {
  return {
    decision: decide(accuracyAtEqualCost),
    moreLabels: labelsToSettle(accuracyAtEqualCost, queries),
    words: `the plan is ${gained(accuracyAtEqualCost)} than mixing models blindly at the same cost`,
  };
}

/** The most of some numbers of labels; null where one of them is unknown. */
function most(labels: readonly (number | null)[]): number | null {
  return labels.reduce((high, more) => (high === null || more === null ? null : Math.max(high, more)), 0);
}

function labels(more: number | null): string {
  return more === null
    ? "the difference is too small for more labels to settle it soon"
    : `about ${more.toLocaleString("en")} more labelled test ${more === 1 ? "query" : "queries"} would likely settle it`;
}

/** A difference of accuracies in percentage points, with its interval. */
function gained(gain: Interval): string {
  const size = gain.estimate ?? 0;
  const points = hundredfold(size, 2);
  if (Number(points) === 0) return `no more accurate ${ends(gain, 2)}`;
  return `${points} points ${size < 0 ? "less" : "more"} accurate ${ends(gain, 2)}`;
}

/** A saving as a share of the cost, with its interval. */
function saved(saving: Interval): string {
  const size = saving.estimate ?? 0;
  return `${hundredfold(size, 1)} % ${size < 0 ? "more" : "less"} money ${ends(saving, 1)}`;
}

function ends({ low, high }: Interval, digits: number): string {
  const signed = (x: number | null): string =>
    x === null ? "not reached" : `${x < 0 ? "−" : "+"}${hundredfold(x, digits)}`;
  return `(95 %: ${signed(low)} … ${signed(high)})`;
}

function hundredfold(x: number, digits: number): string {
  return Math.abs(100 * x).toFixed(digits);
}
