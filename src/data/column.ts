const BLOCK_BITS = 14;
const BLOCK_ROWS = 2 ** BLOCK_BITS;

/**
 * A column of float32 that grows block by block, so that nothing is copied as it grows and a column
 * met late needs no memory for earlier rows. A row that was never set holds `blank`.
 */
export class FloatColumn {
  private readonly blocks: (Float32Array | undefined)[] = [];

  constructor(private readonly blank: number) {}

  set(row: number, value: number): void {
    const block = row >>> BLOCK_BITS;
    const values = (this.blocks[block] ??= new Float32Array(BLOCK_ROWS).fill(this.blank));
    values[row & (BLOCK_ROWS - 1)] = value;
  }

  /** Writes one block's rows to `matrix` at `column` of `columns`, and frees them. */
  private drain(block: number, matrix: Float32Array, column: number, columns: number): void {
    const values = this.blocks[block];
    this.blocks[block] = undefined;
    const rows = Math.min(BLOCK_ROWS, matrix.length / columns - block * BLOCK_ROWS);
    let to = block * BLOCK_ROWS * columns + column;
    for (let row = 0; row < rows; row++, to += columns) matrix[to] = values ? values[row] : this.blank;
  }

  /** Packs columns row by row into one matrix in shared memory; the columns are empty afterwards. */
  static pack(columns: FloatColumn[], rows: number): Float32Array {
    const matrix = new Float32Array(new SharedArrayBuffer(rows * columns.length * 4));
    for (let block = 0; block * BLOCK_ROWS < rows; block++)
      columns.forEach((column, m) => column.drain(block, matrix, m, columns.length));
    return matrix;
  }
}
