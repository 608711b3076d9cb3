import { InputError } from "../../errors.js";
import { nearest } from "../../text/nearest.js";
import { shown } from "../../text/shown.js";

/** The reader's position in a file; every error names it. */
export class Place {
  /** From 1; 0: the file as a whole. */
  line = 0;

  /** The file that is being read, where a table has several. */
  private part: string | undefined;

  constructor(
    readonly file: string,
    private unit: "line" | "row" = "line",
  ) {}

  /** Whether the lines of different files may be meant. */
  get isInPart(): boolean {
    return this.part !== undefined;
  }

  startPart(part: string, unit: "line" | "row"): void {
    this.part = part;
    this.unit = unit;
    this.line = 0;
  }

  error(problem: string, details: Record<string, unknown> = {}): InputError {
    const { line } = this;
    const file = (line > 0 ? this.part : undefined) ?? this.file;
    const at = this.unit === "row" ? `, row ${line}` : `:${line}`;
    return new InputError(`${line > 0 ? file + at : file}: ${problem}`, { file, line, ...details });
  }

  wrongValue(column: string, value: unknown, expected: string): InputError {
    const hint = isDecimalComma(value) ? ", with a decimal point" : "";
    return this.error(`${shown(column)} is ${shown(value)}; expected ${expected}${hint}`, { column, value });
  }
}

/** As European spreadsheets write numbers. */
function isDecimalComma(value: unknown): boolean {
  return typeof value === "string" && /^\s?-?\d{1,15},\d{1,15}\s?$/.test(value);
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
