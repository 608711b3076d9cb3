import type { PriceTable } from "../prices/table.js";
import { shown } from "../text/shown.js";
import { tokenCounter } from "../prices/tokens/counter.js";
import { InputError } from "../errors.js";
import type { Costs, Dataset, Problem } from "../types.js";
import { rowOf } from "../matrix.js";
import { sharedCopy } from "../memory.js";

/** Tokens that the chat format adds to a text: one message and the beginning of the answer. */
const OVERHEAD = 7;
/** No text has more tokens than bytes in UTF-8, at most 3 for each UTF-16 unit. */
const MOST_TOKENS = 3;

/**
 * Forbids models where a query's input is longer than the context that the price table has for them: the recorded input
 * tokens, or else the tokens counted in the text. Only long texts are counted. `work` has the problem's queries.
 *
 * @throws InputError for a query that no model may answer any more.
 */
export async function withinContexts(
  problem: Problem,
  work: Dataset,
  prices: PriceTable,
): Promise<{ problem: Problem; notes: string[] }> {
  const { models } = problem;
  const notes: string[] = [];
  let cost: Costs | undefined;
  for (const [m, model] of models.entries()) {
    const context = contextOf(model, prices);
    if (context === undefined) continue;
    const tokens = await inputTokens(work, model, context);
    let rows = 0;
    for (let q = 0; q < work.ids.length; q++) {
      const option = q * models.length + m;
      if (problem.cost[option] === Infinity || tokens(q) <= context) continue;
      cost ??= sharedCopy(problem.cost);
      cost[option] = Infinity;
      rows++;
    }
    if (rows > 0)
      notes.push(
        `model "${model}" must not answer ${rows.toLocaleString("en")} of the queries: ` +
          `they are longer than its context of ${context.toLocaleString("en")} tokens`,
      );
  }
  if (cost === undefined) return { problem, notes };
  for (let q = 0; q < work.ids.length; q++) {
    if (rowOf(cost, models.length, q).some(Number.isFinite)) continue;
    throw new InputError(
      `query ${shown(work.ids[q])} is longer than the context of every model that may answer it`,
      {
        query: q,
      },
    );
  }
  return { problem: { ...problem, cost }, notes };
}

/** Undefined for a model that the table does not know, or knows no context of. */
function contextOf(model: string, prices: PriceTable): number | undefined {
  try {
    return prices.find(model).price.context;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Input tokens of a query, exact only where they could be more than the context. */
async function inputTokens(
  { models, tokens, queries }: Dataset,
  model: string,
  context: number,
): Promise<(q: number) => number> {
  const m = models.indexOf(model);
  const recordedOf = (q: number): number =>
    m < 0 || tokens === undefined ? NaN : tokens.input[q * models.length + m];
  const mostOf = (q: number): number => MOST_TOKENS * queries[q].length + OVERHEAD;
  // A vocabulary is only loaded for texts that are that long.
  const isCounted = queries.some((_, q) => mostOf(q) > context && Number.isNaN(recordedOf(q)));
  const count = isCounted ? (await tokenCounter(model)).count : undefined;
  return (q) => {
    const recorded = recordedOf(q);
    if (!Number.isNaN(recorded)) return recorded;
    const most = mostOf(q);
    return most <= context ? most : count!(queries[q]) + OVERHEAD;
  };
}
