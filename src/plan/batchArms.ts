import { withBatchArm } from "./batchArm.js";
import { armOf, type PriceTable } from "../prices/table.js";
import { parseDecimal } from "../text/number.js";
import { shown } from "../text/shown.js";
import { InputError } from "../errors.js";
import type { Dataset, Problem } from "../types.js";

/** Models that may also answer in a batch, as models of their own. */
export interface BatchChoice {
  /** Each with the fraction of its cost that a batch charges, 0 … 1; undefined: from the price table. */
  models: ReadonlyMap<string, number | undefined>;
  /** The column of hours that each query can wait, blank: as long as it takes. Default `deadline_hours`, where there is one. */
  deadlineColumn?: string;
}

/** The column of the hours that a query can wait. */
export const DEADLINE_COLUMN = "deadline_hours";

/**
 * A problem with `MODEL@batch` for each of the models; queries that cannot wait 24 hours must not take it. `work` has the
 * problem's queries.
 *
 * @throws InputError for a model that is not there, a part that is not known, and a deadline that is no number ≥ 0.
 */
export function withBatchArms(
  problem: Problem,
  work: Dataset,
  { models, deadlineColumn }: BatchChoice,
  prices?: PriceTable,
): Problem {
  const deadlineHours = deadlinesOf(work, deadlineColumn);
  return [...models].reduce((wide, [model, asked]) => {
    // An unknown model is reported as unknown, before its price is looked up.
    const part = asked ?? (wide.models.includes(model) ? batchPartOf(model, prices) : undefined);
    return withBatchArm(wide, model, { part, deadlineHours });
  }, problem);
}

/** The fraction of a model's cost that its batch charges by the price table: the larger of input's and output's. */
function batchPartOf(model: string, prices: PriceTable | undefined): number {
  const discount = prices?.find(armOf(model).model).price.batch;
  if (discount !== undefined) return Math.max(discount.input ?? 1, discount.output ?? 1);
  throw new InputError(
    `no batch price of model ${shown(model)} is known; give the part, such as ${model}=0.5`,
    {
      model,
    },
  );
}

function deadlinesOf({ ids, columns }: Dataset, asked: string | undefined): Float64Array | undefined {
  const texts = columns?.get(asked ?? DEADLINE_COLUMN);
  if (asked !== undefined && !texts?.some((text) => text.trim() !== ""))
    throw new InputError(`no row has a value in column ${shown(asked)}; expected hours`, { column: asked });
  return (
    texts &&
    Float64Array.from(texts, (text, q) => {
      if (text.trim() === "") return NaN;
      const hours = parseDecimal(text);
      if (hours >= 0) return hours;
      const column = asked ?? DEADLINE_COLUMN;
      throw new InputError(
        `${column} of query ${shown(ids[q])} is ${shown(text)}; expected hours ≥ 0, or blank`,
        { column, query: q, value: text },
      );
    })
  );
}
