import { InputError } from "../errors.js";
import type { Dataset } from "../types.js";
import type { CostAccuracy } from "./chosenPlans.js";
import type { SingleModel } from "./realised.js";

/** A model is judged alone if it has a record, a score with a cost, on at least this share of the rows. */
export const LEAST_RECORDED = 0.5;

/** The models that are judged alone, on rows that all have a record of the best one. */
export interface Alone {
  models: string[];
  /** Index of the best single model. */
  best: number;
  /** Rows × models, dollars; NaN where the model has no record. */
  cost: Float64Array;
  /** Rows × models, 0 … 1; NaN where the model has no record. */
  outcome: Float64Array;
}

/** Sums of a model over the rows where it has a record, and those of the best single model over the same rows. */
export interface AloneSums {
  rows: number;
  cost: number;
  right: number;
  bestCost: number;
  bestRight: number;
}

/** Whether a model, by its index, has a record of a row: a score and a cost. */
export function hasRecord({ models, cost, outcome }: Dataset, row: number, model: number): boolean {
  const option = row * models.length + model;
  return cost[option] !== Infinity && !Number.isNaN(outcome[option]);
}

/** The rows, among some, that have a record of a model. */
export function rowsRecorded(dataset: Dataset, model: string, rows: Uint32Array): Uint32Array {
  const m = dataset.models.indexOf(model);
  return rows.filter((row) => hasRecord(dataset, row, m));
}

/** Number of rows with a record, model by model. */
export function countRecorded(dataset: Dataset): number[] {
  return dataset.models.map((_, m) => dataset.ids.filter((_, row) => hasRecord(dataset, row, m)).length);
}

/** The models that are judged alone. Throws `InputError` where there is none. */
export function modelsAlone(dataset: Dataset): string[] {
  const recorded = countRecorded(dataset);
  const rows = dataset.ids.length;
  const found = dataset.models.filter((_, m) => recorded[m] >= LEAST_RECORDED * rows);
  if (found.length > 0) return found;
  const most = recorded.indexOf(Math.max(...recorded));
  throw new InputError(
    `no model has a score and a cost on at least half of the ${rows} rows, so there is no single model to compare ` +
      `with; "${dataset.models[most]}" has them on ${recorded[most]}`,
    { model: dataset.models[most] },
  );
}

/**
 * The best single model: more accurate than every model before it on the rows that both have, taken by falling mean of
 * their own rows (ties: the cheaper, then the first). With complete records that is the most accurate model. O(rows ×
 * models).
 */
export function bestAlone(dataset: Dataset, models: readonly string[]): string {
  const own = models.map((model) => {
    const { rows, cost, right } = sumsBeside(dataset, model, model);
    return { model, cost: cost / rows, accuracy: right / rows };
  });
  // A stable sort keeps the order of the file among equals.
  own.sort((a, b) => b.accuracy - a.accuracy || a.cost - b.cost);
  return own
    .map(({ model }) => model)
    .reduce((best, next) => {
      const { cost, right, bestCost, bestRight } = sumsBeside(dataset, next, best);
      return right > bestRight || (right === bestRight && cost < bestCost) ? next : best;
    });
}

function sumsBeside(dataset: Dataset, model: string, best: string): AloneSums {
  const { models, cost, outcome, ids } = dataset;
  const [m, b] = [models.indexOf(model), models.indexOf(best)];
  const sums = { rows: 0, cost: 0, right: 0, bestCost: 0, bestRight: 0 };
  for (let row = 0, at = 0; row < ids.length; row++, at += models.length) {
    if (!hasRecord(dataset, row, m) || !hasRecord(dataset, row, b)) continue;
    sums.rows++;
    sums.cost += cost[at + m];
    sums.right += outcome[at + m];
    sums.bestCost += cost[at + b];
    sums.bestRight += outcome[at + b];
  }
  return sums;
}

/** The records of some models on rows that all have a record of `best`, one of them. */
export function recordsAlone(dataset: Dataset, models: readonly string[], best: string): Alone {
  const { ids, models: all, cost, outcome } = dataset;
  const columns = models.map((model) => all.indexOf(model));
  const alone = {
    models: [...models],
    best: models.indexOf(best),
    cost: new Float64Array(ids.length * models.length).fill(NaN),
    outcome: new Float64Array(ids.length * models.length).fill(NaN),
  };
  for (let row = 0, at = 0; row < ids.length; row++) {
    for (const column of columns) {
      if (hasRecord(dataset, row, column)) {
        alone.cost[at] = cost[row * all.length + column];
        alone.outcome[at] = outcome[row * all.length + column];
      }
      at++;
    }
  }
  return alone;
}

/**
 * A model alone, over all rows. One without a record of some is compared with the best single model on the rows that
 * both have: it is as far from it in accuracy, and as dear in proportion, as there. `best`: sums of the best model over
 * all rows. NaN for a model without a record.
 */
export function aloneOf(own: AloneSums, best: AloneSums): CostAccuracy {
  if (own.rows === best.rows) return { cost: own.cost, accuracy: own.right / best.rows };
  const accuracy = best.right / best.rows + (own.right - own.bestRight) / own.rows;
  const factor = own.bestCost > 0 ? best.cost / own.bestCost : best.rows / own.rows;
  return { cost: own.cost * factor, accuracy: Math.max(0, Math.min(1, accuracy)) };
}

/** The models alone on rows of a dataset, by their records; those without any record are left out. */
export function singlesOf({ models, best, cost, outcome }: Alone): SingleModel[] {
  const width = models.length;
  const sums = models.map(() => ({ rows: 0, cost: 0, right: 0, bestCost: 0, bestRight: 0 }));
  for (let at = 0; at < cost.length; at += width) {
    sums.forEach((own, m) => {
      if (Number.isNaN(cost[at + m])) return;
      own.rows++;
      own.cost += cost[at + m];
      own.right += outcome[at + m];
      own.bestCost += cost[at + best];
      own.bestRight += outcome[at + best];
    });
  }
  return models.flatMap((model, m) => {
    const { cost, accuracy } = aloneOf(sums[m], sums[best]);
    return Number.isNaN(accuracy) ? [] : [{ model, accuracy, cost }];
  });
}
