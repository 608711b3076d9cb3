import { InputError } from "../../errors.js";
import { someOf } from "../../text/names.js";
import { shown } from "../../text/shown.js";
import type { Dataset } from "../../types.js";
import { groupsOf } from "../groups.js";

/** The values of a column of the work, numbered in the order of their first row. */
export interface GroupColumn {
  /** The number of each row's value. */
  ids: Uint32Array;
  values: string[];
  /** Rows by number. */
  counts: number[];
}

/** The values alone. */
export type GroupValues = Omit<GroupColumn, "ids">;

/** Numbers the values of a column. Throws `InputError` where the column is missing, or blank throughout. */
export function groupColumn(work: Dataset, column: string): GroupColumn {
  return numbered(groupsOf(work, column));
}

/** Numbers values, one for each query, in the order of their first query. */
export function numbered(texts: readonly string[]): GroupColumn {
  const known = new Map<string, number>();
  const counts: number[] = [];
  const ids = Uint32Array.from(texts, (text) => {
    const value = text.trim();
    let id = known.get(value);
    if (id === undefined) {
      id = known.size;
      known.set(value, id);
      counts.push(0);
    }
    counts[id]++;
    return id;
  });
  return { ids, values: [...known.keys()], counts };
}

const MOST_LISTED = 8;

/** The number of a value. Throws `InputError` for one that no row has, naming those that occur. */
export function idOf({ values }: GroupValues, column: string, value: string, limit: string): number {
  const id = values.indexOf(value);
  if (id >= 0) return id;
  const listed = someOf(values, MOST_LISTED, (one) => (one === "" ? "(blank)" : shown(one)));
  throw new InputError(
    `limit "${shown(limit)}": no row has ${shown(value)} in column ${shown(column)}; it holds ${listed}`,
    { field: "limits", column, value },
  );
}
