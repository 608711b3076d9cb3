import type { Postings } from "../../core/predict/found.js";

/** Rows that are mostly zero, in compressed form: row r owns the entries start[r] … start[r + 1] − 1. */
export interface SparseRows {
  rows: number;
  /** Every column is below this. */
  columns: number;
  /** rows + 1 ascending offsets. */
  start: Uint32Array;
  /** Column of each entry: at most once a row, in no particular order. */
  column: Int32Array;
  value: Float32Array;
}

/** The same rows over only those columns that occur, numbered by first appearance. */
export interface CompactRows {
  rows: SparseRows;
  /** New number of every old column, −1 where it does not occur. */
  columnOf: Int32Array;
}

/** Renumbers the columns so that none is empty. O(entries + columns). */
export function compact(rows: SparseRows): CompactRows {
  const columnOf = new Int32Array(rows.columns).fill(-1);
  let columns = 0;
  const column = rows.column.map((old) => {
    if (columnOf[old] < 0) columnOf[old] = columns++;
    return columnOf[old];
  });
  return { rows: { ...rows, columns, column }, columnOf };
}

/** The chosen rows, in the order given. O(their entries). */
export function pickRows(source: SparseRows, chosen: Uint32Array): SparseRows {
  const start = new Uint32Array(chosen.length + 1);
  chosen.forEach((r, k) => (start[k + 1] = start[k] + source.start[r + 1] - source.start[r]));
  const column = new Int32Array(start[chosen.length]);
  const value = new Float32Array(start[chosen.length]);
  chosen.forEach((r, k) => {
    column.set(source.column.subarray(source.start[r], source.start[r + 1]), start[k]);
    value.set(source.value.subarray(source.start[r], source.start[r + 1]), start[k]);
  });
  return { rows: chosen.length, columns: source.columns, start, column, value };
}

/** Whether data from a file is valid: offsets rise to the end, columns are below their number. O(entries). */
export function isSparse({ rows, columns, start, column, value }: SparseRows): boolean {
  return (
    start instanceof Uint32Array &&
    column instanceof Int32Array &&
    value instanceof Float32Array &&
    Number.isSafeInteger(columns) &&
    start.length === rows + 1 &&
    start[0] === 0 &&
    start[rows] === column.length &&
    start.every((at, r) => r === 0 || at >= start[r - 1]) &&
    value.length === column.length &&
    value.every(Number.isFinite) &&
    column.every((c) => c >= 0 && c < columns)
  );
}

/** The rows that hold each column, ascending. O(entries + columns). */
export function postingsOf({ rows, columns, start, column, value }: SparseRows): Postings {
  const first = new Uint32Array(columns + 1);
  for (const c of column) first[c + 1]++;
  for (let c = 0; c < columns; c++) first[c + 1] += first[c];
  const next = first.slice();
  const row = new Uint32Array(column.length);
  const values = new Float32Array(column.length);
  for (let r = 0; r < rows; r++) {
    for (let k = start[r]; k < start[r + 1]; k++) {
      const at = next[column[k]]++;
      row[at] = r;
      values[at] = value[k];
    }
  }
  return { first, row, value: values };
}
