import { LEAST_LABELLED } from "../plan/labels.js";
import { sharesText } from "../plan/sharesText.js";
import { dollars } from "../text/amounts.js";
import { shownName } from "../text/names.js";
import { oneLine } from "../text/shown.js";
import { decide, labelsToSettle, type Decision } from "./figures/verdict.js";
import type { Interval } from "./figures/interval.js";
import type { Target } from "../solve/target.js";
import type { Advantage, Difference } from "./evidence.js";

/** Whether to route, in words. */
export interface Verdict {
  /** `route`; `single`: use `model` alone; `unsure`: not enough evidence. */
  decision: Decision;
  /** The model to use where routing does not pay: the best single model, or the only model of the plan. */
  model: string;
  /** Number of further labelled queries that would likely settle it; 0 if it is settled, null if none would. */
  moreLabels: number | null;
  /** What to do and what it saves, why, and on what evidence. */
  sentence: string;
}

/** What a verdict rests on. */
export interface Basis {
  /** Labelled rows that the predictor was fitted on, the fewest of the repeats. */
  fitted: number;
  /** Test queries that were judged, the fewest of the repeats. */
  judged: number;
  repeats: number;
}

/** Fewer test queries than these prove nothing, however wide of 0 an interval lies. */
const LEAST_JUDGED = 100;

/** The figures behind a verdict, over all repeats. */
export interface Grounds {
  againstZeroRouter: Advantage;
  againstBestSingle: Difference;
  /** The front against the best single model. */
  front: Advantage;
  /** Mean accuracy of the front above the zero router's over all costs. */
  frontAboveZeroRouter: Interval;
  /** Repeats in which some allocation promised the target. */
  feasible: number;
  /** The model that answers every query in all of them; null if there is none. */
  soleModel: string | null;
  /** Mean shares of the models in the plans. */
  shares: Record<string, number>;
  /** Mean dollars per 1,000 queries that the plans cost less than the best single model; null where there is none. */
  savedPerThousand: number | null;
}

/**
 * Judges a target by its plan's accuracy above the zero router at the same cost. The target of matching the best single
 * model is also judged by the front's saving at that model's accuracy, or by its accuracy gain at that model's cost,
 * whichever is more certain. `route`: these 95 % intervals lie above 0; `single`: one lies wholly at or below 0, or the
 * front does not reach the accuracy; `unsure`: anything else, no allocation promises the target, or fewer than 50 rows
 * were fitted on or fewer than 100 queries judged. `best`: the best single model.
 */
export function verdictOn(target: Target, grounds: Grounds, best: string, basis: Basis): Verdict {
  const { feasible, soleModel } = grounds;
  const evidence = evidenceText(basis);
  if (feasible === 0) {
    const sentence = `No plan: no allocation promises this. ${evidence}`;
    return { decision: "unsure", model: best, moreLabels: null, sentence };
  }
  const missing = missingLabels(basis);
  const isMatching = "matchBest" in target;
  if (!isMatching && soleModel !== null && missing === 0) {
    const what = soleModel === best ? "" : `: ${besideBest(grounds, best)}`;
    const sentence = `Use ${named(soleModel)} alone, to which this target gives every query${what}. ${evidence}`;
    return { decision: "single", model: soleModel, moreLabels: 0, sentence };
  }
  const tests = isMatching
    ? [matching(grounds.front, best, basis.judged), ...mixingToMatch(grounds, best, basis.judged)]
    : [mixing(grounds.againstZeroRouter, basis.judged)];
  const against = tests.filter(({ decision }) => decision === "single");
  const open = tests.filter(({ decision }) => decision === "unsure");
  const tendency = against.length > 0 ? "single" : open.length > 0 ? "unsure" : "route";
  const decision = missing > 0 ? "unsure" : tendency;
  const moreLabels = missing > 0 ? missing : decision === "unsure" ? most(open.map((o) => o.moreLabels)) : 0;
  const reasons = (tendency === "single" ? against : tests).map(({ words }) => words).join(", and ");
  const ask = missing > 0 ? tooFew(basis) : labels(moreLabels);
  const plan = planText(grounds, best);
  const sentences: Record<Decision, string> = {
    route: `Route: ${isMatching && soleModel !== null ? onlyItself(soleModel) : plan}. Why: ${reasons}.`,
    single: isMatching
      ? `Use ${named(best)} alone: ${reasons}.`
      : `Routing does not pay here: ${reasons}. The plan would ${plan}.`,
    unsure: `Not enough evidence that routing pays: use ${named(best)} alone for now; ${ask}. So far ${reasons}. The plan would ${plan}.`,
  };
  return { decision, model: best, moreLabels, sentence: `${sentences[decision]} ${evidence}` };
}

