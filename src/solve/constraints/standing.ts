import type { View } from "../../core/solve/constraints/priced.js";
import type { Costs } from "../../types.js";
import { AllocationSum, decimalOf, UnitSum } from "../exact/total.js";
import type { Objective } from "../objective.js";
import type { ClassLists } from "./queries/classes.js";
import type { Queries } from "./queries/queries.js";
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

/** An allocation evaluated from the matrices, afresh. */
export interface Standings {
  rows: RowStanding[];
  objective: Objective;
  /** By model: the weight of the queries that it answers. */
  answered: Float64Array;
}

/**
 * Evaluates an allocation from the matrices, afresh. Sums of float64 columns whose values are decimals ≥ 0 of up to 15 digits are
 * exact, as in `evaluate`; so are those of whole numbers. Others are plain float64 sums in the order of the queries. One pass.
 * O(queries × rows of a query).
 */
export async function standingsOf(
  { all, ...judged }: Judged,
  allocation: Uint8Array,
  signal?: AbortSignal,
): Promise<Standings> {
  const cells = new Cells(all, judged);
  for await (const batch of all.batches(signal)) {
    for (const { view, first } of batch) {
      cells.add(view, allocation.subarray(first, first + view.classes.length));
    }
  }
  return cells.standings();
}

/** The same at once, for queries that are in memory. */
export function standingsNow({ all, ...judged }: Judged, allocation: Uint8Array): Standings {
  const cells = new Cells(all, judged);
  cells.add(all.view!, allocation);
  return cells.standings();
}

/** What an allocation is judged by. */
export interface Judged {
  all: Queries;
  weight: number;
  classes: ClassLists;
  rows: readonly Row[];
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
  private readonly byRow: readonly { sum: TermSum; over?: TermSum }[];
  private readonly entries: readonly number[][];
  /** By class × models + model: its sums over float32 columns, and over float64 ones; known from the first queries on. */
  private byColumn: { plain: Entries; exact: Entries } | undefined;
  /** Weight by class × models + model; sums over float32 columns. */
  private readonly counts: Float64Array;
  private readonly plainSums: Float64Array;
  private readonly objective = new AllocationSum();

  constructor(
    private readonly all: Queries,
    private readonly judged: Omit<Judged, "all">,
  ) {
    const { classes, rows } = judged;
    this.byRow = rows.map(({ sum, over }) => ({ sum: new TermSum(sum), over: over && new TermSum(over) }));
    this.sums = this.byRow.flatMap(({ sum, over }) => (over === undefined ? [sum] : [sum, over]));
    const numberOf = new Map(this.sums.map((sum, s) => [sum, s]));
    this.entries = classes.map((list) =>
      rows.flatMap(({ constraint }, k) => {
        if (constraint >= 0 && !list.includes(constraint)) return [];
        const { sum, over } = this.byRow[k];
        return [sum, over ?? []].flat().map((one) => numberOf.get(one)!);
      }),
    );
    this.counts = new Float64Array(classes.length * all.models);
    this.plainSums = new Float64Array(this.sums.length);
  }

  add(view: View, allocation: Uint8Array): void {
    const { counts, plainSums } = this;
    const { models, weight } = view.matrices;
    const columns = Array.from({ length: this.all.columns }, (_, j) => columnOf(view, j));
    const { plain, exact } = (this.byColumn ??= {
      plain: this.entriesOf(({ column }) => columns[column] instanceof Float32Array),
      exact: this.entriesOf(({ column }) => columns[column] instanceof Float64Array),
    });
    for (let q = 0; q < allocation.length; q++) {
      const model = allocation[q];
      const w = weight === undefined ? 1 : weight[q];
      const cell = view.classes[q] * models + model;
      const option = q * models + model;
      counts[cell] += w;
      for (let e = plain.start[cell]; e < plain.start[cell + 1]; e++) {
        plainSums[plain.sum[e]] += w * plain.factor[e] * columns[plain.column[e]]![option];
      }
      for (let e = exact.start[cell]; e < exact.start[cell + 1]; e++) {
        this.sums[exact.sum[e]].addExactly(exact.factor[e] * columns[exact.column[e]]![option], w);
      }
    }
    this.objective.add(view.matrices, allocation);
  }

  /** Once, after all queries have been added. */
  standings(): Standings {
    const { counts, plainSums, byRow, objective } = this;
    const { weight, rows } = this.judged;
    for (const s of new Set(this.byColumn?.plain.sum)) this.sums[s].addPlain(plainSums[s]);
    const ones = this.entriesOf(({ column }) => column === ONE);
    const answered = new Float64Array(this.all.models);
    counts.forEach((count, cell) => {
      answered[cell % answered.length] += count;
      for (let e = ones.start[cell]; e < ones.start[cell + 1]; e++) {
        this.sums[ones.sum[e]].addExactly(ones.factor[e], count);
      }
    });
    return {
      rows: rows.map((row, k) => {
        const { sum, over } = byRow[k];
        const value = over === undefined ? sum.total : sum.total / over.total;
        return { value, slack: slackOf(row, value, sum.total, over?.total ?? 1), perUnit: over?.total ?? 1 };
      }),
      objective: { totalCost: objective.cost, expectedAccuracy: objective.gain / weight },
      answered,
    };
  }

  private entriesOf(isWanted: (term: Term) => boolean): Entries {
    const terms = this.sums.map(({ term }) => term);
    return entriesOf(this.entries, terms, this.all.models, isWanted);
  }
}

function columnOf({ matrices, columns }: View, column: number): Costs | undefined {
  if (column === ONE) return undefined;
  if (column === PROBABILITY) return matrices.successProbability;
  return column === COST ? matrices.cost : columns[column - 3];
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
