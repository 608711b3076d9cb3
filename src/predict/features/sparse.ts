import type { KnownColumns } from "../../core/predict/found.js";
import { areModerate, areWithin } from "../methods/ranges.js";
import type { Postings } from "../../core/predict/postings.js";

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

/** The same rows over only those columns that occur, in their order. */
export interface CompactRows {
  rows: SparseRows;
  /** The old number of every column. */
  known: KnownColumns;
}

/** Renumbers the columns so that none is empty. O(entries + columns). */
export function compact(rows: SparseRows): CompactRows {
  const columnOf = new Int32Array(rows.columns);
  for (const old of rows.column) columnOf[old] = 1;
  let columns = 0;
  for (let old = 0; old < columnOf.length; old++) columns += columnOf[old];
  const known = new Int32Array(columns);
  for (let old = 0, at = 0; at < columns; old++) if (columnOf[old] === 1) known[at++] = old;
  for (let at = 0; at < columns; at++) columnOf[known[at]] = at;
  const column = rows.column.map((old) => columnOf[old]);
  return { rows: { ...rows, columns, column }, known: { column: known, of: rows.columns } };
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

/** Sparse rows by column, and which column of the original rows each is. */
export interface KnownPostings {
  rows: number;
  postings: Postings;
  known: KnownColumns;
}

/** The rows by those columns that occur. O(entries + columns). */
export function knownPostings(rows: SparseRows): KnownPostings {
  const { rows: compacted, known } = compact(rows);
  return { rows: rows.rows, postings: postingsOf(compacted), known };
}

/** Whether data from a file is valid: offsets rise to the end, rows are below their number. O(entries). */
export function arePostings({ first, row, value }: Postings, rows: number, columns: number): boolean {
  if (!(first instanceof Uint32Array && row instanceof Uint32Array && value instanceof Float32Array))
    return false;
  if (!Number.isSafeInteger(rows) || first.length !== columns + 1 || value.length !== row.length)
    return false;
  if (first[0] !== 0 || first[columns] !== row.length) return false;
  for (let c = 0; c < columns; c++) if (first[c] > first[c + 1]) return false;
  return areWithin(row, 0, rows) && areModerate(value);
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
