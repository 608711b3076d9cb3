import { withBatchArm } from "./batchArm.js";
import { armOf, type PriceTable } from "../prices/table.js";
import { parseDecimal } from "../text/number.js";
import { nearest } from "../text/nearest.js";
import { shown } from "../text/shown.js";
import { InputError } from "../errors.js";
import type { Dataset, Problem } from "../types.js";

/** Models that may also answer in a batch, as models of their own. */
export interface BatchChoice {
  /** Each with the fraction of its cost that a batch charges, 0 … 1; undefined: from the price table. */
  models: ReadonlyMap<string, number | undefined>;
  /**
   * All requests go to batches: every model costs what its batch costs, under its own name. `models` then only has
   * fractions that differ from the price table. Default: false.
   */
  every?: boolean;
  /** The column of hours that each query can wait, blank: as long as it takes. Default `deadline_hours`, where there is one. */
  deadlineColumn?: string;
}

/** What batches may answer: what is asked for; everything, if there are batch files and they are not planned at live prices. */
export function batchChoiceOf(
  asked: BatchChoice | undefined,
  { export: target, livePrices = false }: { export?: string; livePrices?: boolean },
): BatchChoice | undefined {
  return target === undefined || livePrices ? asked : { models: new Map(), ...asked, every: true };
}

/** Hours within which a batch is answered. */
const WINDOW_HOURS = 24;

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

/**
 * For each model the fraction of its cost that its batch charges, and notes that say so. A model whose batch price is not
 * known is planned at its live price. `work` has the problem's queries.
 *
 * @throws InputError for a model of `batch` that is not there, and a query that cannot wait 24 hours.
 */
export function batchParts(
  models: readonly string[],
  work: Dataset,
  { models: asked, deadlineColumn }: BatchChoice,
  prices?: PriceTable,
): { parts: [string, number][]; notes: string[] } {
  const unknown = [...asked.keys()].find((model) => !models.includes(model));
  if (unknown !== undefined)
    throw new InputError(
      `no model ${shown(unknown)}; nearest: ${nearest(unknown, [...models], 3).join(", ")}`,
      {
        model: unknown,
      },
    );
  const late = deadlinesOf(work, deadlineColumn)?.findIndex((hours) => hours < WINDOW_HOURS) ?? -1;
  if (late >= 0)
    throw new InputError(
      `query ${shown(work.ids[late])} cannot wait the ${WINDOW_HOURS} hours of a batch; ` +
        "offer batches beside live requests with --batch MODEL, or leave the query out",
      { query: late },
    );
  const dear: string[] = [];
  const parts = models.map((model): [string, number] => {
    const known = asked.get(model) ?? knownPart(model, prices);
    if (known === undefined) dear.push(model);
    return [model, known ?? 1];
  });
  return { parts, notes: partNotes(parts, dear) };
}

function knownPart(model: string, prices: PriceTable | undefined): number | undefined {
  if (armOf(model).mode !== "standard") return 1;
  try {
    return batchPartOf(model, prices);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function partNotes(parts: readonly [string, number][], dear: readonly string[]): string[] {
  const byPart = new Map<number, string[]>();
  for (const [model, part] of parts)
    if (!dear.includes(model)) byPart.set(part, [...(byPart.get(part) ?? []), model]);
  const priced = [...byPart].map(([part, names]) => `live costs × ${part} (${names.join(", ")})`);
  return [
    ...(priced.length > 0 ? [`planned at batch prices: ${priced.join("; ")}`] : []),
    ...(dear.length > 0
      ? [
          `no batch price is known of ${dear.join(", ")}: planned at live prices; give it with --batch MODEL=PART`,
        ]
      : []),
  ];
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
