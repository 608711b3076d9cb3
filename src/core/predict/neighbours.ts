import { LANES, Neighbours } from "../../../assembly/layout.js";
import { Struct } from "../struct.js";
import { bytesOf, workspace } from "../workspace.js";

/** Vectors, row-major: rows × columns, columns a multiple of LANES. */
export interface Vectors {
  rows: number;
  columns: number;
  value: Float32Array;
}

/** The k rows most similar to each query, most similar first: queries × k. */
export interface Nearest {
  similarity: Float32Array;
  index: Uint32Array;
}

/** Most queries of one kernel call. */
export const BLOCK_QUERIES = 256;

/** Scales rows to unit length (a row of zeros stays zeros) and pads them with zero columns to a multiple of LANES. */
export function unitRows(rows: number, columns: number, value: Float32Array): Vectors {
  const width = Math.ceil(columns / LANES) * LANES;
  const unit = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const base = r * columns;
    let squares = 0;
    for (let c = 0; c < columns; c++) squares += value[base + c] * value[base + c];
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let c = 0; c < columns; c++) unit[r * width + c] = value[base + c] * scale;
  }
  return { rows, columns: width, value: unit };
}

/**
 * Exact search for the `k` rows with the largest inner product with each query; ties go to the lower row. 1 ≤ k ≤ rows;
 * rows and queries have the same columns. `visit` receives the neighbours of queries `from` … `from` + `count` − 1, block
 * by block; the arrays are reused.
 */
export function findNearest(
  module: WebAssembly.Module,
  rows: Vectors,
  queries: Vectors,
  k: number,
  visit: (nearest: Nearest, from: number, count: number) => void,
): void {
  const { kernels, arena } = workspace(module);
  const { columns } = rows;
  const query = arena.reserve(BLOCK_QUERIES * columns * 4);
  const nearest = arena.reserve(BLOCK_QUERIES * k * 4);
  const index = arena.reserve(BLOCK_QUERIES * k * 4);
  const neighbours = new Struct(arena, Neighbours, {
    row: arena.write(bytesOf(rows.value)),
    rows: rows.rows,
    columns,
    k,
    nearest,
    index,
    scratch: arena.reserve(rows.rows * 8),
  });
  const f32 = (address: number, length: number) => new Float32Array(kernels.memory.buffer, address, length);
  for (let from = 0; from < queries.rows; from += BLOCK_QUERIES) {
    const count = Math.min(BLOCK_QUERIES, queries.rows - from);
    f32(query, count * columns).set(queries.value.subarray(from * columns, (from + count) * columns));
    kernels.findNearest(neighbours.address, query, count);
    visit({ similarity: f32(nearest, count * k), index: arena.u32(index, count * k) }, from, count);
  }
}
