import type { Costs } from "../../types.js";

const FIRST_ROWS = 4096;

/** Makes the array of a `GrowingMatrix`, zeros in shared memory. */
export type NumbersOf<C extends Costs> = (length: number) => C;

/**
 * Rows × columns of float32 or float64 in shared memory that grow in both directions; what was never set holds `blank`.
 * Room is reserved for the rows expected, but a page of memory counts only once it is written to.
 */
export class GrowingMatrix<C extends Costs = Costs> {
  private values: C;
  /** Number of columns that fit. */
  private stride = 0;
  /** Number of rows that are filled, with values or `blank`. */
  private filled = 0;

  /** `expected` estimates the number of rows, given that there are more than `rows`. */
  constructor(
    private readonly blank: number,
    private columns: number,
    private readonly expected: (rows: number) => number,
    private readonly numbers: NumbersOf<C>,
  ) {
    this.values = numbers(0);
  }

  addColumn(): void {
    this.columns++;
    if (this.columns > this.stride && this.stride > 0) this.resize(this.capacity, 2 * this.stride);
  }

  set(row: number, column: number, value: number): void {
    if (row >= this.filled) this.fill(row);
    const { values } = this;
    // One store for each type of array.
    if (values instanceof Float64Array) values[row * this.stride + column] = value;
    else values[row * this.stride + column] = value;
  }

  /**
   * Sets a column's values from a row on whose rows were never set: from the `from`-th up to the first that is neither blank
   * (NaN) nor 0 nor within `least` … `most`. Returns that one's place, or the number of values.
   */
  setColumn(
    row: number,
    column: number,
    given: Float64Array,
    from: number,
    least: number,
    most: number,
  ): number {
    const end = given.length;
    if (row + end > this.filled) this.fill(row + end - 1);
    const { values, stride } = this;
    const at = row * stride + column;
    // The same loop twice: each is compiled for one type of array.
    if (values instanceof Float64Array) {
      for (let i = from; i < end; i++) {
        const value = given[i];
        if ((value >= least && value <= most) || value === 0) values[at + i * stride] = value + 0;
        else if (value === value) return i;
      }
    } else {
      for (let i = from; i < end; i++) {
        const value = given[i];
        if ((value >= least && value <= most) || value === 0) values[at + i * stride] = value + 0;
        else if (value === value) return i;
      }
    }
    return end;
  }

  isAnyFinite(row: number): boolean {
    if (row >= this.filled) return false;
    const end = row * this.stride + this.columns;
    for (let at = row * this.stride; at < end; at++) if (Number.isFinite(this.values[at])) return true;
    return false;
  }

  clear(row: number): void {
    if (row < this.filled) this.values.fill(this.blank, row * this.stride, (row + 1) * this.stride);
  }

  /** The first rows, packed. The matrix must not be used afterwards. */
  pack(rows: number): C {
    const { columns, stride } = this;
    if (rows > this.filled) this.fill(rows - 1, rows);
    const { values } = this;
    if (columns < stride)
      for (let row = 1; row < rows; row++)
        values.copyWithin(row * columns, row * stride, row * stride + columns);
    return values.subarray(0, rows * columns) as C;
  }

  private get capacity(): number {
    return this.stride === 0 ? 0 : this.values.length / this.stride;
  }

  /** Blanks the rows up to and including `row`, some more at once. */
  private fill(row: number, atMost = Infinity): void {
    if (row >= this.capacity) this.grow(row);
    const to = Math.min(row + 256, this.capacity, atMost);
    this.values.fill(this.blank, this.filled * this.stride, to * this.stride);
    this.filled = to;
  }

  private grow(row: number): void {
    const isFirst = row < FIRST_ROWS;
    const rows = isFirst ? FIRST_ROWS : Math.max(Math.ceil(this.expected(row)), row + FIRST_ROWS);
    try {
      this.resize(rows, this.columns);
    } catch (error) {
      if (!(error instanceof RangeError) || isFirst) throw error;
      this.resize(row + (row >>> 1), this.columns);
    }
  }

  private resize(rows: number, stride: number): void {
    const before = this.values;
    const values = this.numbers(rows * stride);
    if (stride === this.stride) values.set(before.subarray(0, this.filled * stride));
    else {
      const width = Math.min(stride, this.stride);
      values.fill(this.blank, 0, this.filled * stride);
      for (let row = 0; row < this.filled; row++)
        values.set(before.subarray(row * this.stride, row * this.stride + width), row * stride);
    }
    this.values = values;
    this.stride = stride;
  }
}
