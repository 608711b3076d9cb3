import { LANES, Priced } from "../../../../assembly/layout.js";
import type { Costs } from "../../../types.js";
import type { Core } from "../../core.js";
import type { ConstraintKernels } from "../../kernels.js";
import { Struct } from "../../struct.js";
import { blocksOf, writeBlock, type Matrices } from "../block.js";

/** Queries under constraints as plain arrays, which a worker thread can be sent. */
export interface View {
  matrices: Matrices;
  /** Other columns than success probability and cost: queries × models each. */
  columns: readonly Costs[];
  /** The class of each query. */
  classes: Uint16Array;
}

/** What an option adds to the rows of the constraints, by its class and model: Σ factor · column over its terms. */
export interface Terms {
  classes: number;
  /** Rows of constraints. */
  rows: number;
  /** By class × models + model: where its terms begin; one more at the end. */
  start: Uint32Array;
  row: Uint32Array;
  /** 0: one; 1: success probability; 2: cost; then the view's columns. */
  column: Uint32Array;
  factor: Float64Array;
}

/** By class, column (one first) and model: what a value takes of each column. */
export type Coefficients = Float64Array;

/** Part of a view, at prices. */
export interface PricedPart {
  view: View;
  /** Index of the view's first query among all that a pass is over. */
  first: number;
  /** Queries of the view. */
  from: number;
  to: number;
  terms: Terms;
  coefficients: Coefficients;
}

/** Columns of a view, ones included. */
export function columnCount({ columns }: View): number {
  return 3 + columns.length;
}

/** Length of a table of sums: classes × models × columns. */
export function tableLength(view: View, { classes }: Terms): number {
  return classes * view.matrices.models * columnCount(view);
}

/**
 * Runs a function on each block of a part, with the block, its prices and empty sums in the core's memory. `first`: the index
 * of the block's first query among all. Returns the table of sums.
 */
export function overBlocks(
  core: Core<ConstraintKernels>,
  part: PricedPart,
  run: (priced: Struct<typeof Priced>, rows: number, first: number) => void,
): Float64Array {
  const { arena } = core;
  return arena.scoped(() => {
    const priced = newPriced(core, part);
    const { view, first, from, to } = part;
    for (const rows of blocksOf(view.matrices.models, from, to)) {
      writePart(core, priced, view, rows.from, rows.to);
      run(priced, rows.to - rows.from, first + rows.from);
    }
    return arena.f64(priced.get("table"), tableLength(view, part.terms)).slice();
  });
}

/** The struct of a part, without a block. */
function newPriced(
  core: Core<ConstraintKernels>,
  { view, terms, coefficients }: PricedPart,
): Struct<typeof Priced> {
  const { arena } = core;
  const { models } = view.matrices;
  const width = columnCount(view);
  const stride = Math.ceil(models / LANES) * LANES;
  const padded = padRows(coefficients, models, stride);
  const zeros = (bytes: number): number => {
    const address = arena.reserve(bytes);
    arena.u8(address, bytes).fill(0);
    return address;
  };
  // Whole vectors are read, up to three values beyond the last one.
  const most = Math.floor(65536 / models) * models + LANES;
  const own = view.columns.map((column) => arena.reserve(most * column.BYTES_PER_ELEMENT));
  return new Struct(arena, Priced, {
    models,
    stride,
    columns: width - 1,
    column: arena.write(Uint32Array.of(core.at.probability, 0, ...own)),
    isWide: arena.write(Uint32Array.of(0, 0, ...view.columns.map((c) => Number(c instanceof Float64Array)))),
    classes: arena.reserve(2 * most),
    weight: 0,
    coefficient: arena.write(padded),
    narrow: arena.write(Float32Array.from(padded)),
    termStart: arena.write(terms.start),
    terms: writeTerms(core, terms),
    rows: terms.rows,
    table: zeros(8 * tableLength(view, terms)),
    values: arena.reserve(8 * stride),
    near: arena.reserve(models),
    value: arena.reserve(8 * (models + 1)),
    share: arena.reserve(8 * models),
    mean: zeros(8 * terms.rows),
    amount: zeros(8 * terms.rows),
    isSeen: zeros(terms.rows),
    seen: arena.reserve(4 * terms.rows),
    listed: arena.reserve(16 * terms.rows),
  });
}

function padRows(values: Float64Array, width: number, stride: number): Float64Array {
  if (width === stride) return values;
  const padded = new Float64Array((values.length / width) * stride);
  for (let from = 0, to = 0; from < values.length; from += width, to += stride) {
    padded.set(values.subarray(from, from + width), to);
  }
  return padded;
}

/** Terms as the kernels read them: 16 bytes each. */
function writeTerms({ arena }: Core<ConstraintKernels>, { row, column, factor }: Terms): number {
  const address = arena.reserve(16 * row.length);
  const words = arena.u32(address, 4 * row.length);
  const factors = arena.f64(address, 2 * row.length);
  for (let i = 0; i < row.length; i++) {
    words[4 * i] = row[i];
    words[4 * i + 1] = column[i];
    factors[2 * i + 1] = factor[i];
  }
  return address;
}

/** Copies rows of a view in. */
function writePart(
  core: Core<ConstraintKernels>,
  priced: Struct<typeof Priced>,
  view: View,
  from: number,
  to: number,
): void {
  const { arena, at, block } = core;
  const { models } = view.matrices;
  writeBlock(core, view.matrices, from, to);
  const address = arena.u32(priced.get("column"), columnCount(view) - 1);
  const isWide = block.get("wide") !== 0;
  address[1] = isWide ? at.wide : at.cost;
  arena.u32(priced.get("isWide"), 2)[1] = Number(isWide);
  view.columns.forEach((column, i) => {
    const rows = column.subarray(from * models, to * models);
    if (rows instanceof Float64Array) arena.f64(address[2 + i], rows.length).set(rows);
    else arena.f32(address[2 + i], rows.length).set(rows);
  });
  arena.u16(priced.get("classes"), to - from).set(view.classes.subarray(from, to));
  priced.set({ weight: block.get("weight") });
}
