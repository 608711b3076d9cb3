import { InputError } from "../../errors.js";
import { formOf, nameOf, type Constraint, type Group, type Measure } from "./constraint.js";

/** Most constraints of a problem. */
export const MAX_CONSTRAINTS = 64;
/** Largest magnitude of a limit, of a figure of a model, and of an amount in a column. */
export const MOST_AMOUNT = 1e12;

/** The columns that every problem has, before its own: 1 for every option, success probability, dollars. */
export const ONE = 0;
export const PROBABILITY = 1;
export const COST = 2;

/** One side of a constraint as a linear row: Σ weight · Σ over terms of factor[model] · column ≤ bound. */
export interface Row {
  name: string;
  /** Index of its constraint; −1 for the target's own row. */
  constraint: number;
  /** 1: at most; −1: at least, with all signs turned. */
  sign: 1 | -1;
  form: "total" | "mean" | "share";
  /** The limit as it was given. */
  limit: number;
  /** The right-hand side, over all queries, with the sign. */
  bound: number;
  /** What each model's options add, with the sign. */
  terms: readonly Term[];
  /** What the limit is compared with: Σ of this term, in a mean or share divided by Σ of `over`; without the sign. */
  sum: Term;
  over?: Term;
}

/** A column times a factor for each model; 0 where the model does not count. */
export interface Term {
  column: number;
  factor: Float64Array;
}

/** Constraints as rows, over columns by number. */
export interface Rows {
  /** The names of the problem's own columns that are in use, from number 3 on. */
  columns: readonly string[];
  rows: readonly Row[];
}

/** The groups of constraints, in their order; undefined: all queries. Throws `InputError` for a list that is none. */
export function groupsOf(constraints: readonly Constraint[]): (Group | undefined)[] {
  checkList(constraints);
  return constraints.map((constraint, index) => checkGroup(constraint, refusing(constraint, index)));
}

/**
 * The rows of constraints whose groups have been checked. `weights`: by constraint, the total weight of the queries of its
 * group.
 *
 * @throws InputError, naming the constraint, for anything that no problem of these models can mean.
 */
export function rowsOf(
  models: readonly string[],
  constraints: readonly Constraint[],
  weights: ArrayLike<number>,
): Rows {
  const columns: string[] = [];
  const rows = constraints.flatMap((constraint, index) => {
    const refuse = refusing(constraint, index);
    if (!["total", "mean", "share"].includes(formOf(constraint))) {
      refuse(`as is ${String(constraint.as)}; expected total, mean or share`, "as");
    }
    const counted = countedModels(models, constraint, refuse);
    const isNeeded = (m: number): boolean => counted[m] || formOf(constraint) === "share";
    const figure = Float64Array.from(models, (name, m) =>
      isNeeded(m) ? figureOf(constraint.measure, name, refuse) : 0,
    );
    const column = columnOf(
      constraint.measure === undefined ? "queries" : constraint.measure,
      columns,
      refuse,
    );
    return sides(constraint, refuse).map(({ sign, limit }) =>
      rowOf({ constraint, index, sign, limit, column, counted, figure, weight: weights[index] }, refuse),
    );
  });
  return { columns, rows };
}

type Refuse = (problem: string, field: string) => never;

function refusing(constraint: Constraint, index: number): Refuse {
  return (problem, field) => {
    throw new InputError(`constraint ${index + 1} (${nameOf(constraint)}): ${problem}`, {
      field: `constraints.${index}.${field}`,
      constraint: index,
    });
  };
}

function checkList(constraints: unknown): asserts constraints is readonly Constraint[] {
  if (!Array.isArray(constraints)) {
    throw new InputError("constraints is not a list", { field: "constraints" });
  }
  if (constraints.length > MAX_CONSTRAINTS) {
    throw new InputError(`${constraints.length} constraints; expected at most ${MAX_CONSTRAINTS}`, {
      field: "constraints",
    });
  }
  constraints.forEach((constraint: unknown, index) => {
    if (typeof constraint === "object" && constraint !== null) return;
    throw new InputError(`constraint ${index + 1} is ${String(constraint)}; expected an object`, {
      field: `constraints.${index}`,
    });
  });
}

/** The limits of a constraint. */
function sides(constraint: Constraint, refuse: Refuse): { sign: 1 | -1; limit: number }[] {
  const { atMost, atLeast } = constraint;
  const found: { sign: 1 | -1; limit: number }[] = [];
  if (atMost !== undefined) found.push({ sign: 1, limit: checkLimit(atMost, "atMost", constraint, refuse) });
  if (atLeast !== undefined)
    found.push({ sign: -1, limit: checkLimit(atLeast, "atLeast", constraint, refuse) });
  if (found.length === 0) refuse("it has no limit; expected atMost or atLeast", "atMost");
  if (atMost !== undefined && atLeast !== undefined && atLeast > atMost) {
    refuse(`at least ${atLeast} and at most ${atMost} exclude each other`, "atLeast");
  }
  return found;
}

