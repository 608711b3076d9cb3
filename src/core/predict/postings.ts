import { ColumnLists, ColumnSteps } from "../../../assembly/layout.js";
import type { Arena } from "../arena.js";
import { Struct, type StructAddress } from "../struct.js";
import { bytesOf, workspace } from "../workspace.js";
import { predictModule } from "./space.js";
import type { SteppedMatrix } from "./steppedMatrix.js";

/** Sparse rows, listed by column: column c has the entries first[c] … first[c + 1] − 1, by rising row. */
export interface Postings {
  /** Columns + 1 ascending offsets. */
  first: Uint32Array;
  /** Per entry. */
  row: Uint32Array;
  value: Float32Array;
}

/**
 * The transposed sparse rows times a matrix, rows × width: columns × width, row-major. Products and sums are float64, each sum
 * rounded to float32. O(entries · width).
 */
export function combineColumns(
  lists: Postings,
  matrix: Float32Array,
  width: number,
  module = predictModule(),
): Float32Array {
  const { arena, kernels } = workspace(module);
  const columns = lists.first.length - 1;
  const struct = writeLists(lists, arena);
  const from = arena.write(bytesOf(matrix));
  const out = arena.reserve(4 * columns * width);
  kernels.combineColumns(struct, columns, from, width, out);
  return arena.f32(out, columns * width).slice();
}

/** How some columns become the rows of a stepped matrix. */
export interface Chosen extends Pick<SteppedMatrix, "bucket" | "columns" | "step"> {
  /** The column of each row, −1 for a row of zeros. */
  column: Int32Array;
  /** A factor of each row. */
  scale: Float32Array;
}

/** The transposed columns times `basis`, rows × `columns`, in whole steps. O(entries · columns). */
export function stepColumns(
  lists: Postings,
  basis: Float32Array,
  { bucket, columns, step, column, scale }: Chosen,
  module = predictModule(),
): SteppedMatrix {
  const { arena, kernels } = workspace(module);
  const count = column.length;
  const struct = writeLists(lists, arena);
  const byte = arena.reserve(count * columns);
  const factor = arena.reserve(count);
  const steps = new Struct(arena, ColumnSteps, {
    chosen: arena.write(column),
    scale: arena.write(bytesOf(scale)),
    count,
    basis: arena.write(bytesOf(basis)),
    width: columns,
    step: arena.write(Float64Array.of(step)),
    sum: arena.reserve(4 * columns),
    byte,
    factor,
  });
  kernels.stepColumns(struct, steps.address);
  return {
    bucket,
    columns,
    step,
    byte: arena.i8(byte, count * columns).slice(),
    factor: arena.u8(factor, count).slice(),
  };
}

function writeLists({ first, row, value }: Postings, arena: Arena): StructAddress {
  return new Struct(arena, ColumnLists, {
    first: arena.write(first),
    row: arena.write(row),
    value: arena.write(bytesOf(value)),
  }).address;
}
