import type { View } from "../../../core/solve/constraints/priced.js";
import { columnAt, type Compiled } from "../compile.js";
import type { Evaluation, Scope } from "../lagrangian.js";
import type { Row } from "../rows.js";
import type { Move } from "./search.js";
import { alone, isCertificate, leastViolation, sampleOf, withoutGoal } from "./violation.js";

/** Rows that no allocation keeps together, not even one that shares queries. */
export interface Conflict {
  /** Prices of all rows, 0 for those outside the conflict, at which the dual without the objective is below 0. */
  certificate: Evaluation;
  /** Its rows, and how far each must move at least if it alone is moved. */
  moves: Move[];
}

/** Evaluations of options (queries × models) that the search for fewer rows and their moves may take. */
const MOST_WORK = 2e7;
const MOST_EVALUATIONS = 2_000;
/** Passes over all queries that certify what a sample has shown: of the conflict, and of the moves of its rows. */
const MOST_CHECKS = 4;
const MOST_MOVES = 8;
/** A row's own violation counts so many times less than that of the others where it alone is to move. */
const LOOSER = 100;

/**
 * The conflict that is left when rows are left out one after another: a row stays out if the others have a
 * certificate, first at their old prices, then at prices found without it. A row that stays was needed, so what is left has no
 * needless row, as far as prices were found within the evaluations; of a large problem, on a sample. `first`: a certificate.
 */
export async function smallestConflict(scope: Scope, first: Evaluation): Promise<Conflict> {
  const search = new Filter(scope, await sampleOf(scope));
  const certificate = await search.leaveOut(first);
  return { certificate, moves: await search.moves(certificate) };
}

class Filter {
  private left: number;

  constructor(
    private readonly all: Scope,
    private readonly few: Scope,
  ) {
    const options = few.queries.count * few.queries.models;
    this.left = Math.min(MOST_EVALUATIONS, Math.floor(MOST_WORK / options));
  }

  async leaveOut(first: Evaluation): Promise<Evaluation> {
    const { unit } = this.all.compiled;
    // The certificates on the sample, each of fewer rows than the one before.
    const found = [await this.certify(first.price)];
    // Those of the smallest prices first.
    const order = rowsIn(first).sort((a, b) => first.price[a] * unit[a] - first.price[b] * unit[b]);
    for (const k of order) {
      const best = found[found.length - 1];
      if (best === undefined || best.price[k] === 0 || this.left <= 0) continue;
      const others = rowsIn(best).filter((j) => j !== k);
      if (others.length === 0) break;
      const price = best.price.map((p, j) => (j === k ? 0 : p));
      const fewer = (await this.certify(price)) ?? (await this.certify(await this.found(others, price)));
      if (fewer !== undefined) found.push(fewer);
    }
    return this.certifiedOverAll(found, first);
  }

  /** The last certificate of a sample that holds over all queries too. */
  private async certifiedOverAll(
    found: readonly (Evaluation | undefined)[],
    first: Evaluation,
  ): Promise<Evaluation> {
    for (const one of found.slice(1).reverse().slice(0, MOST_CHECKS)) {
      if (this.few === this.all) return one!;
      const evaluation = await alone(this.all, one!.price);
      if (isCertificate(this.all, evaluation)) return evaluation;
    }
    return first;
  }

  /** The evaluation on the sample at some prices, if it is a certificate there. */
  private async certify(price: Float64Array | undefined): Promise<Evaluation | undefined> {
    if (price === undefined) return undefined;
    this.left--;
    const evaluation = await alone(this.few, price);
    return isCertificate(this.few, evaluation) ? evaluation : undefined;
  }

  /** Prices of some rows at which the dual without the objective is below 0, if they are found. */
  private async found(rows: readonly number[], price: Float64Array): Promise<Float64Array | undefined> {
    const scope = withoutGoal({ ...this.few, compiled: only(this.few.compiled, rows) });
    const ray = Float64Array.from(rows, (k) => price[k]);
    const limits = { isEnough: true, most: this.left };
    const { evaluation, evaluations } = await leastViolation(scope, ray, limits);
    this.left -= evaluations;
    return isCertificate(scope, evaluation) ? spread(rows, evaluation.price, price.length) : undefined;
  }

