import { isWellFormed, shown } from "../../text/shown.js";
import { IdIndex } from "./ids.js";
import { ROW_LIMIT } from "../limits.js";
import type { Place } from "./place.js";

/** The rows' ids: unique, and either all rows have one or none. */
export class RowIds {
  private readonly ids: string[] = [];
  private readonly index = new IdIndex(this.ids);
  /** Rows that were added. */
  private count = 0;
  /** For each row that was left out as bad, how many were added before. */
  private readonly skips: number[] = [];

  constructor(private readonly place: Place) {}

  /** An id from a CSV cell or a JSON value. */
  parse(value: unknown): string {
    const isText = typeof value === "string" && value.trim() !== "";
    // Different ones would be the same when they are written.
    if (isText && !isWellFormed(value))
      throw this.place.wrongValue("id", value, "text without half of a surrogate pair");
    // A whole number above 2^53 has already lost digits, and could equal another id that lost them too.
    const isNumber = typeof value === "number" && (Number.isSafeInteger(value) || value % 1 !== 0);
    if (isText || isNumber) return String(value);
    throw this.place.wrongValue("id", value, "text, or a number below 2^53");
  }

  /** Refuses the next row if its id (undefined: none) conflicts with the rows before it. */
  check(id: string | undefined): void {
    const { count, place } = this;
    if (count === ROW_LIMIT)
      throw place.error(`more than ${ROW_LIMIT} rows; split the file`, { isOfFile: true });
    if (count > 0 && (id === undefined) !== (this.ids.length === 0))
      throw place.error(
        id === undefined ? "no id, though rows above have one" : "id, though rows above have none",
      );
    if (id === undefined) return;
    const before = this.index.findOrAdd(id, count, place.line);
    if (before > 0) {
      const where = place.isInPart ? "there above or in a file before" : `on line ${before}`;
      throw place.error(`id ${shown(id)} is already ${where}; expected unique ids`, { value: id });
    }
  }

  /** Adds the row that was checked. */
  add(id: string | undefined): void {
    if (id !== undefined) this.ids.push(id);
    this.count++;
  }

  /** Leaves out a row, which keeps its number. */
  skip(): void {
    this.skips.push(this.count);
  }

  /** Whether rows have ids of their own. */
  get areNamed(): boolean {
    return this.ids.length > 0;
  }

  /** Rows without ids are named by their number, from 1. */
  pack(): string[] {
    if (this.ids.length > 0) return this.ids;
    if (this.skips.length === 0) return Array.from({ length: this.count }, (_, row) => rowName(row));
    let before = 0;
    return Array.from({ length: this.count }, (_, row) => {
      while (this.skips[before] <= row) before++;
      return rowName(row + before);
    });
  }
}

export function rowName(row: number): string {
  return String(row + 1);
}
