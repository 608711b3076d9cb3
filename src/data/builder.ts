import { InputError } from "../errors.js";
import type { Dataset } from "../types.js";
import { BAD, COST_EXPECTED, costOf, SCORE_EXPECTED, scoreOf } from "./cell.js";
import { FloatColumn } from "./column.js";
import { nearest } from "./nearest.js";
import { shown } from "./shown.js";

/** A column of the file and where its values go. */
export interface Field {
  name: string;
  kind: "id" | "query" | "score" | "cost" | "ignored";
  /** Of a score or cost. */
  column?: FloatColumn;
}

export interface BuilderOptions {
  /** Only these models, in this order; otherwise all, in order of first appearance. */
  models?: string[];
  /** Refuse rows whose `query` is blank. */
  requireText?: boolean;
}

interface ModelColumns {
  score: FloatColumn;
  cost: FloatColumn;
  isFound: boolean;
}

const MODEL_LIMIT = 255;
/** The most entries that a JavaScript Map holds. */
const ROW_LIMIT = 2 ** 24;

/** Collects checked rows into a `Dataset`. Every error names the file and, where it has one, the line. */
export class DatasetBuilder {
  private readonly models = new Map<string, ModelColumns>();
  private readonly otherModels = new Set<string>();
  private readonly ids: string[] = [];
  private readonly queries: string[] = [];
  private readonly lineOfId = new Map<string, number>();
  private hasCost = false;
  /** The first row that no model may answer; an error once the file is known to have costs. */
  private unanswerable: { line: number; id: string } | undefined;

  private line = 0;
  private id: string | undefined;
  private query = "";
  private isAnswerable = false;

  constructor(
    private readonly name: string,
    private readonly options: BuilderOptions = {},
  ) {
    const { models } = options;
    if (models?.length === 0) throw new InputError("models is empty; expected at least one name", { models });
    for (const model of models ?? []) {
      if (this.models.has(model)) throw new InputError(`model ${shown(model)} is named twice`, { model });
      this.addModel(model);
    }
  }

  /** What a column of this name means; a new model is added. */
  field(name: string): Field {
    if (name === "id" || name === "query") return { name, kind: name };
    const at = name.lastIndexOf("__");
    const suffix = at < 0 ? "" : name.slice(at);
    if (suffix !== "__score" && suffix !== "__cost") return { name, kind: "ignored" };
    // A literal: comparing a slice would read its characters for every value of the file.
    const kind = suffix === "__score" ? "score" : "cost";
    const model = name.slice(0, at);
    if (model.trim() === "")
      throw this.error(`column ${shown(name)} names no model; expected <model>__${kind}`);
    const columns = this.model(model);
    if (!columns) return { name, kind: "ignored" };
    columns.isFound = true;
    if (kind === "cost") this.hasCost = true;
    return { name, kind, column: columns[kind] };
  }

  startRow(line: number): void {
    this.line = line;
    this.id = undefined;
    this.query = "";
    this.isAnswerable = false;
  }

  /** One value of the row: the text of a CSV cell or any JSON value. */
  put(field: Field, value: unknown): void {
    if (field.kind === "score") {
      const score = scoreOf(value);
      if (score === BAD) throw this.bad(field.name, value, SCORE_EXPECTED);
      field.column?.set(this.ids.length, score);
    } else if (field.kind === "cost") {
      const cost = costOf(value);
      if (cost === BAD) throw this.bad(field.name, value, COST_EXPECTED);
      field.column?.set(this.ids.length, cost);
      if (cost < Infinity) this.isAnswerable = true;
    } else if (field.kind === "id") {
      this.id = this.idOf(value);
    } else if (field.kind === "query") {
      this.query = this.queryOf(value);
    }
  }

  endRow(): void {
    const id = this.uniqueId();
    if (this.options.requireText && this.query.trim() === "")
      throw this.error("query is blank; expected the text to be answered", { column: "query" });
    if (!this.isAnswerable) this.unanswerable ??= { line: this.line, id };
    if (this.hasCost && this.unanswerable) throw this.noModel(this.unanswerable);
    this.ids.push(id);
    this.queries.push(this.query);
  }

