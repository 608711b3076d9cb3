import { InputError } from "../../../errors.js";
import type { Costs, Problem } from "../../../types.js";
import { isAllowed, matricesOf } from "../../problem.js";
import { MOST_AMOUNT } from "../rows.js";

/**
 * A column of amounts that a constraint adds up. `first`: the number of the problem's first query, where it is a block of more.
 *
 * @throws InputError if the problem has no such column, and for an amount that is not finite, or too large, of a model that
 * may answer.
 */
export function amountsOf(problem: Problem, name: string, first = 0): Costs {
  const { columns, models, cost } = problem;
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
  const mayAnswer = isAllowed(matricesOf(problem));
  for (let option = nextLarge(amounts, 0); option < amounts.length; option = nextLarge(amounts, option + 1)) {
    const query = Math.floor(option / models.length);
    const model = option % models.length;
    if (!mayAnswer(query, model)) continue;
    throw new InputError(
      `${name} of query ${problem.ids?.[query] ?? first + query}, model "${models[model]}" is ${amounts[option]}; expected a finite number of magnitude up to 10¹²`,
      { field: "columns", column: name, query: first + query, model },
    );
  }
  return amounts;
}

/** The next amount that is not finite, or too large; the number of amounts if there is none. */
function nextLarge(amounts: Costs, from: number): number {
  const { length } = amounts;
  for (let option = from; option < length; option++) {
    if (!(Math.abs(amounts[option]) <= MOST_AMOUNT)) return option;
  }
  return length;
}
