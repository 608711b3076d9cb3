import { InputError } from "../errors.js";
import { nearest } from "../text/nearest.js";
import { shown } from "../text/shown.js";
import { MAX_MODELS } from "../../assembly/layout.js";
import { tidy } from "../decimal.js";
import { withColumn } from "../matrix.js";
import type { Costs } from "../types.js";

/** The cost of a model's batch API, and the queries that can wait for it. */
export interface BatchArmOptions {
  /** The fraction of the model's cost that a batch charges, 0 … 1; default 0.5. */
  part?: number;
  /** Hours that each query can wait; NaN: as long as it takes. Default: all can wait. */
  deadlineHours?: ArrayLike<number>;
  /** Hours within which a batch is answered; default 24. */
  windowHours?: number;
}

/** Matrices of queries × models; what a `Dataset` and a `Problem` share. */
export interface Options {
  models: string[];
  cost: Costs;
  outcome?: Float32Array;
  successProbability?: Float32Array;
  allowed?: Uint8Array;
}

/** The end of the name of a model in a batch. */
export const BATCH_ARM = "@batch";

/**
 * The same data set or problem with one more model, `MODEL@batch`: MODEL answered in a batch. Its outcomes and success
 * probabilities are MODEL's, its cost is `part` of MODEL's, and `Infinity` for queries whose deadline is shorter than
 * the window. So a plan may mix live and batch. The arrays are new; everything else is kept.
 *
 * @throws InputError for an unknown model, one that has its batch already, more than 255 models, a wrong part or window,
 * and a deadline that is negative or missing.
 */
export function withBatchArm<T extends Options>(data: T, model: string, options: BatchArmOptions = {}): T {
  const { part = 0.5, deadlineHours, windowHours = 24 } = options;
  const { models, cost, outcome, successProbability, allowed } = data;
  const m = models.indexOf(model);
  const arm = model + BATCH_ARM;
  const queries = cost.length / models.length;
  if (m < 0)
    throw new InputError(`no model ${shown(model)}; nearest: ${nearest(model, models, 3).join(", ")}`, {
      model,
    });
  if (models.includes(arm)) throw new InputError(`${shown(arm)} is there already`, { model });
  if (models.length === MAX_MODELS) throw new InputError(`more than ${MAX_MODELS} models`, { model });
  if (!(part >= 0 && part <= 1)) throw new InputError(`part is ${part}; expected 0 … 1`, { part });
  if (!(windowHours >= 0))
    throw new InputError(`windowHours is ${windowHours}; expected hours ≥ 0`, { windowHours });
  if (deadlineHours !== undefined) checkDeadlines(deadlineHours, queries);
  const cannotWait = (q: number): boolean => deadlineHours !== undefined && deadlineHours[q] < windowHours;
  const width = models.length;
  return {
    ...data,
    models: [...models, arm],
    cost: withColumn(cost, width, (q) => (cannotWait(q) ? Infinity : tidy(cost[q * width + m] * part))),
    ...(outcome && { outcome: withColumn(outcome, width, (q) => outcome[q * width + m]) }),
    ...(successProbability && {
      successProbability: withColumn(successProbability, width, (q) => successProbability[q * width + m]),
    }),
    ...(allowed && { allowed: withColumn(allowed, width, (q) => allowed[q * width + m]) }),
  };
}

function checkDeadlines(deadlineHours: ArrayLike<number>, queries: number): void {
  if (deadlineHours.length !== queries)
    throw new InputError(`${deadlineHours.length} deadlines for ${queries} queries`, {
      field: "deadlineHours",
    });
  for (let q = 0; q < queries; q++)
    if (deadlineHours[q] < 0)
      throw new InputError(`deadline of query ${q} is ${deadlineHours[q]}; expected hours ≥ 0`, { query: q });
}
