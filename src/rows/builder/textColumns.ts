import { modelColumn, type Field } from "./field.js";
import type { Place } from "./place.js";
import { COST_PART } from "../costParts.js";
import { textOf } from "../where.js";

const COLUMN_LIMIT = 1000;

/** Other columns, kept as texts: those that were asked for by name, or "all". */
export class TextColumns {
  private readonly columns = new Map<string, string[]>();

  constructor(
    private readonly place: Place,
    private readonly asked: readonly string[] | "all" = [],
  ) {
    if (asked !== "all") for (const name of asked) this.columns.set(name, []);
  }

  /** The list that keeps the texts of a column; undefined for one that is not kept. */
  listFor(name: string, kind: Field["kind"]): string[] | undefined {
    const isOther = (kind === "ignored" || kind === "part") && name !== "query" && !modelColumn(name)?.model;
    if (this.asked === "all" && isOther && !this.columns.has(name)) {
      if (this.columns.size === COLUMN_LIMIT)
        throw this.place.error(`more than ${COLUMN_LIMIT} other columns`, { isOfFile: true });
      this.columns.set(name, []);
    }
    return this.columns.get(name);
  }

  clear(row: number): void {
    for (const texts of this.columns.values()) if (texts.length > row) texts.length = row;
  }

  /**
   * All columns, "" where a row has no text; undefined where none was asked for. The column that declares costs is kept
   * only if the file has it.
   */
  pack(rows: number): Map<string, string[]> | undefined {
    if (this.asked.length === 0) return undefined;
    if (this.columns.get(COST_PART)?.length === 0) this.columns.delete(COST_PART);
    for (const [name, texts] of this.columns) this.columns.set(name, filled(texts, rows));
    return this.columns;
  }
}

/** Puts a row's text into a list that may have none for the rows before. */
export function setText(texts: string[], row: number, value: unknown): void {
  while (texts.length < row) texts.push("");
  texts[row] = textOf(value);
}

/** The texts of `rows` rows, "" where a row has none. A list of blanks alone is made in one piece, without spare room. */
export function filled(texts: string[], rows: number): string[] {
  if (texts.length === 0) return new Array<string>(rows).fill("");
  while (texts.length < rows) texts.push("");
  return texts;
}
