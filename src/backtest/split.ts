import { InputError } from "../errors.js";
import { Random } from "../random.js";
import { partSize, type Part } from "../plan/rows.js";

/** Row indices of the three sides; they share none. */
export interface Split {
  train: Uint32Array;
  validation: Uint32Array;
  test: Uint32Array;
}

export interface SplitOptions {
  train: Part;
  validation: Part;
  seed: number;
  /** Rows of equal text fall on one side; sizes are then reached as nearly as the groups allow. */
  distinct?: boolean;
}

/**
 * Splits rows at random into fitting, validation and test. Throws `InputError` when no row is left for the test.
 * The same seed gives the same split. O(rows).
 */
export function splitRows(queries: readonly string[], options: SplitOptions): Split {
  const train = partSize(options.train, queries.length, "train");
  const validation = partSize(options.validation, queries.length, "validation");
  if (train + validation >= queries.length) {
    throw new InputError(
      `${queries.length} ${queries.length === 1 ? "row is" : "rows are"} too few: ${train} for fitting, ${validation} for validation, at least 1 for the test`,
      { field: "train" },
    );
  }
  const order = new Random(options.seed).permutation(queries.length);
  const groups = options.distinct ? groupByText(queries, order) : Array.from(order, (row) => [row]);
  const rows = groups.flat();
  const trainEnd = endOfGroups(groups, train);
  const validationEnd = endOfGroups(groups, trainEnd + validation);
  if (validationEnd >= rows.length) {
    throw new InputError("no row is left to test on: too many rows share one text", { field: "distinct" });
  }
  return {
    train: Uint32Array.from(rows.slice(0, trainEnd)),
    validation: Uint32Array.from(rows.slice(trainEnd, validationEnd)),
    test: Uint32Array.from(rows.slice(validationEnd)),
  };
}

/** Rows of equal text together, in the order in which their texts first appear. */
function groupByText(queries: readonly string[], order: Uint32Array): number[][] {
  const groups = new Map<string, number[]>();
  for (const row of order) {
    const group = groups.get(queries[row]);
    if (group === undefined) groups.set(queries[row], [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** The number of rows in the fewest leading groups that hold at least this many rows. */
function endOfGroups(groups: readonly number[][], rows: number): number {
  let end = 0;
  for (const group of groups) {
    if (end >= rows) break;
    end += group.length;
  }
  return end;
}
