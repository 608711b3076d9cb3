import { InputError } from "../../errors.js";
import { nearest } from "../../text/nearest.js";
import { shown } from "../../text/shown.js";

/** The reader's position in a file; every error names it. */
export class Place {
  /** From 1; 0: the file as a whole. */
  line = 0;

  constructor(
    readonly file: string,
    private readonly unit: "line" | "row" = "line",
  ) {}

  error(problem: string, details: Record<string, unknown> = {}): InputError {
    const { file, line } = this;
    const at = this.unit === "row" ? `, row ${line}` : `:${line}`;
    return new InputError(`${line > 0 ? file + at : file}: ${problem}`, { file, line, ...details });
  }

  wrongValue(column: string, value: unknown, expected: string): InputError {
    return this.error(`${shown(column)} is ${shown(value)}; expected ${expected}`, { column, value });
  }
}

export function noColumn(file: string, column: string): InputError {
  return new InputError(`${file} has no column ${shown(column)}`, { file, column });
}

/** `names`: the models that the file has, at least one. */
export function noModel(file: string, model: string, names: readonly string[]): InputError {
  const near = nearest(model, [...names], 5)
    .map(shown)
    .join(", ");
  const available = `nearest of its ${names.length} models: ${near}`;
  return new InputError(`${file} has no model ${shown(model)}; ${available}`, { file, model });
}
