import { InputError } from "../errors.js";
import type { DenseRows } from "./features.js";

/** Vectors that a user brings, row-major: from a file, a service or columns. */
export interface UserVectors {
  rows: number;
  columns: number;
  /** rows × columns. */
  value: Float32Array | Float64Array;
}

/** Columns at most: more is not a vector of a text. */
export const MAX_VECTOR_COLUMNS = 16_384;

/**
 * Vectors that a user brings as dense rows of unit length; a row of zeros stays. Fresh. O(rows · columns).
 *
 * @throws InputError naming row and column: not `queries` rows, no or too many columns, a value that is not finite.
 */
export function denseVectors({ rows, columns, value }: UserVectors, queries: number): DenseRows {
  if (rows !== queries) {
    throw new InputError(`vectors have ${rows} rows; expected ${queries}, one for each query`, {
      field: "vectors",
      rows,
      queries,
    });
  }
  if (!Number.isInteger(columns) || columns < 1 || columns > MAX_VECTOR_COLUMNS) {
    throw new InputError(`vectors have ${columns} columns; expected 1 … ${MAX_VECTOR_COLUMNS}`, {
      field: "vectors",
      columns,
    });
  }
  if (value.length !== rows * columns) {
    throw new InputError(
      `vectors hold ${value.length} values; expected ${rows} rows × ${columns} columns = ${rows * columns}`,
      { field: "vectors", value: value.length },
    );
  }
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) writeUnit(value, r, columns, out);
  return { rows, columns, value: out };
}

/**
 * The same from numeric columns, one array a column, all as long as there are queries.
 *
 * @throws InputError naming the column and the row.
 */
export function denseColumns(columns: ReadonlyMap<string, ArrayLike<number>>, queries: number): DenseRows {
  const value = new Float64Array(queries * columns.size);
  let c = 0;
  for (const [name, numbers] of columns) {
    if (numbers.length !== queries) {
      throw new InputError(`column "${name}" has ${numbers.length} values; expected ${queries}`, {
        field: name,
        value: numbers.length,
      });
    }
    for (let r = 0; r < queries; r++) {
      if (!Number.isFinite(numbers[r])) throw notFinite(numbers[r], r, `column "${name}"`);
      value[r * columns.size + c] = numbers[r];
    }
    c++;
  }
  return denseVectors({ rows: queries, columns: columns.size, value }, queries);
}

/** Divides by the greatest size first, so that squares neither overflow nor vanish. */
function writeUnit(
  value: Float32Array | Float64Array,
  row: number,
  columns: number,
  out: Float32Array,
): void {
  const base = row * columns;
  let greatest = 0;
  for (let c = 0; c < columns; c++) {
    const size = Math.abs(value[base + c]);
    if (!(size < Infinity)) throw notFinite(value[base + c], row, `column ${c}`);
    if (size > greatest) greatest = size;
  }
  if (greatest === 0) return;
  let squares = 0;
  for (let c = 0; c < columns; c++) squares += (value[base + c] / greatest) ** 2;
  const length = Math.sqrt(squares);
  for (let c = 0; c < columns; c++) out[base + c] = value[base + c] / greatest / length;
}

function notFinite(value: number, row: number, column: string): InputError {
  return new InputError(`vector of query ${row}, ${column} is ${value}; expected a finite number`, {
    field: "vectors",
    row,
    value: String(value),
  });
}
