import type { Coefficients, Terms, View } from "../../core/solve/constraints/priced.js";
import { columnOf } from "../../core/solve/constraints/tally.js";
import { InputError } from "../../errors.js";
import { inline } from "../../pool/runner.js";
import type { RunningOptions } from "../../pool/running.js";
import { allocateInput } from "../front.js";
import type { SolveInput } from "../input.js";
import { isAllowed } from "../problem.js";
import type { Constraint } from "./constraint.js";
import type { ClassLists } from "./queries/classes.js";
import { distinctOf } from "./queries/distinct.js";
import { everyFew } from "./queries/gather.js";
import type { Queries } from "./queries/queries.js";
import { readQueries, type Read } from "./queries/read.js";
import type { Row } from "./rows.js";

/** What is maximised: gain · summed success probability + cost · dollars. */
export interface Goal {
  gain: number;
  cost: number;
}

/** A problem under constraints, in the form that its search takes. Rows are scaled: see `scale`. */
export interface Compiled {
  all: Queries;
  /** Total weight of the queries. */
  weight: number;
  classes: ClassLists;
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
export interface Understood extends Read {
  /** Evenly spaced queries. */
  sample: View;
  /** The distinct queries, if they are few. */
  distinct?: { queries: Queries; weight: number };
}

/** Checks a problem and its constraints, in three passes. Throws `InputError`. */
export async function understand(
  given: SolveInput,
  constraints: readonly Constraint[],
  { pool, signal }: RunningOptions = {},
): Promise<Understood> {
  const isThreaded = pool !== undefined;
  const read = await readQueries(given, constraints, { runner: pool ?? inline, isThreaded, signal });
  // Refuses wrong values on the way.
  await allocateInput(read.problem, Infinity, { pool, signal }, false);
  const sample = await everyFew(read.queries, SAMPLE, signal);
  return { ...read, sample, distinct: await distinctOf(read.queries, isThreaded, signal) };
}

/** Scales rows and lists their terms by class and model. `target`: the row of a target, if it has one. */
export function compile(understood: Understood, goal: Goal, target: Row | undefined): Compiled {
  const { queries: all, weight, classes, sample } = understood;
  const rows = target === undefined ? understood.rows : [...understood.rows, target];
  const rowsByClass = classes.map((list) =>
    rows.flatMap(({ constraint }, k) => (constraint < 0 || list.includes(constraint) ? [k] : [])),
  );
  const terms = listTerms(all.models, rows, rowsByClass);
  const sizes = measure(sample, terms);
  const scale = Float64Array.from(rows, ({ bound }, k) => {
    const size = Math.max(Math.abs(bound) / weight, 1e-3 * sizes.mean[k]);
    return size > 0 ? size : 1;
  });
  const factor = terms.factor.map((f, t) => f / scale[terms.row[t]]);
  return {
    all,
    weight,
    classes,
    rows,
    terms: { ...terms, factor },
    scale,
    bound: Float64Array.from(rows, ({ bound }, k) => bound / (scale[k] * weight)),
    unit: Float64Array.from(rows, (_, k) => (sizes.square[k] > 0 ? sizes.square[k] / scale[k] : 1)),
    goal,
  };
}

/** By row: the mean magnitude of what an option adds, over all options of a sample; its root mean square over those that add. */
function measure(view: View, terms: Terms) {
  const { models } = view.matrices;
  const { start, row, column, factor } = terms;
  const mayAnswer = isAllowed(view.matrices);
  const mean = new Float64Array(terms.rows);
  const square = new Float64Array(terms.rows);
  const count = new Float64Array(terms.rows);
  let options = 0;
  for (let q = 0; q < view.classes.length; q++) {
    for (let m = 0; m < models; m++) {
      if (!mayAnswer(q, m)) continue;
      options++;
      const at = view.classes[q] * models + m;
      for (let t = start[at]; t < start[at + 1];) {
        // The terms of one row stand together.
        const k = row[t];
        let amount = 0;
        for (; t < start[at + 1] && row[t] === k; t++) amount += factor[t] * columnAt(view, column[t], q, m);
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

/** An option's amount in a column by number. */
export function columnAt(view: View, column: number, query: number, model: number): number {
  return columnOf(view, column)?.[query * view.matrices.models + model] ?? 1;
}

function listTerms(models: number, rows: readonly Row[], rowsByClass: readonly number[][]): Terms {
  const start = new Uint32Array(rowsByClass.length * models + 1);
  const [row, column, factor]: [number[], number[], number[]] = [[], [], []];
  rowsByClass.forEach((list, g) => {
    for (let m = 0; m < models; m++) {
      for (const k of list) {
        for (const term of rows[k].terms) {
          if (term.factor[m] === 0) continue;
          row.push(k);
          column.push(term.column);
          factor.push(term.factor[m]);
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
export function coefficientsAt({ all, terms, goal }: Compiled, price: Float64Array): Coefficients {
  const { models, columns: width } = all;
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
export function activitiesOf({ terms, all }: Compiled, table: Float64Array): Float64Array {
  const { models, columns: width } = all;
  const sums = new Float64Array(terms.rows);
  for (let at = 0; at < terms.classes * models; at++) {
    if (table[at * width] === 0) continue;
    for (let t = terms.start[at]; t < terms.start[at + 1]; t++) {
      sums[terms.row[t]] += terms.factor[t] * table[at * width + terms.column[t]];
    }
  }
  return sums;
}
