import type { View } from "../../core/solve/constraints/priced.js";
import { addInto } from "../../core/solve/constraints/smooth.js";
import { columnOf, tally, type Entries, type Sums, type Tally } from "../../core/solve/constraints/tally.js";
import { shared } from "../../memory.js";
import { AllocationSum, decimalOf, UnitSum } from "../exact/total.js";
import type { Objective } from "../objective.js";
import type { ClassLists } from "./queries/classes.js";
import { cutsOf, passOver, rowsOfView, type Cut, type Queries, type WorkOptions } from "./queries/queries.js";
import { ONE, type Row, type Term } from "./rows.js";

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
 * exact, as in `evaluate`; so are those of whole numbers. Others are float64 sums, job by job. One pass. O(queries × rows of a
 * query).
 */
export async function standingsOf(
  { all, ...judged }: Judged,
  allocation: Uint8Array,
  { isThreaded, ...options }: WorkOptions,
): Promise<Standings> {
  const cells = new Cells(all, judged);
  const chosen = isThreaded ? shared(allocation) : allocation;
  const asked = { kind: "tally", terms: cells.terms, allocation: chosen } as const;
  for await (const { part, result } of passOver<"tally">(all, asked, options))
    cells.add(part, result, chosen);
  return cells.standings();
}

/** The same at once, for queries that are in memory. */
export function standingsNow({ all, ...judged }: Judged, allocation: Uint8Array): Standings {
  const cells = new Cells(all, judged);
  for (const cut of cutsOf(all, { view: all.view!, first: 0 }, judged.classes.length)) {
    cells.add(cut, tally({ ...cut, terms: cells.terms, allocation }), allocation);
  }
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
    this.plain += amount;
    this.isDecimal = false;
  }

  get total(): number {
    return this.isDecimal ? this.units.dollars : this.plain;
  }
}

/** Sums of all rows: plain ones by jobs, exact ones query by query, and those of ones by class and model at the end. */
class Cells {
  readonly terms: Sums;
  private readonly sums: readonly TermSum[];
  private readonly byRow: readonly { sum: TermSum; over?: TermSum }[];
  /** Weight by class × models + model. */
  private readonly counts: Float64Array;
  private readonly objective = new AllocationSum();

  constructor(
    private readonly all: Queries,
    private readonly judged: Omit<Judged, "all">,
  ) {
    const { classes, rows } = judged;
    this.byRow = rows.map(({ sum, over }) => ({ sum: new TermSum(sum), over: over && new TermSum(over) }));
    this.sums = this.byRow.flatMap(({ sum, over }) => (over === undefined ? [sum] : [sum, over]));
    const numberOf = new Map(this.sums.map((sum, s) => [sum, s]));
    const byClass = classes.map((list) =>
      rows.flatMap(({ constraint }, k) => {
        if (constraint >= 0 && !list.includes(constraint)) return [];
        const { sum, over } = this.byRow[k];
        return [sum, over ?? []].flat().map((one) => numberOf.get(one)!);
      }),
    );
    const terms = this.sums.map(({ term }) => term);
    this.terms = {
      classes: classes.length,
      count: terms.length,
      byColumn: Array.from({ length: all.columns }, (_, column) =>
        entriesOf(byClass, terms, all.models, column),
      ),
    };
    this.counts = new Float64Array(classes.length * all.models);
  }

  /** Adds queries that have been tallied. */
  add({ view, first, from, to }: Cut, { counts, plain }: Tally, allocation: Uint8Array): void {
    addInto(this.counts, counts);
    const chosen = allocation.subarray(first + from, first + to);
    const rows = rowsOfView(view, from, to);
    this.sums.forEach((sum, s) => {
      if (columnOf(rows, sum.term.column) instanceof Float32Array) sum.addPlain(plain[s]);
    });
    this.terms.byColumn.forEach((entries, j) => {
      const column = columnOf(rows, j);
      if (column instanceof Float64Array) this.addExactly(entries, column, rows, chosen);
    });
    this.objective.add(rows.matrices, chosen);
  }

  private addExactly(
    { start, sum, factor }: Entries,
    column: Float64Array,
    { matrices, classes }: View,
    allocation: Uint8Array,
  ): void {
    const { models, weight } = matrices;
    for (let q = 0; q < allocation.length; q++) {
      const cell = classes[q] * models + allocation[q];
      const amount = column[q * models + allocation[q]];
      const w = weight === undefined ? 1 : weight[q];
      for (let e = start[cell]; e < start[cell + 1]; e++) this.sums[sum[e]].addExactly(factor[e] * amount, w);
    }
  }

  /** Once, after all queries have been added. */
  standings(): Standings {
    const { counts, byRow, objective } = this;
    const { weight, rows } = this.judged;
    const ones = this.terms.byColumn[ONE];
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
}

/** The entries of a column. `byClass`: the sums of each class. */
function entriesOf(
  byClass: readonly (readonly number[])[],
  terms: readonly Term[],
  models: number,
  column: number,
): Entries {
  const start = new Uint32Array(byClass.length * models + 1);
  const [sum, factor]: number[][] = [[], []];
  byClass.forEach((list, g) => {
    for (let m = 0; m < models; m++) {
      for (const s of list) {
        if (terms[s].column !== column || terms[s].factor[m] === 0) continue;
        sum.push(s);
        factor.push(terms[s].factor[m]);
      }
      start[g * models + m + 1] = sum.length;
    }
  });
  return { start, sum: Uint32Array.from(sum), factor: Float64Array.from(factor) };
}
