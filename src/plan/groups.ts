import { shown } from "../text/shown.js";
import { InputError } from "../errors.js";
import type { Costs, Dataset } from "../types.js";

/** The figures of an allocation for the queries with one value of a column. */
export interface GroupFigures {
  /** The column's value; "" where it is blank. */
  group: string;
  queries: number;
  /** Dollars. */
  cost: number;
  /** 0 … 1: expected or realised, as the probabilities or outcomes that were summed. */
  accuracy: number;
  /** Share of the group's queries by model, models that answer none of them left out. */
  shares: Record<string, number>;
}

/** Cost and success of every query with every model, queries × models. */
export interface Values {
  models: readonly string[];
  cost: Costs;
  /** Success probability or outcome. */
  accuracy: Float32Array;
}

/** The texts of a column that groups queries. Throws `InputError` where the column is missing, or blank throughout. */
export function groupsOf({ columns }: Dataset, column: string): string[] {
  const texts = columns?.get(column);
  if (texts?.some((text) => text !== "")) return texts;
  throw new InputError(`no row has a value in column ${shown(column)} to group by`, { column });
}

/** Sums up allocations group by group; several count as one over all their queries. */
export class GroupSums {
  private readonly sums = new Map<
    string,
    { queries: number; cost: number; right: number; taken: Map<string, number> }
  >();

  /** `groups`: the group of each query. */
  add(groups: readonly string[], allocation: Uint8Array, { models, cost, accuracy }: Values): void {
    allocation.forEach((m, q) => {
      let sum = this.sums.get(groups[q]);
      if (sum === undefined) {
        sum = { queries: 0, cost: 0, right: 0, taken: new Map() };
        this.sums.set(groups[q], sum);
      }
      const option = q * models.length + m;
      sum.queries++;
      sum.cost += cost[option];
      sum.right += accuracy[option];
      sum.taken.set(models[m], (sum.taken.get(models[m]) ?? 0) + 1);
    });
  }

  /** The largest group first, ties by name; in the models' order. Per repeat: sums divided by `repeats`. */
  figures(models: readonly string[], repeats = 1): GroupFigures[] {
    return [...this.sums]
      .map(([group, { queries, cost, right, taken }]) => ({
        group,
        queries: queries / repeats,
        cost: cost / repeats,
        accuracy: right / queries,
        shares: Object.fromEntries(
          models.flatMap((model) => (taken.has(model) ? [[model, taken.get(model)! / queries]] : [])),
        ),
      }))
      .sort((a, b) => b.queries - a.queries || (a.group < b.group ? -1 : 1));
  }
}
