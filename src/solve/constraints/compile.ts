import {
  columnCount,
  type Coefficients,
  type Terms,
  type View,
} from "../../core/solve/constraints/priced.js";
import { InputError } from "../../errors.js";
import { shared } from "../../memory.js";
import type { Problem } from "../../types.js";
import { checkShape, checkWeight, isAllowed, matricesOf, shareProblem } from "../problem.js";
import { classesOf, classWeights, groupWeights, type Classes } from "./classes.js";
import { amountsOf } from "./columns.js";
import type { Constraint } from "./constraint.js";
import { groupsOf, rowsOf, type Row } from "./rows.js";

/** What is maximised: gain · summed success probability + cost · dollars. */
export interface Goal {
  gain: number;
  cost: number;
}

/** A problem under constraints, in the form that its search takes. Rows are scaled: see `scale`. */
export interface Compiled {
  view: View;
  queries: number;
  /** Total weight of the queries. */
  weight: number;
  classes: Classes;
  rows: readonly Row[];
  terms: Terms;
  /** By row: units of its bound in one scaled unit a query. */
  scale: Float64Array;
  /** By row: the scaled bound per query. */
  bound: Float64Array;
  /** By row: what one query adds, root mean square over the options that add anything, scaled. */
  unit: Float64Array;
  goal: Goal;
}

/** Rows that are looked at to measure the sizes of things. */
const SAMPLE = 4000;
/** Most terms of all options' classes and models together. */
const MOST_TERMS = 2 ** 22;

/** A problem whose constraints have been understood, before a target adds a row. */
export interface Understood {
  problem: Problem;
  view: View;
  queries: number;
  weight: number;
  classes: Classes;
  rows: readonly Row[];
}

/** Checks a problem and its constraints. `isShared`: matrices are for threads. Throws `InputError`. */
export function understand(
  given: Problem,
  constraints: readonly Constraint[],
  isShared: boolean,
): Understood {
  refuseStream(given);
  const queries = checkShape(given);
  const problem = isShared ? shareProblem(given) : given;
  const classes = classesOf(problem, queries, groupsOf(constraints));
  const byClass = classWeights(classes, problem.weight);
  const weight = byClass.reduce((sum, w) => sum + w, 0);
  checkWeight(weight);
  const weights = groupWeights(classes, byClass, constraints.length);
  const { columns, rows } = rowsOf(problem.models, constraints, weights);
  const amounts = columns.map((name) => amountsOf(problem, name));
  const view = {
    matrices: matricesOf(problem),
    columns: isShared ? amounts.map((column) => shared(column)) : amounts,
    classes: isShared ? shared(classes.of) : classes.of,
  };
  return { problem, view, queries, weight, classes, rows };
}

/** Prices are found in tens of passes, over samples and close queries: a stream has none of these. */
function refuseStream(given: object): void {
  if (!("blocks" in given)) return;
  throw new InputError(
    "a stream of blocks cannot be planned under constraints, which takes tens of passes; give the problem in memory",
    { field: "problem" },
  );
}

/** Scales rows and lists their terms by class and model. `target`: the row of a target, if it has one. */
export function compile(understood: Understood, goal: Goal, target: Row | undefined): Compiled {
  const { view, queries, weight, classes } = understood;
  const rows = target === undefined ? understood.rows : [...understood.rows, target];
  const rowsByClass = classes.constraints.map((list) =>
    rows.flatMap(({ constraint }, k) => (constraint < 0 || list.includes(constraint) ? [k] : [])),
  );
  const sizes = measure(view, classes, rows, rowsByClass);
  const scale = Float64Array.from(rows, ({ bound }, k) => {
    const size = Math.max(Math.abs(bound) / weight, 1e-3 * sizes.mean[k]);
    return size > 0 ? size : 1;
  });
  return {
    view,
    queries,
    weight,
    classes,
    rows,
    terms: listTerms(view, rows, rowsByClass, scale),
    scale,
    bound: Float64Array.from(rows, ({ bound }, k) => bound / (scale[k] * weight)),
    unit: Float64Array.from(rows, (_, k) => (sizes.square[k] > 0 ? sizes.square[k] / scale[k] : 1)),
    goal,
  };
}

