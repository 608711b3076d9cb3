import type { View } from "../../core/solve/constraints/priced.js";
import type { Costs } from "../../types.js";
import { UnitSum } from "../exact/total.js";
import type { Classes } from "./classes.js";
import type { Row, Term } from "./rows.js";

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
  const sums = rows.map(({ sum, over }) => ({
    sum: new TermSum(view, sum),
    over: over && new TermSum(view, over),
  }));
  const byClass = classes.constraints.map((list) =>
    rows.flatMap(({ constraint }, k) => (constraint < 0 || list.includes(constraint) ? [sums[k]] : [])),
  );
  const { weight, models } = view.matrices;
  for (let q = 0; q < allocation.length; q++) {
    const model = allocation[q];
    const w = weight === undefined ? 1 : weight[q];
    for (const { sum, over } of byClass[classes.of[q]]) {
      sum.add(q * models + model, model, w);
      over?.add(q * models + model, model, w);
    }
  }
  return rows.map((row, k) => {
    const { sum, over } = sums[k];
    const value = over === undefined ? sum.total : sum.total / over.total;
    const slack = Number.isNaN(value) ? Infinity : row.sign * (row.limit - value);
    return { value, slack, perUnit: over?.total ?? 1 };
  });
}

/** Σ weight · factor · column over chosen options. */
class TermSum {
  private plain = 0;
  private isDecimal: boolean;
  private readonly units = new UnitSum();
  private readonly column: Costs | undefined;
  private readonly factor: Float64Array;

  constructor({ matrices, columns }: View, { column, factor }: Term) {
    this.factor = factor;
    if (column === 1) this.column = matrices.successProbability;
    else if (column === 2) this.column = matrices.cost;
    else if (column > 2) this.column = columns[column - 3];
    this.isDecimal = !(this.column instanceof Float32Array);
  }

  add(option: number, model: number, weight: number): void {
    const factor = this.factor[model];
    if (factor === 0) return;
    const amount = this.column === undefined ? factor : factor * this.column[option];
    this.plain += weight * amount;
    if (this.isDecimal) this.isDecimal = amount >= 0 && this.units.add(amount, weight);
  }

  get total(): number {
    return this.isDecimal ? this.units.dollars : this.plain;
  }
}
