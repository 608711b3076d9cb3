import { InputError } from "../../errors.js";
import { rowOf } from "../../matrix.js";
import { allocateHeldOut, SHARED, Z } from "../../plan/heldOutCheck.js";
import type { Plan } from "../../plan/plan.js";
import { isSample, type Source } from "../../plan/source.js";
import { Random } from "../../random.js";
import type { Chosen } from "../../solve/choice.js";
import type { Dataset } from "../../types.js";
import { difference, differenceVariance, modelsAsked, standardShares, type Standard } from "./difference.js";
import { labelsFor, mostLabels, randomVariance, stratifiedVariance, together } from "./precision.js";
import { neyman, stratify, wholeLabels, type Predicted, type Stratum } from "./strata.js";

/** What to ask, and how much it is expected to tell. */
export interface NextLabels {
  /** The models that the plan is compared with, and their shares. */
  standard: Record<string, number>;
  /** Rows of the work that may be asked or need no label; the interval is about queries such as these. */
  queries: number;
  /** Of these, rows on which plan and standard differ. */
  differing: number;
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
}

/** A stream of the seed for drawing labels. */
const DRAWING = 101;

/**
 * Chooses the queries whose labels narrow most the 95 % interval of a plan's accuracy against a standard. Seeded; the same
 * plan and seed draw the same rows. Rows that the sample has already, by id and text, are left out.
 */
export async function nextLabels(
  plan: Plan,
  work: Dataset,
  source: Source,
  { labels, standard, seed }: NextLabelsOptions,
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
  const wanted = (estimate / Z) ** 2;
  const now = known === undefined ? null : Z * Math.sqrt(known);
  return {
    standard: Object.fromEntries(models.flatMap((name, m) => (shares[m] > 0 ? [[name, shares[m]]] : []))),
    queries: rows.length,
    differing: most,
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
    ask: draw(strata, counts, seed).map(({ row, stratum, probability }) => ({
      row: rows[row],
      models: modelsAsked(shares, choice.allocation[rows[row]]).map((m) => models[m]),
      stratum,
      probability,
    })),
  };
}

/** Draws as many rows of each stratum as it gets, with equal chance; ascending. */
export function draw(
  strata: readonly Stratum[],
  counts: readonly number[],
  seed: number,
): { row: number; stratum: number; probability: number }[] {
  const random = new Random(seed, DRAWING);
  const first = strata[0]?.variance === 0 ? 0 : 1;
  return strata
    .flatMap(({ rows }, h) =>
      [...random.permutation(rows.length).subarray(0, counts[h])].map((k) => ({
        row: rows[k],
        stratum: h + first,
        probability: counts[h] / rows.length,
      })),
    )
    .sort((a, b) => a.row - b.row);
}

/** Rows whose difference can be recorded: each model that it needs may answer, and the sample does not have the row. */
function rowsToAsk(
  { problem, choice }: Plan,
  work: Dataset,
  source: Source,
  shares: Float64Array,
): Uint32Array {
  const { models, cost } = problem;
  const { allocation } = choice as Chosen;
  const known = new Map(isSample(source) ? source.ids.map((id, row) => [id, source.queries[row]]) : []);
  const rows = Uint32Array.from(
    [...work.ids.keys()].filter(
      (q) =>
        known.get(work.ids[q]) !== work.queries[q] &&
        modelsAsked(shares, allocation[q]).every((m) => Number.isFinite(cost[q * models.length + m])),
    ),
  );
  if (rows.length > 0) return rows;
  throw new InputError(
    "no row of the work is left to label: the sample has them all, or models may not answer them",
    { field: "work" },
  );
}

/** Mean and variance of the difference of each row; `scale`: by what recorded differences vary more than predicted. */
export function predict(
  { problem, choice }: Pick<Plan, "problem" | "choice">,
  rows: Uint32Array,
  shares: Float64Array,
  scale: number,
): Predicted {
  const { models, successProbability } = problem;
  const { allocation } = choice as Chosen;
  const probability = (q: number): Float32Array => rowOf(successProbability, models.length, q);
  return {
    mean: Float64Array.from(rows, (q) => difference(probability(q), shares, allocation[q])),
    variance: Float64Array.from(
      rows,
      (q) => scale * differenceVariance(probability(q), shares, allocation[q]),
    ),
  };
}

/** Rows for which the predicted variance counts beside the recorded one. */
const PRIOR_ROWS = 20;

/**
 * How far recorded differences of held-out labelled rows are from predicted ones: the mean, its variance as in
 * `checkHeldOut`, and the factor on predicted variances.
 */
export async function heldOutError(
  { problem: { models }, choice, predictor }: Pick<Plan, "problem" | "choice" | "predictor">,
  source: Source,
  shares: Float64Array,
): Promise<{ rows: number; error: number; variance: number; scale: number } | undefined> {
  if (!isSample(source)) return undefined;
  const held = await allocateHeldOut((choice as Chosen).lambda, models, source, predictor);
  if (held === undefined) return undefined;
  const { rows, allocation, successProbability, outcome } = held;
  let [count, sum, squares, expected] = [0, 0, 0, 0];
  rows.forEach((row, k) => {
    const probability = rowOf(successProbability, models.length, k);
    const off =
      difference(rowOf(outcome, models.length, row), shares, allocation[k]) -
      difference(probability, shares, allocation[k]);
    if (Number.isNaN(off)) return;
    count++;
    sum += off;
    squares += off ** 2;
    expected += differenceVariance(probability, shares, allocation[k]);
  });
  if (count < 2) return undefined;
  const error = sum / count;
  const prior = (PRIOR_ROWS * expected) / count;
  return {
    rows: count,
    error,
    variance: (SHARED ** 2 * (squares - count * error ** 2 + 1)) / count ** 2,
    scale: expected === 0 ? 1 : (squares + prior) / (expected + prior),
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
