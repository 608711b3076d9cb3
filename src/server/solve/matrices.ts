import { npyOf } from "../../rows/npy.js";
import { shown } from "../../text/shown.js";
import { badRequest } from "../http/apiError.js";

/** Files of a request, by field: `.npy`. */
export type Parts = ReadonlyMap<string, Buffer>;

type Values = Float32Array | Float64Array;

/** How a matrix is read. */
export interface MatrixOptions {
  /** Null, and ∞ in a file, mean that a model must not answer. */
  isCost?: boolean;
  /** true and false are 1 and 0. */
  isFlag?: boolean;
}

/** Reads matrices of a body, queries × models: lists of rows, or files. */
export class Matrices {
  constructor(
    private readonly parts: Parts,
    private readonly models: number,
  ) {}

  /** @throws ApiError 400 naming the place. Undefined for one that is not given. */
  rows(field: string, value: unknown, options: MatrixOptions = {}): Values | undefined {
    if (this.parts.has(field)) return this.fileOf(field, this.models, options);
    if (value === undefined || value === null) return undefined;
    return rowsOf(field, value as unknown[], this.models, options);
  }

  /** A number for each query. */
  column(field: string, value: unknown): Values | undefined {
    if (this.parts.has(field)) return this.fileOf(field, 1, {});
    if (value === undefined || value === null) return undefined;
    return Float64Array.from(value as unknown[], (one, q) => numberOf(one, {}, field, q));
  }

  private fileOf(field: string, columns: number, options: MatrixOptions): Values {
    const found = npyOf(this.parts.get(field)!, field, options);
    if (found.columns === columns) return found.value;
    throw badRequest(`${field} has ${found.columns} columns; expected ${columns}`, field);
  }
}

function rowsOf(field: string, rows: unknown[], columns: number, options: MatrixOptions): Float64Array {
  const values = new Float64Array(rows.length * columns);
  for (let q = 0; q < rows.length; q++) {
    const row = rows[q];
    if (!Array.isArray(row) || row.length !== columns)
      throw badRequest(
        `${field}[${q}] ${Array.isArray(row) ? `has ${row.length} values` : `is ${shown(row)}`}; expected ${columns} numbers, one for each model`,
        `${field}[${q}]`,
      );
    for (let m = 0; m < columns; m++) values[q * columns + m] = numberOf(row[m], options, field, q, m);
  }
  return values;
}

function numberOf(
  value: unknown,
  { isCost, isFlag }: MatrixOptions,
  field: string,
  q: number,
  m?: number,
): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean" && isFlag === true) return value ? 1 : 0;
  if (value === null && isCost === true) return Infinity;
  const at = m === undefined ? `${field}[${q}]` : `${field}[${q}][${m}]`;
  throw badRequest(`${at} is ${shown(value)}; expected a number`, at);
}
