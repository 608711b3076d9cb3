import { InputError } from "../../errors.js";
import type { QueryVectors } from "../../types.js";
import { sharedFloats } from "../../memory.js";
import { GrowingMatrix } from "./growingMatrix.js";
import { parseDecimal } from "../../text/number.js";
import { shown } from "../../text/shown.js";

const MOST_COLUMNS = 16_384;

/** Collects the numeric columns of a file that make up a vector for each row. */
export class VectorColumns {
  private readonly indexOf = new Map<string, number>();
  private readonly matrix = new GrowingMatrix(NaN, 0, (rows) => 2 * rows, sharedFloats);

  /** The index of a column; the same name has the same. */
  add(name: string): number {
    const known = this.indexOf.get(name);
    if (known !== undefined) return known;
    const index = this.indexOf.size;
    if (index === MOST_COLUMNS) throw new InputError(`more than ${MOST_COLUMNS} columns of vectors`);
    this.indexOf.set(name, index);
    this.matrix.addColumn();
    return index;
  }

  /** A CSV cell or a JSON value; false, and nothing is set, unless it is a number that is finite as float32. */
  set(row: number, column: number, value: unknown): boolean {
    const number = typeof value === "string" ? parseDecimal(value) : value;
    if (typeof number !== "number" || !Number.isFinite(Math.fround(number))) return false;
    this.matrix.set(row, column, number);
    return true;
  }

  clear(row: number): void {
    this.matrix.clear(row);
  }

  /**
   * The vectors of all rows, columns in the order of their names, whatever order the file has. Once only.
   *
   * @throws InputError: no column, or a row that lacks one.
   */
  pack(ids: readonly string[], file: string, prefix: string): QueryVectors {
    const found = [...this.indexOf.keys()];
    if (found.length === 0)
      throw new InputError(`${file} has no column whose name begins with ${shown(prefix)}`, { file, prefix });
    const columns = found.length;
    const value = this.matrix.pack(ids.length);
    const wrong = value.findIndex(Number.isNaN);
    if (wrong >= 0) {
      const [id, column] = [ids[Math.floor(wrong / columns)], found[wrong % columns]];
      throw new InputError(`${file}: query ${shown(id)} has no ${shown(column)}; expected a number`, {
        file,
        id,
        column,
      });
    }
    const names = [...found].sort();
    const from = names.map((name) => this.indexOf.get(name)!);
    const row = new Float32Array(columns);
    for (let base = 0; base < value.length; base += columns) {
      row.set(value.subarray(base, base + columns));
      for (let c = 0; c < columns; c++) value[base + c] = row[from[c]];
    }
    return { columns, value, names };
  }
}
