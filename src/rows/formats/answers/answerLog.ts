/** What a value of an answer is. Kinds from `SCORE` on are scores: `SCORE` + the index of their metric. */
export const COST = 0;
export const INPUT = 1;
export const OUTPUT = 2;
export const SCORE = 3;

/** Sums of the values of each query and model. */
export interface CellSums {
  /** Queries × models. */
  sum: Float64Array;
  count: Uint32Array;
}

/** The values of all answers of a file in the order in which they were read, 16 bytes each. */
export class AnswerLog {
  private length = 0;
  private rows = new Uint32Array(1024);
  private models = new Uint16Array(1024);
  private kinds = new Uint16Array(1024);
  private values = new Float64Array(1024);

  add(row: number, model: number, kind: number, value: number): void {
    if (this.length === this.rows.length) this.grow();
    const i = this.length++;
    this.rows[i] = row;
    this.models[i] = model;
    this.kinds[i] = kind;
    this.values[i] = value;
  }

  has(kind: number): boolean {
    const { kinds, length } = this;
    for (let i = 0; i < length; i++) if (kinds[i] === kind) return true;
    return false;
  }

  /**
   * Adds up one kind of value per query and model. `columnOf`: the column of each logged model, or −1: leave it out.
   * `kindOf`: the kind to add up for a query. O(values) time.
   */
  sums(rows: number, columns: number, columnOf: Int32Array, kindOf: (row: number) => number): CellSums {
    const sum = new Float64Array(rows * columns);
    const count = new Uint32Array(rows * columns);
    const { kinds, values, models, length } = this;
    for (let i = 0; i < length; i++) {
      const row = this.rows[i];
      const column = columnOf[models[i]];
      if (column < 0 || kinds[i] !== kindOf(row)) continue;
      sum[row * columns + column] += values[i];
      count[row * columns + column]++;
    }
    return { sum, count };
  }

  private grow(): void {
    const grown = <T extends Uint32Array | Uint16Array | Float64Array>(before: T, after: T): T => {
      after.set(before);
      return after;
    };
    const length = 2 * this.rows.length;
    this.rows = grown(this.rows, new Uint32Array(length));
    this.models = grown(this.models, new Uint16Array(length));
    this.kinds = grown(this.kinds, new Uint16Array(length));
    this.values = grown(this.values, new Float64Array(length));
  }
}
