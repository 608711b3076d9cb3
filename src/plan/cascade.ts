import { MAX_MODELS } from "../../assembly/layout.js";
import { tidy } from "../decimal.js";
import { InputError } from "../errors.js";
import { withColumn } from "../matrix.js";
import { nearest } from "../text/nearest.js";
import { shown } from "../text/shown.js";
import type { Dataset } from "../types.js";
import { isBlank } from "../rows/builder/cell.js";

/** A small model whose answer is kept if a check passes; otherwise a large model answers too. */
export interface Cascade {
  small: string;
  large: string;
  /** The column that says whether the check of the small model's answer passed. */
  check: string;
  /** Dollars of one check; default 0. */
  dollars?: number;
}

const PASSED = new Set(["1", "true", "yes", "pass", "passed"]);
const FAILED = new Set(["0", "false", "no", "fail", "failed"]);

/**
 * The same rows with one more model, `SMALL then LARGE`. Where the check passed, its score is SMALL's and it costs SMALL and
 * the check; where it failed, its score is LARGE's and it costs both models and the check. Blank where the check's result, or
 * what it would need, is. The matrices are new. O(queries × models).
 *
 * @throws InputError for an unknown model, a column that is missing, a result that is neither passed nor failed, dollars
 * below 0, more than 255 models.
 */
export function withCascade(rows: Dataset, { small, large, check, dollars = 0 }: Cascade): Dataset {
  const { models, cost, outcome, tokens } = rows;
  const width = models.length;
  const [s, l] = [small, large].map((name) => placeOf(models, name));
  const arm = `${small} then ${large}`;
  if (s === l || models.includes(arm))
    throw new InputError(`there is already a model ${shown(s === l ? small : arm)}; expected two others`, {
      model: arm,
    });
  if (width === MAX_MODELS) throw new InputError(`more than ${MAX_MODELS} models`, { model: arm });
  if (!(dollars >= 0 && dollars < Infinity))
    throw new InputError(`a check of ${shown(arm)} costs ${dollars}; expected dollars ≥ 0`, { dollars });
  const passed = resultsOf(rows, check);
  const scoreOf = (q: number): number => {
    const isKept = passed[q];
    return isKept === undefined ? NaN : outcome[q * width + (isKept ? s : l)];
  };
  const costOf = (q: number): number => {
    const isKept = passed[q];
    if (isKept === undefined) return Infinity;
    return tidy(cost[q * width + s] + dollars + (isKept ? 0 : cost[q * width + l]));
  };
  const blank = (): number => NaN;
  return {
    ...rows,
    models: [...models, arm],
    outcome: withColumn(outcome, width, scoreOf),
    cost: withColumn(cost, width, costOf),
    ...(tokens && {
      tokens: {
        input: withColumn(tokens.input, width, blank),
        output: withColumn(tokens.output, width, blank),
      },
    }),
  };
}

function placeOf(models: readonly string[], name: string): number {
  const place = models.indexOf(name);
  if (place >= 0) return place;
  throw new InputError(
    `no model ${shown(name)}; nearest: ${nearest(name, [...models], 3)
      .map(shown)
      .join(", ")}`,
    { model: name },
  );
}

/** Whether the check passed, for each query; undefined where that is blank. */
function resultsOf({ ids, columns }: Dataset, check: string): (boolean | undefined)[] {
  const texts = columns?.get(check);
  if (texts === undefined || texts.every((text) => isBlank(text)))
    throw new InputError(`no row has a value in column ${shown(check)}; expected results of the check`, {
      column: check,
    });
  return texts.map((text, q) => {
    const word = text.trim().toLowerCase();
    if (PASSED.has(word)) return true;
    if (FAILED.has(word)) return false;
    if (isBlank(word)) return undefined;
    throw new InputError(
      `${shown(check)} of query ${shown(ids[q])} is ${shown(text)}; expected true or false, 1 or 0, passed or failed, or blank`,
      { column: check, id: ids[q], value: text },
    );
  });
}
