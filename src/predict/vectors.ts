import { InputError } from "../errors.js";
import type { QueryVectors } from "../types.js";
import type { DenseRows, Features } from "./features/features.js";
import type { SparseRows } from "./features/sparse.js";

/** `QueryVectors` of either precision. */
type UserVectors = Pick<QueryVectors, "columns"> & { value: Float32Array | Float64Array };

/** Maximum number of columns: more is unlikely to be a text's vector. */
export const MAX_VECTOR_COLUMNS = 16_384;

/**
 * A vector for each query as dense rows of unit length; a row of zeros stays. A new matrix. O(values). Throws as
 * `checkVectors` does.
 */
export function denseVectors(vectors: UserVectors, queries: number): DenseRows {
  checkVectors(vectors, queries);
  const { columns, value } = vectors;
  const out = new Float32Array(queries * columns);
  for (let r = 0; r < queries; r++) writeUnit(value, r, columns, out);
  return { rows: queries, columns, value: out };
}

/**
 * Refuses vectors that do not fit: another number of rows or columns than wanted, or a value that is not finite.
 *
 * @throws InputError
 */
export function checkVectors(
  { columns, value }: UserVectors,
  queries: number,
  wanted: number = columns,
): void {
  if (!Number.isInteger(columns) || columns < 1 || columns > MAX_VECTOR_COLUMNS) {
    throw new InputError(`vectors have ${columns} columns; expected 1 … ${MAX_VECTOR_COLUMNS}`, {
      field: "vectors",
      columns,
    });
  }
  if (columns !== wanted) {
    throw new InputError(
      `vectors have ${columns} columns; the predictor was fitted to vectors of ${wanted}`,
      {
        field: "vectors",
        columns,
        wanted,
      },
    );
  }
  if (value.length !== queries * columns) {
    throw new InputError(
      `vectors hold ${value.length} values; expected ${queries} queries × ${columns} columns = ${queries * columns}`,
      { field: "vectors", value: value.length },
    );
  }
  const wrong = value.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) {
    const row = Math.floor(wrong / columns);
    throw new InputError(
      `vector of query ${row}, column ${wrong % columns} is ${value[wrong]}; expected a finite number`,
      { field: "vectors", row, value: String(value[wrong]) },
    );
  }
}

/**
 * Features of vectors from … to − 1, which take the place of a text's: dense rows of unit length, and the same numbers as
 * sparse rows. `sparse` and `dense`: which half is wanted; the other one has no columns.
 */
export function vectorFeatures(
  { columns, value }: QueryVectors,
  from: number,
  to: number,
  { sparse, dense } = { sparse: true, dense: true },
): Features {
  const rows = to - from;
  const unit = denseVectors({ columns, value: value.subarray(from * columns, to * columns) }, rows);
  const none = { rows, columns: 0, value: new Float32Array(0) };
  return {
    rows,
    sparse: sparse
      ? sparseOf(unit)
      : { ...none, start: new Uint32Array(rows + 1), column: new Int32Array(0) },
    dense: dense ? unit : none,
  };
}

/** Vectors from … to − 1 as sparse rows of unit length. */
export function vectorRows(vectors: QueryVectors, from: number, to: number): SparseRows {
  return vectorFeatures(vectors, from, to, { sparse: true, dense: false }).sparse;
}

/** The vectors by their use: in place of the texts, or beside them. */
export function rolesOf(vectors: QueryVectors | undefined): {
  inPlace?: QueryVectors | undefined;
  beside?: QueryVectors | undefined;
} {
  return vectors?.beside ? { beside: vectors } : { inPlace: vectors };
}

/** One entry per number; zeros are left out. */
function sparseOf({ rows, columns, value }: DenseRows): SparseRows {
  const start = new Uint32Array(rows + 1);
  const column = new Int32Array(value.length);
  const kept = new Float32Array(value.length);
  let entries = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const x = value[r * columns + c];
      if (x === 0) continue;
      column[entries] = c;
      kept[entries++] = x;
    }
    start[r + 1] = entries;
  }
  return { rows, columns, start, column: column.subarray(0, entries), value: kept.subarray(0, entries) };
}

/** Divides by the largest magnitude first, so that squares neither overflow nor vanish. */
function writeUnit(
  value: Float32Array | Float64Array,
  row: number,
  columns: number,
  out: Float32Array,
): void {
  const base = row * columns;
  let greatest = 0;
  for (let c = 0; c < columns; c++) {
    greatest = Math.max(greatest, Math.abs(value[base + c]));
  }
  if (greatest === 0) return;
  let squares = 0;
  for (let c = 0; c < columns; c++) squares += (value[base + c] / greatest) ** 2;
  const length = Math.sqrt(squares);
  for (let c = 0; c < columns; c++) out[base + c] = value[base + c] / greatest / length;
}
