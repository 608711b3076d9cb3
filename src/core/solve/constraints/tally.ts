import type { Costs } from "../../../types.js";
import { columnCount, type View } from "./priced.js";

/** Sums over the chosen options of queries, each of one column: Σ weight · factor · column. */
export interface Sums {
  classes: number;
  count: number;
  /** By column, ones first. */
  byColumn: readonly Entries[];
}

/** By class × models + model: the sums over a column that an option adds to. */
export interface Entries {
  start: Uint32Array;
  sum: Uint32Array;
  factor: Float64Array;
}

/** The work of adding up an allocation over part of a view. */
export interface TallyInput {
  view: View;
  /** Index of the view's first query among all. */
  first: number;
  /** Queries of the view. */
  from: number;
  to: number;
  terms: Sums;
  /** The model of each of all queries. */
  allocation: Uint8Array;
}

/** What an allocation adds up to; parts add up. */
export interface Tally {
  /** Weight by class × models + model. */
  counts: Float64Array;
  /** By sum: over its float32 column, query after query; 0 for sums of other columns and of ones. */
  plain: Float64Array;
}

/** Adds up an allocation. O(queries × sums of a query). */
export function tally({ view, first, from, to, terms, allocation }: TallyInput): Tally {
  const { classes, matrices } = view;
  const { models, weight } = matrices;
  const counts = new Float64Array(terms.classes * models);
  const plain = new Float64Array(terms.count);
  for (let q = from; q < to; q++) {
    counts[classes[q] * models + allocation[first + q]] += weight === undefined ? 1 : weight[q];
  }
  columnsOf(view).forEach((column, j) => {
    const entries = terms.byColumn[j];
    if (!(column instanceof Float32Array) || entries.sum.length === 0) return;
    const { start, sum, factor } = entries;
    for (let q = from; q < to; q++) {
      const model = allocation[first + q];
      const cell = classes[q] * models + model;
      const amount = column[q * models + model];
      const w = weight === undefined ? 1 : weight[q];
      for (let e = start[cell]; e < start[cell + 1]; e++) plain[sum[e]] += w * factor[e] * amount;
    }
  });
  return { counts, plain };
}

/** All columns of a view, by number. */
export function columnsOf(view: View): (Costs | undefined)[] {
  return Array.from({ length: columnCount(view) }, (_, j) => columnOf(view, j));
}

/** A column of a view by number; undefined: ones. */
export function columnOf({ matrices, columns }: View, column: number): Costs | undefined {
  if (column === 0) return undefined;
  if (column === 1) return matrices.successProbability;
  return column === 2 ? matrices.cost : columns[column - 3];
}
