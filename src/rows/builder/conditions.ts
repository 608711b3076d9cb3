import type { InputError } from "../../errors.js";
import { noColumn } from "./place.js";
import { meets, type Condition } from "../where.js";

/** Conditions on columns, and the values that a row has there. */
export class Conditions {
  private readonly isFound: boolean[];
  private values: unknown[] = [];

  constructor(private readonly where: readonly Condition[] = []) {
    this.isFound = where.map(() => false);
  }

  get areNone(): boolean {
    return this.where.length === 0;
  }

  /** Positions of the conditions on a column of the file. */
  on(column: string): number[] {
    const found = [...this.where.keys()].filter((i) => this.where[i].column === column);
    for (const i of found) this.isFound[i] = true;
    return found;
  }

  startRow(): void {
    if (this.where.length > 0) this.values = [];
  }

  set(i: number, value: unknown): void {
    this.values[i] = value;
  }

  areMet(): boolean {
    return this.areNone || this.where.every((condition, i) => meets(condition, this.values[i]));
  }

  /** An error for the first condition whose column the file does not have. */
  missing(file: string): InputError | undefined {
    const i = this.isFound.indexOf(false);
    return i < 0 ? undefined : noColumn(file, this.where[i].column);
  }
}