  /**
   * How far each row of a conflict must move if it alone does: −dual / price bounds it from below at any prices, and is exact at
   * those at which only this row's violation counts.
   */
  async moves(certificate: Evaluation): Promise<Move[]> {
    const { all } = this;
    const { scale, weight } = all.compiled;
    const rows = rowsIn(certificate);
    const move = new Float64Array(certificate.price.length);
    const take = ({ dual, rounding, price }: Evaluation, k: number): void => {
      if (price[k] > 0) move[k] = Math.max(move[k], (-(dual + rounding) / price[k]) * scale[k] * weight);
    };
    for (const [i, k] of rows.entries()) {
      take(certificate, k);
      if (rows.length === 1 || this.left <= 0 || (this.few !== all && i >= MOST_MOVES)) continue;
      const compiled = only(this.few.compiled, rows, k);
      const start = Float64Array.from(rows, (j) => certificate.price[j] * (j === k ? LOOSER : 1));
      const soft = withoutGoal({ ...this.few, compiled });
      const { evaluation, evaluations } = await leastViolation(soft, start, { most: this.left });
      this.left -= evaluations + 1;
      const found = evaluation.price.map((p, i) => (rows[i] === k ? p / LOOSER : p));
      take(await alone(all, spread(rows, found, move.length)), k);
    }
    return rows.map((row) => ({ row, move: move[row] }));
  }
}

const rowsIn = ({ price }: Evaluation): number[] => Array.from(price.keys()).filter((k) => price[k] > 0);

function spread(rows: readonly number[], price: Float64Array, length: number): Float64Array {
  const all = new Float64Array(length);
  rows.forEach((k, i) => (all[k] = price[i]));
  return all;
}

/** A problem with some of its rows. `looser`: a row that is counted in units `LOOSER` times as large. */
function only(compiled: Compiled, rows: readonly number[], looser = -1): Compiled {
  const { terms } = compiled;
  const place = new Map(rows.map((k, i) => [k, i]));
  const factorOf = (k: number): number => (k === looser ? 1 / LOOSER : 1);
  const start = new Uint32Array(terms.start.length);
  const [row, column, factor]: number[][] = [[], [], []];
  for (let cell = 0; cell + 1 < start.length; cell++) {
    for (let t = terms.start[cell]; t < terms.start[cell + 1]; t++) {
      const i = place.get(terms.row[t]);
      if (i === undefined) continue;
      row.push(i);
      column.push(terms.column[t]);
      factor.push(terms.factor[t] * factorOf(terms.row[t]));
    }
    start[cell + 1] = row.length;
  }
  const scaled = (values: Float64Array): Float64Array =>
    Float64Array.from(rows, (k) => values[k] * factorOf(k));
  return {
    ...compiled,
    rows: rows.map((k) => compiled.rows[k]),
    terms: {
      ...terms,
      rows: rows.length,
      start,
      row: Uint32Array.from(row),
      column: Uint32Array.from(column),
      factor: Float64Array.from(factor),
    },
    scale: Float64Array.from(rows, (k) => compiled.scale[k] / factorOf(k)),
    bound: scaled(compiled.bound),
    unit: scaled(compiled.unit),
  };
}

/**
 * By row of some: the most that the sum under its mean or share can be, which a limit that moves by 1 allows its row's sum at
 * most; 1 for a total. One pass, if there are others.
 */
export async function mostOver(
  { all, classes, rows }: Compiled,
  some: readonly number[],
  signal?: AbortSignal,
): Promise<number[]> {
  if (some.every((k) => rows[k].over === undefined)) return some.map(() => 1);
  const sums = some.map(() => 0);
  const isIn = some.map((k) =>
    classes.map((list) => rows[k].constraint < 0 || list.includes(rows[k].constraint)),
  );
  for await (const batch of all.batches(signal)) {
    for (const { view } of batch) {
      some.forEach((k, i) => (sums[i] += mostOf(view, rows[k], isIn[i])));
    }
  }
  return sums.map((sum, i) => (rows[some[i]].over === undefined ? 1 : sum));
}

/** The most that the sum under a row can be, over the queries of some classes. */
function mostOf(view: View, { over }: Row, isIn: readonly boolean[]): number {
  if (over === undefined) return 0;
  const { weight, models, cost } = view.matrices;
  let sum = 0;
  for (let q = 0; q < view.classes.length; q++) {
    if (!isIn[view.classes[q]]) continue;
    let most = 0;
    for (let m = 0; m < models; m++) {
      if (over.factor[m] === 0 || cost[q * models + m] === Infinity) continue;
      const amount = Math.abs(over.factor[m] * columnAt(view, over.column, q, m));
      if (amount < Infinity) most = Math.max(most, amount);
    }
    sum += weight === undefined ? most : weight[q] * most;
  }
  return sum;
}