/** By row: the mean magnitude of what an option adds, over all options of a sample; its root mean square over those that add. */
function measure(view: View, classes: Classes, rows: readonly Row[], rowsByClass: readonly number[][]) {
  const { models } = view.matrices;
  const queries = view.classes.length;
  const step = Math.max(1, Math.floor(queries / SAMPLE)) | 1;
  const mayAnswer = isAllowed(view.matrices);
  const mean = new Float64Array(rows.length);
  const square = new Float64Array(rows.length);
  const count = new Float64Array(rows.length);
  let options = 0;
  for (let q = 0; q < queries; q += step) {
    for (let m = 0; m < models; m++) {
      if (!mayAnswer(q, m)) continue;
      options++;
      for (const k of rowsByClass[classes.of[q]]) {
        const amount = amountOf(view, rows[k], q, m);
        if (amount === 0) continue;
        mean[k] += Math.abs(amount);
        square[k] += amount * amount;
        count[k]++;
      }
    }
  }
  return {
    mean: mean.map((sum) => sum / Math.max(1, options)),
    square: square.map((sum, k) => (count[k] > 0 ? Math.sqrt(sum / count[k]) : 0)),
  };
}

/** What an option adds to a row of its query's class, unscaled. */
export function amountOf(view: View, { terms }: Row, query: number, model: number): number {
  let sum = 0;
  for (const { column, factor } of terms) {
    if (factor[model] !== 0) sum += factor[model] * columnAt(view, column, query, model);
  }
  return sum;
}

/** An option's amount in a column by number. */
export function columnAt({ matrices, columns }: View, column: number, query: number, model: number): number {
  if (column === 0) return 1;
  const option = query * matrices.models + model;
  if (column === 1) return matrices.successProbability[option];
  return column === 2 ? matrices.cost[option] : columns[column - 3][option];
}

function listTerms(
  view: View,
  rows: readonly Row[],
  rowsByClass: readonly number[][],
  scale: Float64Array,
): Terms {
  const { models } = view.matrices;
  const start = new Uint32Array(rowsByClass.length * models + 1);
  const [row, column, factor]: [number[], number[], number[]] = [[], [], []];
  rowsByClass.forEach((list, g) => {
    for (let m = 0; m < models; m++) {
      for (const k of list) {
        for (const term of rows[k].terms) {
          if (term.factor[m] === 0) continue;
          row.push(k);
          column.push(term.column);
          factor.push(term.factor[m] / scale[k]);
        }
      }
      start[g * models + m + 1] = row.length;
    }
    if (row.length > MOST_TERMS) {
      throw new InputError(
        `${rows.length} limits on ${models} models and ${rowsByClass.length} classes of queries are too many together; group by fewer columns`,
        { field: "constraints" },
      );
    }
  });
  return {
    classes: rowsByClass.length,
    rows: rows.length,
    start,
    row: Uint32Array.from(row),
    column: Uint32Array.from(column),
    factor: Float64Array.from(factor),
  };
}

/** What an option's value takes of each column, at prices of the scaled rows. */
export function coefficientsAt({ view, terms, goal }: Compiled, price: Float64Array): Coefficients {
  const { models } = view.matrices;
  const width = columnCount(view);
  const found = new Float64Array(terms.classes * width * models);
  for (let g = 0; g < terms.classes; g++) {
    const base = g * width * models;
    found.fill(goal.gain, base + models, base + 2 * models);
    found.fill(goal.cost, base + 2 * models, base + 3 * models);
    for (let m = 0; m < models; m++) {
      for (let t = terms.start[g * models + m]; t < terms.start[g * models + m + 1]; t++) {
        found[base + terms.column[t] * models + m] -= price[terms.row[t]] * terms.factor[t];
      }
    }
  }
  return found;
}

/** Adds up the rows of a table of sums (classes × models × columns). */
export function activitiesOf({ terms, view }: Compiled, table: Float64Array): Float64Array {
  const { models } = view.matrices;
  const width = columnCount(view);
  const sums = new Float64Array(terms.rows);
  for (let at = 0; at < terms.classes * models; at++) {
    if (table[at * width] === 0) continue;
    for (let t = terms.start[at]; t < terms.start[at + 1]; t++) {
      sums[terms.row[t]] += terms.factor[t] * table[at * width + terms.column[t]];
    }
  }
  return sums;
}
