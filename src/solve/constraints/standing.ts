import type { View } from "../../core/solve/constraints/priced.js";
import type { Costs } from "../../types.js";
import { decimalOf, UnitSum } from "../exact/total.js";
import type { Classes } from "./classes.js";
import { COST, ONE, PROBABILITY, type Row, type Term } from "./rows.js";

/** How an allocation stands to a row. */
export interface RowStanding {
  /** The sum, mean or share that the limit is about; NaN for a mean or share of nothing. */
  value: number;
  /** How far the value is inside the limit, in its units; below 0: violated. */
  slack: number;
  /** What a unit more of the limit allows of the row's sum: 1, or what the sum is divided by. */
  perUnit: number;
}

/**
 * Evaluates rows from the matrices, afresh. Sums of float64 columns whose values are decimals ≥ 0 of up to 15 digits are exact,
 * as in `evaluate`; so are those of whole numbers. Others are plain float64 sums in the order of the queries. O(queries × rows
 * of a query).
 */
export function standingsOf(
  view: View,
  classes: Classes,
  rows: readonly Row[],
  allocation: Uint8Array,
): RowStanding[] {
  const sums = rows.map(({ sum, over }) => ({ sum: new TermSum(sum), over: over && new TermSum(over) }));
  const cells = new Cells(view, classes, rows, sums);
  cells.add(allocation);
  return rows.map((row, k) => {
    const { sum, over } = sums[k];
    const value = over === undefined ? sum.total : sum.total / over.total;
    return { value, slack: slackOf(row, value, sum.total, over?.total ?? 1), perUnit: over?.total ?? 1 };
  });
}

/** What is left of a limit. 0.6 / 6 in float64 is below 0.1: where the quotient is outside the limit, decimals decide. */
function slackOf({ sign, limit }: Row, value: number, sum: number, over: number): number {
  if (Number.isNaN(value)) return Infinity;
  const slack = sign * (limit - value);
  if (slack >= 0) return slack;
  const [s, l, o] = [decimalOf(sum), decimalOf(limit), decimalOf(over)];
  const left = s.units * 10n ** BigInt(l.places + o.places);
  const right = l.units * o.units * 10n ** BigInt(s.places);
  return (sign > 0 ? left <= right : left >= right) ? 0 : slack;
}

/** Σ weight · factor · column over chosen options. */
class TermSum {
  plain = 0;
  private isDecimal = true;
  private readonly units = new UnitSum();

  constructor(readonly term: Term) {}

  addExactly(amount: number, weight: number): void {
    this.plain += weight * amount;
    if (this.isDecimal) this.isDecimal = amount >= 0 && this.units.add(amount, weight);
  }

  /** Adds a sum of amounts that have no exact form. */
  addPlain(amount: number): void {
    this.plain = amount;
    this.isDecimal = false;
  }

  get total(): number {
    return this.isDecimal ? this.units.dollars : this.plain;
  }
}

/** What each class and model adds to sums: ones are counted by class and model, the other columns query by query. */
class Cells {
  private readonly sums: readonly TermSum[];
  /** By class × models + model: its sums over float32 columns, and over float64 ones. */
  private readonly plain: Entries;
  private readonly exact: Entries;
  private readonly ones: Entries;

  constructor(
    private readonly view: View,
    private readonly classes: Classes,
    rows: readonly Row[],
    sums: readonly { sum: TermSum; over?: TermSum }[],
  ) {
    const byClass = classes.constraints.map((list) =>
      rows.flatMap(({ constraint }, k) => (constraint < 0 || list.includes(constraint) ? [k] : [])),
    );
    this.sums = sums.flatMap(({ sum, over }) => (over === undefined ? [sum] : [sum, over]));
    const numberOf = new Map(this.sums.map((sum, s) => [sum, s]));
    const entries = byClass.map((list) =>
      list.flatMap((k) => [sums[k].sum, sums[k].over ?? []].flat().map((sum) => numberOf.get(sum)!)),
    );
    const terms = this.sums.map(({ term }) => term);
    const { models } = view.matrices;
    this.ones = entriesOf(entries, terms, models, ({ column }) => column === ONE);
    this.plain = entriesOf(
      entries,
      terms,
      models,
      ({ column }) => this.column(column) instanceof Float32Array,
    );
    this.exact = entriesOf(
      entries,
      terms,
      models,
      ({ column }) => this.column(column) instanceof Float64Array,
    );
  }

  add(allocation: Uint8Array): void {
    const { classes, plain, exact } = this;
    const { models, weight } = this.view.matrices;
    const counts = new Float64Array(classes.constraints.length * models);
    const sums = new Float64Array(this.sums.length);
    const columns = Array.from({ length: 3 + this.view.columns.length }, (_, j) => this.column(j));
    for (let q = 0; q < allocation.length; q++) {
      const model = allocation[q];
      const w = weight === undefined ? 1 : weight[q];
      const cell = classes.of[q] * models + model;
      const option = q * models + model;
      counts[cell] += w;
      for (let e = plain.start[cell]; e < plain.start[cell + 1]; e++) {
        sums[plain.sum[e]] += w * plain.factor[e] * columns[plain.column[e]]![option];
      }
      for (let e = exact.start[cell]; e < exact.start[cell + 1]; e++) {
        this.sums[exact.sum[e]].addExactly(exact.factor[e] * columns[exact.column[e]]![option], w);
      }
    }
    for (const s of new Set(plain.sum)) this.sums[s].addPlain(sums[s]);
    this.addOnes(counts);
  }

  private addOnes(counts: Float64Array): void {
    const { start, sum, factor } = this.ones;
    counts.forEach((weight, cell) => {
      for (let e = start[cell]; e < start[cell + 1]; e++) this.sums[sum[e]].addExactly(factor[e], weight);
    });
  }

  private column(column: number): Costs | undefined {
    const { matrices, columns } = this.view;
    if (column === ONE) return undefined;
    if (column === PROBABILITY) return matrices.successProbability;
    return column === COST ? matrices.cost : columns[column - 3];
  }
}

/** By class × models + model: the sums that an option adds to. */
interface Entries {
  start: Uint32Array;
  sum: Uint32Array;
  column: Uint32Array;
  factor: Float64Array;
}

/** The entries of the terms that are wanted. `byClass`: the sums of each class. */
function entriesOf(
  byClass: readonly (readonly number[])[],
  terms: readonly Term[],
  models: number,
  isWanted: (term: Term) => boolean,
): Entries {
  const start = new Uint32Array(byClass.length * models + 1);
  const [sum, column, factor]: number[][] = [[], [], []];
  byClass.forEach((list, g) => {
    for (let m = 0; m < models; m++) {
      for (const s of list) {
        if (!isWanted(terms[s]) || terms[s].factor[m] === 0) continue;
        sum.push(s);
        column.push(terms[s].column);
        factor.push(terms[s].factor[m]);
      }
      start[g * models + m + 1] = sum.length;
    }
  });
  return {
    start,
    sum: Uint32Array.from(sum),
    column: Uint32Array.from(column),
    factor: Float64Array.from(factor),
  };
}
