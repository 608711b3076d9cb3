import { Z } from "../../plan/heldOutCheck.js";
import type { Plan } from "../../plan/plan.js";
import type { Source } from "../../plan/source.js";
import type { Chosen } from "../../solve/choice.js";
import type { Dataset } from "../../types.js";
import { judgeAnswers, type Judgement } from "./answers.js";
import { modelsAsked, standardShares, type Standard } from "./difference.js";
import { draw } from "./draw.js";
import { heldOutError, predict, rowsToAsk } from "./predicted.js";
import { labelsFor, mostLabels, randomVariance, stratifiedVariance, together } from "./precision.js";
import { neyman, stratify, wholeLabels, type Stratum } from "./strata.js";

/** What to ask, and how much it is expected to tell. */
export interface NextLabels {
  /** The models that the plan is compared with, and their shares. */
  standard: Record<string, number>;
  /** Rows of the work that may be asked or need no label; the interval is about queries such as these. */
  queries: number;
  /** Rows of the work that are left out: the sample has them, or a model that the difference needs may not answer them. */
  leftOut: number;
  /** Of `queries`, rows on which plan and standard differ. */
  differing: number;
  /** Labelled rows that the predictions rest on. */
  labelledRows: number;
  /** The plan's accuracy less the standard's, as expected, and corrected by held-out labelled rows where there are any. */
  estimate: number;
  /** Held-out labelled rows behind the correction; 0: the estimate is only predicted. */
  heldOut: number;
  /** Half of the 95 % interval's width now; null: not known without held-out rows. */
  halfWidth: number | null;
  /** The same expected after the labels asked for. */
  halfWidthAfter: number | null;
  /** New labelled queries until 0 is outside of the interval, if the estimate stays; 0: it is; null: no number of them. */
  labelsToSettle: number | null;
  /** Expected half widths by number of labels, chosen so and drawn from all rows alike. */
  curve: { labels: number; halfWidth: number; random: number }[];
  strata: Stratum[];
  ask: Asked[];
  /** Only with answers: what they tell. */
  answered?: Judgement;
}

/** One query to label. */
export interface Asked {
  /** Row of the work. */
  row: number;
  models: string[];
  /** From 1, by rising variance. */
  stratum: number;
  /** Chance that this row was drawn, 0 … 1. */
  probability: number;
}

/** How labels are chosen. */
export interface NextLabelsOptions {
  labels: number;
  standard: Standard;
  seed: number;
  /** The rows asked by the same plan, labels and seed, with their scores; others are not looked at. */
  answers?: Dataset;
}

/**
 * Chooses the queries whose labels narrow most the 95 % interval of a plan's accuracy against a standard. Seeded; the same
 * plan and seed draw the same rows. Rows that the sample has already, by id and text, are left out.
 */
export async function nextLabels(
  plan: Plan,
  work: Dataset,
  source: Source,
  { labels, standard, seed, answers }: NextLabelsOptions,
): Promise<NextLabels> {
  const { problem, singles } = plan;
  const { models } = problem;
  const choice = plan.choice as Chosen;
  const shares = standardShares(singles, choice.totalCost, standard);
  const held = await heldOutError(plan, source, shares);
  const rows = rowsToAsk(plan, work, source, shares);
  const predicted = predict(plan, rows, shares, held?.scale ?? 1);
  const strata = stratify(predicted, labels);
  const most = mostLabels(strata);
  const counts = wholeLabels(strata, Math.min(labels, most));
  const known = held?.variance;
  const estimate = mean(predicted.mean) + (held?.error ?? 0);
  const half = (n: number): number =>
    Z * Math.sqrt(together(known, stratifiedVariance(strata, neyman(strata, n))));
  const drawn = draw(strata, counts, seed);
  const wanted = (estimate / Z) ** 2;
  const now = known === undefined ? null : Z * Math.sqrt(known);
  return {
    standard: Object.fromEntries(models.flatMap((name, m) => (shares[m] > 0 ? [[name, shares[m]]] : []))),
    queries: rows.length,
    leftOut: work.ids.length - rows.length,
    differing: most,
    labelledRows: plan.labelledRows,
    estimate,
    heldOut: held?.rows ?? 0,
    halfWidth: now,
    halfWidthAfter: most === 0 ? now : half(Math.min(labels, most)),
    labelsToSettle: now !== null && now < Math.abs(estimate) ? 0 : labelsFor(strata, wanted, known),
    curve: curvePoints(labels, most).map((n) => ({
      labels: n,
      halfWidth: half(n),
      random: Z * Math.sqrt(together(known, randomVariance(strata, n))),
    })),
    strata,
    ask: drawn.map(({ row, stratum, probability }) => ({
      row: rows[row],
      models: modelsAsked(shares, choice.allocation[rows[row]]).map((m) => models[m]),
      stratum,
      probability,
    })),
    ...(answers && {
      answered: judgeAnswers(
        { ids: work.ids, models, rows, shares, allocation: choice.allocation },
        { strata, drawn },
        answers,
        known === undefined ? undefined : { estimate, variance: known },
      ),
    }),
  };
}

/** Powers of two times 25, the labels asked for, and all that can be asked; ascending. */
function curvePoints(labels: number, most: number): number[] {
  const points = [Math.min(labels, most), most];
  for (let n = 25; n < most; n *= 2) points.push(n);
  return [...new Set(points)].filter((n) => n > 0).sort((a, b) => a - b);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
