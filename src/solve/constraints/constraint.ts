import { someOf } from "../../text/names.js";

/** A limit that an allocation must keep besides its target: plain data, which may come from a file. */
export interface Constraint {
  /** What results and errors call it. Default: a description, such as `at most 20000 queries of gpt-4o`. */
  name?: string;
  /** What is added up. Default: `queries`. Queries count with their weights everywhere. */
  measure?: Measure;
  /**
   * Only options of these models count. Default: all models.
   *
   * A `mean` is over the queries that these models answer; a `share` is their part of what all models have.
   */
  models?: readonly string[];
  /** Only the queries of this group count. Default: all queries. */
  group?: Group;
  /**
   * `total`: the sum. `mean`: the sum divided by the number of queries it is over; without any such query a mean keeps
   * every limit. `share`: the part, 0 … 1, that the models have of the sum over all models. Default: `mean` for
   * `accuracy`, otherwise `total`.
   */
  as?: "total" | "mean" | "share";
  /** The sum, mean or share must not be above this. At least one of `atMost` and `atLeast` is given. */
  atMost?: number;
  /** The sum, mean or share must not be below this. */
  atLeast?: number;
}

/** Queries whose number in a column of `Block.groups` is one of these. */
export interface Group {
  column: string;
  /** Whole numbers, 0 … 2³² − 1. */
  ids: readonly number[];
  /** The values that these numbers stand for: a policy for single requests knows the group by them. */
  values?: readonly string[];
}

/**
 * What a constraint adds up, for the option that each query is given: 1 (`queries`), its dollars (`cost`), its success
 * probability (`accuracy`), its amount in a column of `Block.columns`, or a figure of its model.
 */
export type Measure =
  "queries" | "cost" | "accuracy" | { column: string } | { perModel: Readonly<Record<string, number>> };

/** How a constraint's sum is taken, with the default filled in. */
export function formOf({ as, measure }: Pick<Constraint, "as" | "measure">): "total" | "mean" | "share" {
  return as ?? (measure === "accuracy" ? "mean" : "total");
}

/** What a constraint is called. */
export function nameOf(constraint: Constraint): string {
  return constraint.name ?? describe(constraint);
}

function describe(constraint: Constraint): string {
  const { measure = "queries", models, group, atMost, atLeast } = constraint;
  const form = formOf(constraint);
  const what = measured(measure);
  const limits = [
    atMost === undefined ? [] : [`at most ${atMost}`],
    atLeast === undefined ? [] : [`at least ${atLeast}`],
  ].flat();
  const sum = form === "total" ? what : form === "mean" ? `mean ${what}` : `of all ${what}`;
  // A constraint may come from a file, and be described before it has been checked.
  const who = Array.isArray(models) ? ` of ${someOf<string | number>(models, MOST_LISTED)}` : "";
  const where = Array.isArray(group?.ids)
    ? ` where ${group.column} is ${someOf(group.ids, MOST_LISTED)}`
    : "";
  return `${limits.join(", ")} ${sum}${who}${where}`;
}

function measured(measure: Measure): string {
  if (typeof measure !== "object" || measure === null) return String(measure);
  return "column" in measure ? measure.column : "the models' figures";
}

/** Names in a description: a few of them. */
const MOST_LISTED = 3;
