import { LANES } from "../../../assembly/layout.js";
import { bytesOf, workspace } from "../workspace.js";

/** Vectors, row-major: rows × columns, columns a multiple of the lanes. */
export interface Vectors {
  rows: number;
  columns: number;
  value: Float32Array;
}

/** For each query the k most similar rows, most similar first: queries × k. */
export interface Nearest {
  similarity: Float32Array;
  index: Uint32Array;
}

/** Queries of one crossing. */
export const BLOCK_QUERIES = 256;

/** Rows filled up with zero columns to whole lanes, each scaled to unit length; a row of zeros stays one. */
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
 * The `k` rows of largest inner product with each query, exactly; ties go to the lower row. 1 ≤ k ≤ rows, equal columns.
 * `visit` gets the neighbours of queries `from` … `from` + `count` − 1, block by block; the arrays are reused.
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
  const row = arena.write(bytesOf(rows.value));
  const query = arena.reserve(BLOCK_QUERIES * columns * 4);
  const similarity = arena.reserve(BLOCK_QUERIES * k * 4);
  const index = arena.reserve(BLOCK_QUERIES * k * 4);
  const scratch = arena.reserve(rows.rows * 8);
  const f32 = (address: number, length: number) => new Float32Array(kernels.memory.buffer, address, length);
  for (let from = 0; from < queries.rows; from += BLOCK_QUERIES) {
    const count = Math.min(BLOCK_QUERIES, queries.rows - from);
    f32(query, count * columns).set(queries.value.subarray(from * columns, (from + count) * columns));
    kernels.findNearest(query, count, row, rows.rows, columns, k, similarity, index, scratch);
    visit({ similarity: f32(similarity, count * k), index: arena.u32(index, count * k) }, from, count);
  }
}
