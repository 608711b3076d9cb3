import { InputError } from "../../errors.js";
import { rowOf } from "../../matrix.js";
import { allocateHeldOut, SHARED } from "../../plan/heldOutCheck.js";
import type { Plan } from "../../plan/plan.js";
import { isSample, type Source } from "../../plan/source.js";
import type { Chosen } from "../../solve/choice.js";
import type { Dataset } from "../../types.js";
import { difference, differenceVariance, modelsAsked } from "./difference.js";
import type { Predicted } from "./strata.js";

/** Rows whose difference can be recorded: each model that it needs may answer, and the sample does not have the row. */
export function rowsToAsk(
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
