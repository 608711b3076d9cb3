import { InputError } from "../../errors.js";
import { rowOf, selectColumns } from "../../matrix.js";
import { Z } from "../../plan/heldOutCheck.js";
import type { Dataset } from "../../types.js";
import { difference } from "./difference.js";
import type { draw } from "./draw.js";
import { stratifiedMean } from "./estimate.js";
import type { Stratum } from "./strata.js";

/** What answers to the rows that were asked tell. */
export interface Judgement {
  /** Rows that were asked, and those of them that have every score that they need. */
  asked: number;
  answered: number;
  /** The plan's accuracy less the standard's by these rows alone, each stratum weighted by its size, and half its 95 % interval. */
  estimate: number;
  halfWidth: number;
  /** The same together with the held-out labelled rows, weighted by precision; null where there are none. */
  together: { estimate: number; halfWidth: number } | null;
}

/** The rows that are asked about. */
interface Population {
  ids: readonly string[];
  models: readonly string[];
  /** Rows of the work. */
  rows: Uint32Array;
  shares: Float64Array;
  allocation: Uint8Array;
}

/**
 * Judges the rows that were drawn by their scores, found by id. A row without them is left out of its stratum, as if it had
 * not been drawn. Throws `InputError` where a stratum has fewer than two answers, which give no interval.
 */
export function judgeAnswers(
  { ids, models, rows, shares, allocation }: Population,
  { strata, drawn }: { strata: readonly Stratum[]; drawn: ReturnType<typeof draw> },
  answers: Dataset,
  heldOut: { estimate: number; variance: number } | undefined,
): Judgement {
  const columns = models.map((name) => answers.models.indexOf(name));
  const outcome = selectColumns(answers.outcome, answers.models.length, columns);
  const rowById = new Map(answers.ids.map((id, row) => [id, row]));
  const first = strata[0].variance === 0 ? 0 : 1;
  const differences: number[][] = strata.map(() => []);
  for (const { row, stratum } of drawn) {
    const at = rowById.get(ids[rows[row]]);
    const d =
      at === undefined ? NaN : difference(rowOf(outcome, models.length, at), shares, allocation[rows[row]]);
    if (!Number.isNaN(d)) differences[stratum - first].push(d);
  }
  const answered = differences.reduce((sum, { length }) => sum + length, 0);
  strata.forEach(({ variance }, h) => {
    if (variance === 0 || differences[h].length > 1) return;
    throw new InputError(
      `${answered} of ${drawn.length} asked rows are answered, and in stratum ${h + first} ${differences[h].length}; ` +
        "expected at least 2 in each, with a score of every model that a row asks, and the options that chose the rows",
      { field: "answers", stratum: h + first },
    );
  });
  const { estimate, variance } = stratifiedMean(
    strata.map((stratum, h) => ({ rows: stratum.rows.length, differences: differences[h] })),
  );
  const halfWidth = Z * Math.sqrt(variance);
  const part = heldOut && variance / (variance + heldOut.variance);
  return {
    asked: drawn.length,
    answered,
    estimate,
    halfWidth,
    together:
      heldOut === undefined
        ? null
        : {
            estimate: part! * heldOut.estimate + (1 - part!) * estimate,
            halfWidth: Z * Math.sqrt(part! * heldOut.variance),
          },
  };
}
