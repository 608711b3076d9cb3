import { LANES, Neighbours } from "../../../assembly/layout.js";
import type { KeptView } from "../arena.js";
import { Struct } from "../struct.js";
import { bytesOf } from "../workspace.js";
import type { PredictSpace } from "./space.js";

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
  writeUnitRows(rows, columns, value, unit);
  return { rows, columns: width, value: unit };
}

/** The same into an array, whose padding is not written. */
export function writeUnitRows(rows: number, columns: number, value: Float32Array, out: Float32Array): void {
  const width = Math.ceil(columns / LANES) * LANES;
  for (let r = 0; r < rows; r++) {
    const base = r * columns;
    let squares = 0;
    for (let c = 0; c < columns; c++) squares += value[base + c] * value[base + c];
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let c = 0; c < columns; c++) out[r * width + c] = value[base + c] * scale;
  }
}

/**
 * Exact search for the `k` rows with the largest inner product with each query; ties go to the lower row. Keeps the rows in
 * an instance's memory: `assembly/predict/neighbours.ts`.
 */
export class NeighbourSearch {
  private readonly columns: number;
  private readonly query: KeptView<"f32">;
  private readonly nearest: KeptView<"f32">;
  private readonly index: KeptView<"u32">;
  private readonly neighbours: Struct<typeof Neighbours>;

  /** `block`: the most queries × k of one kernel call, at least the number of rows. */
  constructor(
    { rows, columns, value }: Vectors,
    private readonly block: number,
    private readonly space: PredictSpace,
  ) {
    const { arena } = space;
    this.columns = columns;
    this.query = arena.kept("f32", BLOCK_QUERIES * columns);
    this.nearest = arena.kept("f32", block);
    this.index = arena.kept("u32", block);
    this.neighbours = new Struct(arena, Neighbours, {
      row: arena.write(bytesOf(value)),
      rows,
      columns,
      k: 0,
      nearest: this.nearest.address,
      index: this.index.address,
      scratch: arena.reserve(rows * 8),
    });
  }

  /**
   * 1 ≤ k ≤ rows; the queries have the columns of the rows. `visit` receives the neighbours of queries `from` … `from` +
   * `count` − 1, block by block, at the beginning of arrays that are used again.
   */
  run(queries: Vectors, k: number, visit: (nearest: Nearest, from: number, count: number) => void): void {
    const { columns } = this;
    const most = Math.min(BLOCK_QUERIES, Math.floor(this.block / k));
    this.neighbours.set({ k });
    for (let from = 0; from < queries.rows; from += most) {
      const count = Math.min(most, queries.rows - from);
      const query = this.query.view;
      for (let i = 0; i < count * columns; i++) query[i] = queries.value[from * columns + i];
      this.space.kernels.findNearest(this.neighbours.address, this.query.address, count);
      visit({ similarity: this.nearest.view, index: this.index.view }, from, count);
    }
  }
}