  finish(): Dataset {
    const { ids, queries } = this;
    if (ids.length === 0) throw new InputError(`${this.name} has no rows`, { file: this.name });
    for (const [model, { isFound }] of this.models) if (!isFound) throw this.unknownModel(model);
    if (this.models.size === 0) throw this.noColumns();
    const columns = [...this.models.values()];
    return {
      ids,
      queries,
      models: [...this.models.keys()],
      cost: this.pack(columns.map((model) => model.cost)),
      outcome: this.pack(columns.map((model) => model.score)),
    };
  }

  private model(name: string): ModelColumns | undefined {
    const known = this.models.get(name);
    if (known) return known;
    if (this.options.models) this.otherModels.add(name);
    return this.options.models ? undefined : this.addModel(name);
  }

  private addModel(name: string): ModelColumns {
    if (this.models.size === MODEL_LIMIT) throw this.error(`more than ${MODEL_LIMIT} models`);
    const columns = { score: new FloatColumn(NaN), cost: new FloatColumn(Infinity), isFound: false };
    this.models.set(name, columns);
    return columns;
  }

  private idOf(value: unknown): string {
    const isText = typeof value === "string" && value.trim() !== "";
    // A whole number above 2^53 has already lost digits, and could meet another id that lost them too.
    const isNumber = typeof value === "number" && (Number.isSafeInteger(value) || value % 1 !== 0);
    if (isText || isNumber) return String(value);
    throw this.bad("id", value, "text, or a number below 2^53");
  }

  private queryOf(value: unknown): string {
    if (value === null) return "";
    if (typeof value === "string") return value;
    throw this.bad("query", value, "text");
  }

  /** The row's id; without an id column its number among the rows, from 1. */
  private uniqueId(): string {
    const row = this.ids.length;
    if (row === ROW_LIMIT) throw this.error(`more than ${ROW_LIMIT} rows; split the file`);
    if (row > 0 && (this.id === undefined) !== (this.lineOfId.size === 0))
      throw this.error(
        this.id === undefined ? "no id, though rows above have one" : "id, though rows above have none",
      );
    if (this.id === undefined) return String(row + 1);
    const before = this.lineOfId.get(this.id);
    if (before !== undefined)
      throw this.error(`id ${shown(this.id)} is already on line ${before}; expected unique ids`, {
        value: this.id,
      });
    this.lineOfId.set(this.id, this.line);
    return this.id;
  }

  private pack(columns: FloatColumn[]): Float32Array {
    try {
      return FloatColumn.pack(columns, this.ids.length);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new InputError(
        `${this.name}: ${this.ids.length} rows × ${columns.length} models do not fit in memory`,
      );
    }
  }

  private bad(column: string, value: unknown, expected: string): InputError {
    return this.error(`${shown(column)} is ${shown(value)}; expected ${expected}`, { column, value });
  }

  private noModel({ line, id }: { line: number; id: string }): InputError {
    this.line = line;
    const problem = `no model may answer query ${shown(id)}; expected a <model>__cost in dollars for at least one`;
    return this.error(problem, { id });
  }

  private noColumns(): InputError {
    const expected = "columns <model>__score (0 … 1) and <model>__cost (dollars), such as gpt-4__cost";
    return new InputError(`${this.name} has no model columns; expected ${expected}`, { file: this.name });
  }

  private unknownModel(model: string): InputError {
    const found = [...this.models].filter(([, { isFound }]) => isFound).map(([name]) => name);
    const names = [...found, ...this.otherModels];
    if (names.length === 0) return this.noColumns();
    const near = nearest(model, names, 5).map(shown).join(", ");
    const available = `nearest of its ${names.length} models: ${near}`;
    return new InputError(`${this.name} has no model ${shown(model)}; ${available}`, {
      file: this.name,
      model,
    });
  }

  private error(problem: string, details: Record<string, unknown> = {}): InputError {
    const place = this.line > 0 ? `${this.name}:${this.line}` : this.name;
    return new InputError(`${place}: ${problem}`, { file: this.name, line: this.line, ...details });
  }
}
