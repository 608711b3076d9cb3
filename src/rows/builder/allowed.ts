import { InputError } from "../../errors.js";
import type { Costs } from "../../types.js";
import { nearest } from "../../text/nearest.js";
import { shown } from "../../text/shown.js";

/** The column that limits which models may answer a query. */
export const ALLOWED_COLUMN = "allowed_models";
export const ALLOWED_EXPECTED = "names separated by ; or a JSON array of names, or blank for all models";

/** Which models each row allows; most rows share a few lists. */
export class AllowedModels {
  private readonly lists = new Map<string, number>();
  private readonly listOfRow: number[] = [];
  /** What the row that is being read allows. */
  private open: { row: number; key: string } | undefined;

  /**
   * What a row allows: names separated by `;`, a JSON array of names as text, or a list; blank: all. Returns false for
   * anything else, such as a list without names.
   */
  set(row: number, value: unknown): boolean {
    this.open = undefined;
    if (isBlank(value)) return true;
    const names = namesOf(value);
    if (!names || names.length === 0) return false;
    this.open = { row, key: JSON.stringify(names) };
    return true;
  }

  /** Remembers what the row allows, once it is known to be kept. */
  endRow(): void {
    if (!this.open) return;
    const { row, key } = this.open;
    this.open = undefined;
    let list = this.lists.get(key);
    if (list === undefined) this.lists.set(key, (list = this.lists.size + 1));
    while (this.listOfRow.length < row) this.listOfRow.push(0);
    this.listOfRow[row] = list;
  }

  /** The list of each row, undefined for all models; undefined if no row has a list. */
  ofRows(rows: number): (readonly string[] | undefined)[] | undefined {
    if (this.lists.size === 0) return undefined;
    const names = [...this.lists.keys()].map((key) => JSON.parse(key) as string[]);
    return Array.from({ length: rows }, (_, row) => names[(this.listOfRow[row] ?? 0) - 1]);
  }

  dropRow(): void {
    this.open = undefined;
  }

  /**
   * Makes the cost of every model that a row does not allow infinite. Returns the first row that then has no model
   * left, if any. `isPartial`: the file has more models than these.
   *
   * @throws InputError naming a model that the file does not have.
   */
  forbid(cost: Costs, models: string[], file: string, isPartial: boolean): number | undefined {
    const masks = [...this.lists.keys()].map((key) => {
      const names = new Set(JSON.parse(key) as string[]);
      for (const name of names) if (!isPartial && !models.includes(name)) throw unknown(name, models, file);
      return models.map((model) => names.has(model));
    });
    let empty: number | undefined;
    for (let row = 0; row < this.listOfRow.length; row++) {
      if (this.listOfRow[row] === 0) continue;
      const mask = masks[this.listOfRow[row] - 1];
      let left = 0;
      for (let m = 0, at = row * models.length; m < models.length; m++, at++) {
        if (!mask[m]) cost[at] = Infinity;
        if (cost[at] < Infinity) left++;
      }
      if (left === 0) empty ??= row;
    }
    return empty;
  }
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "string" && value.trim() === "");
}

function namesOf(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return value.every((name) => typeof name === "string") ? value : undefined;
  if (typeof value !== "string") return undefined;
  if (!value.trimStart().startsWith("["))
    return value
      .split(";")
      .map((name) => name.trim())
      .filter((name) => name !== "");
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? namesOf(list) : undefined;
  } catch {
    return undefined;
  }
}

function unknown(name: string, models: string[], file: string): InputError {
  const near = nearest(name, models, 5).map(shown).join(", ");
  return new InputError(
    `${file}: ${ALLOWED_COLUMN} names ${shown(name)}, which no column prices; nearest: ${near}`,
    { file, model: name },
  );
}