function checkLimit(limit: unknown, field: string, constraint: Constraint, refuse: Refuse): number {
  if (typeof limit !== "number" || !Number.isFinite(limit) || Math.abs(limit) > MOST_AMOUNT) {
    refuse(`${field} is ${String(limit)}; expected a finite number of magnitude up to 10¹²`, field);
  }
  if (formOf(constraint) === "share" && !(limit >= 0 && limit <= 1)) {
    refuse(`${field} is ${limit}; expected a share, 0 … 1`, field);
  }
  return limit;
}

/** Which models a constraint counts. */
function countedModels(models: readonly string[], constraint: Constraint, refuse: Refuse): boolean[] {
  const { models: wanted } = constraint;
  if (wanted === undefined) {
    if (formOf(constraint) === "share") {
      refuse("it is the share that all models have of all models; name some in models", "models");
    }
    return models.map(() => true);
  }
  if (!Array.isArray(wanted) || wanted.length === 0) {
    refuse("models names no model; leave it out to count all", "models");
  }
  const stranger = wanted.find((name) => !models.includes(name));
  if (stranger !== undefined) {
    refuse(`model "${stranger}" is not one of the problem's: ${models.join(", ")}`, "models");
  }
  return models.map((name) => wanted.includes(name));
}

/** The figure of a model in a measure per model; 1 in other measures. */
function figureOf(measure: Measure | undefined, model: string, refuse: Refuse): number {
  if (typeof measure !== "object" || measure === null || !("perModel" in measure)) return 1;
  const { perModel } = measure;
  const figure: unknown =
    typeof perModel === "object" && perModel !== null && Object.hasOwn(perModel, model)
      ? perModel[model]
      : undefined;
  if (typeof figure === "number" && Math.abs(figure) <= MOST_AMOUNT) return figure;
  return refuse(
    `the figure of model "${model}" is ${String(figure)}; expected a finite number of magnitude up to 10¹²`,
    "measure",
  );
}

function checkGroup({ group }: Constraint, refuse: Refuse): Group | undefined {
  if (group === undefined) return undefined;
  if (typeof group !== "object" || group === null)
    refuse(`group is ${String(group)}; expected { column, ids }`, "group");
  const { column, ids } = group;
  const isId = (id: unknown): boolean =>
    Number.isInteger(id) && (id as number) >= 0 && (id as number) < 2 ** 32;
  if (typeof column !== "string") refuse(`group.column is ${String(column)}; expected a name`, "group");
  if (!Array.isArray(ids) || ids.length === 0) refuse("group.ids names no group", "group");
  const wrong = ids.find((id) => !isId(id));
  if (wrong !== undefined)
    refuse(`group id ${String(wrong)}; expected a whole number from 0 to 2³² − 1`, "group");
  return { column, ids };
}

/** The number of a measure's column, which is added to the list of names if it is new. */
function columnOf(measure: Measure, columns: string[], refuse: Refuse): number {
  if (measure === "queries") return ONE;
  if (measure === "cost") return COST;
  if (measure === "accuracy") return PROBABILITY;
  if (typeof measure === "object" && measure !== null) {
    if ("perModel" in measure) return ONE;
    const name: unknown = measure.column;
    if (typeof name === "string") {
      if (!columns.includes(name)) columns.push(name);
      return 3 + columns.indexOf(name);
    }
  }
  return refuse(
    `measure is ${JSON.stringify(measure)}; expected queries, cost, accuracy, { column } or { perModel }`,
    "measure",
  );
}

interface Side {
  constraint: Constraint;
  index: number;
  sign: 1 | -1;
  limit: number;
  column: number;
  counted: readonly boolean[];
  /** By model: what its measure is multiplied by. */
  figure: Float64Array;
  /** Of the queries of its group. */
  weight: number;
}

function rowOf(side: Side, refuse: Refuse): Row {
  const { constraint, index, sign, limit, column, counted, figure, weight } = side;
  const form = formOf(constraint);
  if (weight === 0 && sign < 0 && limit > 0) {
    refuse(`no query is in its group, yet it asks for at least ${limit}`, "group");
  }
  const sum = { column, factor: figure.map((f, m) => (counted[m] ? f : 0)) };
  const row = { name: nameOf(constraint), constraint: index, sign, form, limit, sum };
  const signed = { column, factor: sum.factor.map((f) => sign * f) };
  if (form === "total") return { ...row, bound: sign * limit, terms: [signed] };
  if (form === "share") {
    const part = { column, factor: sum.factor.map((f, m) => sign * (f - limit * figure[m])) };
    return { ...row, bound: 0, terms: [part], over: { column, factor: figure } };
  }
  const over = { column: ONE, factor: figure.map((_, m) => Number(counted[m])) };
  // Over all models the number of queries is known; over some, the limit is taken off each of their queries.
  if (constraint.models === undefined) return { ...row, bound: sign * limit * weight, terms: [signed], over };
  const limits = { column: ONE, factor: over.factor.map((f) => -sign * limit * f) };
  return { ...row, bound: 0, terms: [signed, limits], over };
}
