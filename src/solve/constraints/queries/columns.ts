import { firstLarge } from "../../../core/solve/constraints/large.js";
import { InputError } from "../../../errors.js";
import { shards } from "../../../pool/jobs.js";
import type { PassOptions } from "./queries.js";
import type { Costs, Problem } from "../../../types.js";
import { isAllowed, matricesOf } from "../../problem.js";
import { MOST_AMOUNT } from "../rows.js";

/** A column of amounts that a constraint adds up. Throws `InputError` if the problem has no such column. */
export function columnNamed({ columns, cost }: Problem, name: string): Costs {
  const amounts = columns !== undefined && Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (!(amounts instanceof Float32Array || amounts instanceof Float64Array)) {
    throw new InputError(
      `a constraint adds up "${name}", but the problem's columns hold no Float32Array or Float64Array of that name`,
      { field: "columns", column: name },
    );
  }
  if (amounts.length !== cost.length) {
    throw new InputError(`column "${name}" has ${amounts.length} values; expected ${cost.length}`, {
      field: "columns",
      column: name,
    });
  }
  return amounts;
}

/**
 * Refuses a column with an amount that is not finite, or too large, of a model that may answer. `first`: the number of the
 * problem's first query, where it is a block of more. `from`: the option to begin with.
 *
 * @throws InputError naming the amount.
 */
export function refuseLarge(problem: Problem, name: string, first = 0, from = 0): void {
  const { columns, models } = problem;
  const amounts = columns![name];
  const to = amounts.length;
  const mayAnswer = isAllowed(matricesOf(problem));
  const next = (option: number): number => firstLarge({ amounts, from: option, to, most: MOST_AMOUNT });
  for (let option = next(from); option < to; option = next(option + 1)) {
    const query = Math.floor(option / models.length);
    const model = option % models.length;
    if (!mayAnswer(query, model)) continue;
    throw new InputError(
      `${name} of query ${problem.ids?.[query] ?? first + query}, model "${models[model]}" is ${amounts[option]}; expected a finite number of magnitude up to 10¹²`,
      { field: "columns", column: name, query: first + query, model },
    );
  }
}

/** The same for a problem whose column threads share. */
export async function refuseLargeOf(
  problem: Problem,
  name: string,
  amounts: Costs,
  { runner, signal }: PassOptions,
): Promise<void> {
  const models = problem.models.length;
  const parts = shards(amounts.length / models, models);
  const found = await runner.run<"large">(
    parts.map(({ from, to }) => ({
      kind: "large",
      amounts,
      from: from * models,
      to: to * models,
      most: MOST_AMOUNT,
    })),
    { signal },
  );
  const part = found.findIndex((option, k) => option < parts[k].to * models);
  if (part >= 0) refuseLarge(problem, name, 0, found[part]);
}
