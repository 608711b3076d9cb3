import { InputError } from "../errors.js";
import type { Dataset } from "../types.js";

/**
 * Refuses rows in which every query has the answer of one model only, as a log has: nothing shows how another model would
 * have answered. O(rows × models).
 *
 * @throws InputError with that reason.
 */
export function checkSeveralAnswers({ ids, models, cost, outcome }: Dataset): void {
  const { length: width } = models;
  if (width < 2) return;
  let scored = 0;
  for (let q = 0; q < ids.length; q++) {
    let answers = 0;
    for (let option = q * width; option < (q + 1) * width; option++) {
      if (!Number.isNaN(outcome[option])) scored++;
      if (!Number.isNaN(outcome[option]) || Number.isFinite(cost[option])) answers++;
    }
    if (answers > 1) return;
  }
  const scores = scored === 0 ? " and no score" : "";
  throw new InputError(
    `every query has the answer of one model only${scores} (${ids.length} queries, ${width} models): nothing shows how ` +
      "another model would have answered it, so there is nothing to test; expected rows with the scores of several models",
    { queries: ids.length, models: width },
  );
}
