import { Arena } from "../arena.js";
import type { PredictKernels } from "../kernels.js";
import { instantiate, type PartModule } from "../module.js";
import { predictModule } from "./space.js";
import { workspace } from "../workspace.js";

/** Columns rounded up to a multiple of four: the length of a row of a right-hand or resulting matrix. */
export function padded(columns: number): number {
  return Math.ceil(columns / 4) * 4;
}

/**
 * Multiplies each row of a matrix, rows × width, by a square one, in place, all float64. Each sum adds in the order of the
 * square's rows. O(rows · width²).
 */
export function timesSquare(
  rows: Float64Array,
  square: Float64Array,
  width: number,
  module = predictModule(),
): void {
  const { arena, kernels } = workspace(module);
  const factor = arena.write(square);
  const scratch = arena.reserve(8 * width);
  const at = arena.write(rows);
  kernels.timesSquare(at, rows.length / width, width, factor, scratch);
  rows.set(arena.f64(at, rows.length));
}

/**
 * A matrix product of fixed shape with its own memory: fill `left` (rows × inner) and `right` (inner × columns), `run`, and
 * read `out` (rows × columns). All float32, row-major; `columns` a multiple of four (`padded`). The views stay valid.
 * Bytes: 4 · (rows · inner + inner · columns + rows · columns).
 */
export class Product {
  readonly left: Float32Array;
  readonly right: Float32Array;
  readonly out: Float32Array;
  private readonly kernels: PredictKernels;

  constructor(
    readonly rows: number,
    readonly inner: number,
    readonly columns: number,
    module: PartModule<PredictKernels> = predictModule(),
  ) {
    this.kernels = instantiate(module);
    const arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    const lengths = [rows * inner, inner * columns, rows * columns];
    const addresses = lengths.map((length) => arena.reserve(4 * length));
    const view = (k: number): Float32Array =>
      new Float32Array(this.kernels.memory.buffer, addresses[k], lengths[k]);
    [this.left, this.right, this.out] = [view(0), view(1), view(2)];
  }

  /** out = left · right, for the first `rows` rows only. O(rows · inner · columns). */
  run(rows = this.rows): void {
    const { left, right, out, inner, columns } = this;
    this.kernels.multiply(left.byteOffset, right.byteOffset, out.byteOffset, rows, inner, columns);
  }
}
