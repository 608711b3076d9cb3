import { InputError } from "../errors.js";
import { count } from "../text/amounts.js";
import { oneLine } from "../text/shown.js";

/** The largest share of a file's rows that are left out. A single row always may be. */
const MOST = 0.05;
/** How many are described. */
const NAMED = 3;
const LONGEST = 160;

const REMEDY = "; --skip-bad-rows leaves such rows out";

/** Rows that cannot be read: each ends the reading, unless they are to be left out and counted. */
export class BadRows {
  count = 0;
  private readonly first: string[] = [];

  constructor(readonly areSkipped = false) {}

  /**
   * Counts what is wrong with a row. `rows`: how many rows it may have held.
   *
   * @throws whatever is not of one row alone; the error itself, with the remedy, unless such rows are left out.
   */
  add(error: unknown, rows = 1): void {
    if (!(error instanceof InputError) || !isOfRow(error)) throw error;
    if (!this.areSkipped) throw new InputError(error.message + REMEDY, error.details);
    this.count += rows;
    if (this.first.length < NAMED) this.first.push(cut(oneLine(error.message)));
  }

  /**
   * Refuses a file with too many of them. `rows`: those that could be read.
   *
   * @throws InputError with the first of them.
   */
  check(file: string, rows: number): void {
    const all = rows + this.count;
    if (this.count <= 1 || this.count <= MOST * all) return;
    throw new InputError(
      `${file}: ${count(this.count)} of ${count(all)} rows cannot be read, more than ${100 * MOST} %: ${this.examples()}`,
      { file, rows: all, bad: this.count },
    );
  }

  /** What the first of them are. */
  get described(): readonly string[] {
    return this.first;
  }

  /** Takes those of a part of a table. */
  join(rows: number, described: readonly string[]): void {
    this.count += rows;
    this.first.push(...described.slice(0, NAMED - this.first.length));
  }

  /** Changes how they are described. */
  describe(change: (text: string) => string): void {
    this.first.forEach((text, k) => (this.first[k] = change(text)));
  }

  /** Reasons for which rows were left out, with their number. */
  reasons(): [reason: string, times: number][] {
    return this.count === 0 ? [] : [[`row that cannot be read (${this.examples()})`, this.count]];
  }

  private examples(): string {
    return this.first.join("; ") + (this.count > this.first.length ? "; …" : "");
  }
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1).trimEnd()}…`;
}

/** Whether an error names a place, and is not of the whole file, so that every further row would meet it again. */
function isOfRow({ details }: InputError): boolean {
  return ["line", "place", "byte", "where"].some((key) => key in details) && details.isOfFile !== true;
}
