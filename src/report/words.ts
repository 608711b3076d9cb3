/** Names and sentences that the terminal and the page share. Nothing here needs Node.js. */

import type { Target } from "../solve/target.js";
import { brief, count, dollars, percent } from "../text/amounts.js";
import { shownName } from "../text/names.js";
import { oneLine } from "../text/shown.js";

/** The one name of a target. */
export function nameOf(target: Target): string {
  if ("budget" in target) return `budget ${dollars(target.budget)}`;
  if ("accuracy" in target) return `accuracy ${percent(target.accuracy)}`;
  return "knee" in target ? "knee of the front" : "match the best model";
}

/** Names of routers in tables. */
export const ROUTERS = {
  front: "the front",
  optllm: "OptLLM-M, the paper's method",
  zeroRouter: "zero router, in hindsight",
  oracle: "oracle",
  alwaysCheapest: "always the model cheapest on the sample",
  alwaysBest: "always the model best on the sample",
  randomMix: "any model at random",
  bestSingle: "best single model, in hindsight",
};

/** The two sides of a what-if. */
export const WHAT_IF = { before: "before the change", after: "after the change" };

/** Shown for an accuracy that nothing reaches. */
export const NOT_REACHED = "not reached";

export const ZERO_ROUTER = "Zero router: mixing single models without looking at the query.";

export const ROUTER_FIGURES =
  "AIQ: mean accuracy over costs from the cheapest to the most expensive model (as in the paper, and as in its repository). " +
  "PerfGain, CostSave: most accuracy gained and most money saved against the best single model. Hypervolume: 1 is the " +
  "ideal of the oracle. IGD: distance from the oracle's front, normalised; lower is better.";

export const SAVING = "Saving: against the cost of the best single model, at its accuracy.";

/** An allocation by its two objectives. */
interface Point {
  totalCost: number;
  expectedAccuracy: number;
}

/** How far an allocation can be from the best. */
interface Certificate {
  optimal: boolean;
  bound: number;
  gap: number;
  costBound: number;
  costGap: number;
}

/**
 * How far a plan can be from the best one that meets its target, by the predictions; and, where labelled rows were held
 * out, how far these were off. `isLimited`: only plans that keep limits count.
 */
export function certificateOf(
  { optimal, bound, gap, costBound, costGap }: Certificate,
  target: Target,
  check?: { predicted: number; recorded: number },
  isLimited = false,
): string {
  const within = isLimited
    ? "allocation that keeps the limits within the budget"
    : "allocation within the budget";
  const accurate = isLimited
    ? "allocation that keeps the limits and is as accurate"
    : "allocation as accurate";
  const off = check === undefined ? "" : `; ${offText(check.predicted - check.recorded)}`;
  if (optimal) {
    const none = "budget" in target ? `${within} has a higher expected accuracy` : `${accurate} costs less`;
    return `The best plan for these predictions: proven that no ${none}${off}.`;
  }
  return "budget" in target
    ? `By these predictions, no ${within} has an expected accuracy above ${percent(bound)} ` +
        `(gap: ${gapText(gap)})${off}.`
    : `By these predictions, no ${accurate} costs less than ${dollars(costBound)} ` +
        `(gap: ${dollars(costGap)})${off}.`;
}

function offText(excess: number): string {
  const size = (100 * Math.abs(excess)).toFixed(2);
  if (Number(size) === 0) return "on held-out rows the predictions were right on average";
  return `on held-out rows the predictions were ${size} points too ${excess > 0 ? "high" : "low"}`;
}

/** A small difference of accuracies. */
export function gapText(gap: number): string {
  if (gap === 0) return "0 points";
  return gap < 1e-5 ? "under 0.001 points" : `${brief(100 * gap)} points`;
}

/** Why there is no plan. `closest`: the cheapest allocation for a budget, else the most accurate one. */
export function infeasibleSentence(target: Target, { totalCost, expectedAccuracy }: Point): string {
  const closest =
    "budget" in target
      ? `the cheapest allocation costs ${apart(totalCost, target.budget, dollars, "above")}`
      : "accuracy" in target
        ? `the most accurate allocation reaches ${apart(expectedAccuracy, target.accuracy, percentOf, "below")} for ${dollars(totalCost)}`
        : `the most accurate allocation reaches ${percent(expectedAccuracy)} for ${dollars(totalCost)}`;
  return `No allocation meets the target (${nameOf(target)}): ${closest}.`;
}

export const percentOf = (value: number, more: number): string => percent(value, 2 + more);

