import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import { BUCKETS } from "./ngrams.js";
import type { SparseRows } from "./sparse.js";

/** Texts of columns that tell kinds of queries apart, by name, one for each query; "" where unknown. */
export type ColumnTexts = ReadonlyMap<string, readonly string[]>;

/** Columns that a predictor was fitted to, as plain data. */
export interface FeatureColumns {
  names: string[];
  /** For each column the borders of its bins, rising; empty: its texts are taken as they are. */
  edges: Float64Array[];
}

/** Most columns: their pairs are features as well. */
export const MAX_FEATURE_COLUMNS = 16;
/** Most bins of a column of numbers; one of fewer different numbers keeps them apart. */
const BINS = 8;
const FEW_NUMBERS = 12;

/** Decides which columns are numbers, and their bins: eight of about equally many rows. O(rows log rows). */
export function fitColumns(columns: ColumnTexts): FeatureColumns {
  if (columns.size > MAX_FEATURE_COLUMNS)
    throw new InputError(`${columns.size} feature columns; expected at most ${MAX_FEATURE_COLUMNS}`, {
      field: "columns",
    });
  return { names: [...columns.keys()], edges: [...columns.values()].map(edgesOf) };
}

function edgesOf(texts: readonly string[]): Float64Array {
  const known = texts.map((text) => text.trim()).filter((text) => text !== "");
  const numbers = Float64Array.from(known, Number).sort();
  const different = new Set(numbers).size;
  if (different <= FEW_NUMBERS || !numbers.every(Number.isFinite)) return new Float64Array(0);
  const borders = Array.from(
    { length: BINS - 1 },
    (_, k) => numbers[Math.floor(((k + 1) * numbers.length) / BINS)],
  );
  return Float64Array.from(new Set(borders));
}

/**
 * Sparse rows of the queries from … to − 1: an entry for each column's value and for each pair of them, in hashed buckets, of
 * unit length together. A blank has no entry, and a value that was in no labelled row meets no coefficient. Throws InputError
 * for a column that is missing.
 */
export function cellRows(
  { names, edges }: FeatureColumns,
  columns: ColumnTexts | undefined,
  from: number,
  to: number,
): SparseRows {
  const texts = names.map((name) => columnOf(columns, name));
  const start = new Uint32Array(to - from + 1);
  const column: number[] = [];
  const value: number[] = [];
  for (let q = from; q < to; q++) {
    const cells = new Set<number>();
    const single = texts.map((of, c) => cellOf(names[c], of[q], edges[c]));
    single.forEach((cell, c) => {
      if (cell === undefined) return;
      cells.add(bucketOf(cell));
      for (const other of single.slice(0, c))
        if (other !== undefined) cells.add(bucketOf(`${other}\0${cell}`));
    });
    for (const bucket of cells) {
      column.push(bucket);
      value.push(1 / Math.sqrt(cells.size));
    }
    start[q - from + 1] = column.length;
  }
  return {
    rows: to - from,
    columns: BUCKETS,
    start,
    column: Int32Array.from(column),
    value: Float32Array.from(value),
  };
}

/** The texts of one column. */
export function columnOf(columns: ColumnTexts | undefined, name: string): readonly string[] {
  const texts = columns?.get(name);
  if (texts !== undefined) return texts;
  throw new InputError(`the queries have no column ${shown(name)}, which the predictor was fitted to`, {
    field: "columns",
    column: name,
  });
}

function cellOf(name: string, text: string, edges: Float64Array): string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (edges.length === 0) return `${name}\0${trimmed}`;
  const number = Number(trimmed);
  if (Number.isNaN(number)) return undefined;
  let bin = 0;
  while (bin < edges.length && number >= edges[bin]) bin++;
  return `${name}\0${bin}`;
}

/** FNV-1a, finished as in MurmurHash3, its lowest bits. */
function bucketOf(cell: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < cell.length; i++) hash = Math.imul(hash ^ cell.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % BUCKETS;
}