function evidenceText({ fitted, judged, repeats }: Basis): string {
  const splits = repeats === 1 ? "one random split" : `each of ${repeats} random splits`;
  return (
    `Evidence: ${judged.toLocaleString("en")} test queries of ${splits}, ` +
    `predicted from ${fitted.toLocaleString("en")} labelled rows.`
  );
}

/** Labelled rows that are missing to the least evidence of a verdict. */
function missingLabels({ fitted, judged }: Basis): number {
  return Math.max(0, LEAST_LABELLED - fitted) + Math.max(0, LEAST_JUDGED - judged);
}

function tooFew({ fitted, judged }: Basis): string {
  const few = [
    ...(fitted < LEAST_LABELLED
      ? [`${fitted} labelled rows to predict from (at least ${LEAST_LABELLED})`]
      : []),
    ...(judged < LEAST_JUDGED ? [`${judged} test queries (at least ${LEAST_JUDGED})`] : []),
  ];
  return `a verdict needs more than ${few.join(" and ")}`;
}

function named(model: string): string {
  return shownName(oneLine(model));
}

/** Where routing pays, but not at this target. */
function onlyItself(soleModel: string): string {
  return (
    `mixing models pays, but only ${named(soleModel)} itself is predicted to be that accurate; ` +
    "ask for slightly less accuracy, or choose the knee"
  );
}

/** What the plans send where, and what that saves. */
function planText(grounds: Grounds, best: string): string {
  const sends = sharesText(grounds.shares);
  return grounds.soleModel === best ? sends : `${sends}: ${besideBest(grounds, best)}`;
}

/** "$1.20 less per 1,000 queries than a alone (24.0 %, 95 %: +20.1 … +27.3), but 2.10 points less accurate (95 %: …)" */
function besideBest({ againstBestSingle, savedPerThousand }: Grounds, best: string): string {
  const { accuracy, saving } = againstBestSingle;
  const saved = savedPerThousand ?? 0;
  const share = saving.estimate === null ? "" : ` (${hundredfold(saving.estimate, 1)} %, ${ends(saving, 1)})`;
  const money =
    saved === 0
      ? `the same cost as ${named(best)} alone`
      : `${dollars(Math.abs(saved))} ${saved > 0 ? "less" : "more"} per 1,000 queries than ${named(best)} alone${share}`;
  const isWorse = Number(hundredfold(accuracy.estimate ?? 0, 2)) > 0 && accuracy.estimate! < 0 === saved >= 0;
  return `${money}, ${isWorse ? "but" : "and"} ${gained(accuracy)}`;
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
      `the front ${saving.estimate === null ? "does not reach" : "reaches"} the accuracy of ${named(model)}` +
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
      words: `over all costs up to that of ${named(best)} it is on average ${gained(above)} than mixing models blindly`,
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
  if (Number(points) === 0) return `no more accurate (${ends(gain, 2)})`;
  return `${points} points ${size < 0 ? "less" : "more"} accurate (${ends(gain, 2)})`;
}

/** A saving as a share of the cost, with its interval. */
function saved(saving: Interval): string {
  const size = saving.estimate ?? 0;
  const share = hundredfold(size, 1);
  if (Number(share) === 0) return `no less money (${ends(saving, 1)})`;
  return `${share} % ${size < 0 ? "more" : "less"} money (${ends(saving, 1)})`;
}

function ends({ low, high }: Interval, digits: number): string {
  const signed = (x: number | null): string =>
    x === null ? "not reached" : `${x < 0 ? "−" : "+"}${hundredfold(x, digits)}`;
  return `95 %: ${signed(low)} … ${signed(high)}`;
}

function hundredfold(x: number, digits: number): string {
  return Math.abs(100 * x).toFixed(digits);
}