/** A value, and if it prints like the target that it misses, with the digits that tell them apart and the target. */
export function apart(
  value: number,
  target: number,
  text: (value: number, more: number) => string,
  relation: string,
): string {
  let more = 0;
  while (more < 16 && text(value, more) === text(target, more)) more++;
  if (more === 0) return text(value, 0);
  const whole = text(target, more + 1);
  const short = text(target, 0);
  const isShort = more < 16 && withoutZeros(whole) === withoutZeros(short);
  return `${text(value, more + 1)}, ${relation} ${isShort ? short : whole}`;
}

function withoutZeros(text: string): string {
  return text.replace(/0+(?= %|$)/, "");
}

/** The meaning of λ (probability per dollar) as a sentence; null stands for ∞. */
export function priceSentence(lambda: number | null): string {
  if (lambda === null || lambda === Infinity) {
    return "This is the cheapest allocation: nothing is spent on accuracy yet.";
  }
  return lambda === 0
    ? "Every step that raises the expected accuracy is taken."
    : `One more expected right answer costs ${dollars(1 / lambda)} here.`;
}

/** The accuracy to expect by labelled rows that were held out. */
export function heldOutSentence({ low, high }: { low: number; high: number }): string {
  return `By the labelled rows held out, expect ${percent(low)} … ${percent(high)} (95 %).`;
}

/** The factor on its own price up to which a model answers some query. */
export function factorText(factor: number): string {
  if (factor === 0) return "never";
  if (factor === Infinity) return "any price";
  const digits = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
  return `× ${factor.toLocaleString("en", digits)}`;
}

/** What is missing in recorded rows. */
interface Missing {
  leftOut: number;
  queries: number;
  models: number;
  missing: readonly { model: string; rows: number }[];
  notAlone: readonly string[];
}

/** How many rows cannot be judged and what is done about missing records; nothing where all are there. */
export function missingSentences({ leftOut, queries, models, missing, notAlone }: Missing): string[] {
  const alone = missing.filter(({ model }) => !notAlone.includes(model));
  const cells = alone.reduce((sum, { rows }) => sum + rows, 0);
  const all = queries * (models - notAlone.length);
  const are = (n: number): string => (n === 1 ? "1 is" : `${count(n)} are`);
  return [
    ...(leftOut === 0
      ? []
      : [`Of the rows ${are(leftOut)} left out: no model has a score and a cost there.`]),
    ...(cells === 0
      ? []
      : [
          `Of the ${count(all)} records (a score with a cost) ${are(cells)} missing: ${namesOf(alone)}. Queries are ` +
            "judged where the best single model has a record; every other model is compared with it on the rows that " +
            "both have, and no plan gives a query to a model without a record of it.",
        ]),
    ...(notAlone.length === 0
      ? []
      : [
          `With records of fewer than half of the rows, not compared as a single model: ${namesOf(
            missing.filter(({ model }) => notAlone.includes(model)),
          )}.`,
        ]),
  ];
}

const MOST_NAMED = 6;

/** "a 5, b 3 and 2 more models": the models that miss most, with the number of rows. */
function namesOf(missing: readonly { model: string; rows: number }[]): string {
  const sorted = [...missing].sort((a, b) => b.rows - a.rows);
  const named = sorted
    .slice(0, MOST_NAMED)
    .map(({ model, rows }) => `${shownName(oneLine(model))} ${count(rows)}`);
  const others = sorted.length - named.length;
  return named.join(", ") + (others > 0 ? ` and ${count(others)} more models` : "");
}

/** The sizes of a backtest or a comparison. */
interface Judged {
  dataset: Missing;
  repeats: readonly { trainQueries: number; validationQueries: number; testQueries: number }[];
}

/** Which queries the probabilities of a backtest are judged on. */
export function judgedRows(repeats: readonly { seed: number; testQueries: number }[]): string {
  const [{ seed, testQueries }] = repeats;
  return repeats.length === 1
    ? `the ${count(testQueries)} test queries of seed ${seed}, on which nothing was fitted`
    : `the test queries of all ${repeats.length} repeats, each predicted from the rows that its repeat was fitted on`;
}

/** How many rows a predictor is fitted on and how many it is judged on. */
export function splitText({ repeats }: Judged): string {
  const [{ trainQueries, validationQueries, testQueries }] = repeats;
  return (
    `${repeats.length === 1 ? "" : "in each repeat "}the predictor is fitted on ${trainQueries} + ${validationQueries} ` +
    `rows and judged on ${count(testQueries)} others`
  );
}

/** The same with the sizes of the data, as the start of a line. */
export function sizesOf(judged: Judged): string {
  const { queries, models } = judged.dataset;
  return `${count(queries)} queries, ${models} models; ${splitText(judged)}`;
}
