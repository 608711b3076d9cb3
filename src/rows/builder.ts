import { MAX_MODELS } from "../../assembly/layout.js";
import { InputError } from "../errors.js";
import type { Dataset } from "../types.js";
import { ALLOWED_COLUMN, AllowedModels } from "./allowed.js";
import { BAD, COST_EXPECTED, costOf, SCORE_EXPECTED, scoreOf, TOKENS_EXPECTED, tokensOf } from "./cell.js";
import { IdIndex } from "./ids.js";
import { GrowingMatrix } from "./growingMatrix.js";
import { ROW_LIMIT } from "./limits.js";
import { nearest } from "../text/nearest.js";
import { shown } from "../text/shown.js";
import { VectorColumns } from "./vectorColumns.js";
import { meets, textOf, type Condition } from "./where.js";

const SUFFIXES = {
  __score: "score",
  __cost: "cost",
  __input_tokens: "input",
  __output_tokens: "output",
} as const;

/** A column of the file and where its values go. */
export interface Field {
  name: string;
  kind: "id" | "query" | "score" | "cost" | "input" | "output" | "allowed" | "vector" | "ignored";
  /** Index of the model, of a score, cost or number of tokens; of a vector's column. */
  model: number;
  /** Takes the value as text, if the column was asked for. */
  texts?: string[];
  /** Positions of the conditions on this column. */
  conditions?: number[];
}

/** Whether a reader may pass over the column's values. */
export function isSkipped({ kind, texts, conditions }: Field): boolean {
  return kind === "ignored" && !texts && !conditions;
}

export interface BuilderOptions {
  /** How errors name a place in the file; default: a line. */
  place?: "line" | "row";
  /** Only these models, in this order; otherwise all, in order of first appearance. */
  models?: string[];
  /** Refuse rows whose `query` is blank. */
  requireText?: boolean;
  /** Other columns to keep as text; "all" keeps every one. */
  columns?: readonly string[] | "all";
  /** Costs may be blank, or without a column: somebody predicts them. Default: each row has one, if any row has. */
  blankCosts?: boolean;
  /** Columns whose names begin so are the numbers of the row's vector. Default: there are no vectors. */
  vectorPrefix?: string;
  /** Only rows that meet all of these. */
  where?: readonly Condition[];
}

/** How each kind of number is read, and what is expected. */
const READ = {
  score: [scoreOf, SCORE_EXPECTED],
  cost: [costOf, COST_EXPECTED],
  input: [tokensOf, TOKENS_EXPECTED],
  output: [tokensOf, TOKENS_EXPECTED],
} as const;
/** Above it a float64 may round to infinity as float32. */
const LARGEST = 3.4028234663852886e38;
const COLUMN_LIMIT = 1000;

/** Collects checked rows into a `Dataset`. Every error names the file and, where it has one, the line. */
export class DatasetBuilder {
  /** About how many rows there will be; 0 while unknown. A good guess saves copies of the matrices. */
  expectedRows = 0;
  /** Rows that the conditions left out. */
  dropped = 0;
  private readonly models = new Map<string, { index: number; isFound: boolean }>();
  private readonly otherModels = new Set<string>();
  /** Rows so far. */
  private count = 0;
  /** Of every row, or empty while no row has one. */
  private readonly ids: string[] = [];
  /** As far as a text was found; blank beyond. */
  private readonly queries: string[] = [];
  private readonly index = new IdIndex(this.ids);
  private readonly matrices = {
    score: this.matrix(NaN),
    cost: this.matrix(Infinity),
    input: this.matrix(NaN),
    output: this.matrix(NaN),
  };
  private readonly texts = new Map<string, string[]>();
  private readonly vectors = new VectorColumns();
  private readonly allowed = new AllowedModels();
  private readonly where: readonly Condition[];
  private readonly isConditionFound: boolean[];
  private hasCost = false;
  private hasTokens = false;
  /** The first row that no model may answer; an error once the file is known to have costs. */
  private unanswerable: { line: number; id: string } | undefined;

  private line = 0;
  private id: string | undefined;
  private query = "";
  private values: unknown[] = [];

  constructor(
    private readonly name: string,
    private readonly options: BuilderOptions = {},
  ) {
    const { models, columns = [], where = [] } = options;
    if (models?.length === 0) throw new InputError("models is empty; expected at least one name", { models });
    for (const model of models ?? []) {
      if (this.models.has(model)) throw new InputError(`model ${shown(model)} is named twice`, { model });
      this.addModel(model);
    }
    if (columns !== "all") for (const column of columns) this.texts.set(column, []);
    this.where = where;
    this.isConditionFound = where.map(() => false);
  }

  /** What a column of this name means; a new model is added. */
  field(name: string): Field {
    const field = this.plainField(name);
    const texts = this.textsOf(name, field.kind);
    const conditions = [...this.where.keys()].filter((i) => this.where[i].column === name);
    for (const i of conditions) this.isConditionFound[i] = true;
    if (texts) field.texts = texts;
    if (conditions.length > 0) field.conditions = conditions;
    return field;
  }

  get rows(): number {
    return this.count;
  }

  startRow(line: number): void {
    this.line = line;
    this.id = undefined;
    this.query = "";
    if (this.where.length > 0) this.values = [];
  }

  /** One value of the row: the text of a CSV cell or any JSON value. */
  put(field: Field, value: unknown): void {
    const { kind } = field;
    if (kind === "score" || kind === "cost" || kind === "input" || kind === "output") {
      const [read, expected] = READ[kind];
      const number = read(value);
      if (number === BAD) throw this.bad(field.name, value, expected);
      this.matrices[kind].set(this.count, field.model, number);
    } else if (kind === "id") {
      this.id = this.idOf(value);
    } else if (kind === "query") {
      this.query = this.queryOf(value);
    } else if (kind === "allowed") {
      if (!this.allowed.set(this.count, value))
        throw this.bad(field.name, value, "names separated by ; or a JSON array of names");
    }
    if (kind === "vector" && !this.vectors.set(this.count, field.model, value))
      throw this.bad(field.name, value, "a number");
    if (field.texts) this.keep(field.texts, value);
    if (field.conditions) for (const i of field.conditions) this.values[i] = value;
  }

  /** A value ≥ 0 of a score or cost, NaN where blank; false, and nothing is put, where `put` would refuse it. */
  putNumber(field: Field, value: number): boolean {
    if (field.kind === "score") {
      if (value > 1) return false;
      this.matrices.score.set(this.count, field.model, value);
    } else {
      // Too large for float32 would silently become "must not answer".
      if (Math.fround(value) === Infinity) return false;
      const cost = value >= 0 ? value : Infinity;
      this.matrices.cost.set(this.count, field.model, cost);
    }
    return true;
  }

  /** Whether `putColumn` may take the whole column, ahead of the rows. */
  takesColumn({ kind, texts, conditions }: Field): boolean {
    const isNumber = kind === "score" || kind === "cost" || kind === "input" || kind === "output";
    return isNumber && !texts && !conditions && this.where.length === 0;
  }

  /**
   * Values of a column for rows that follow: the first is `ahead` rows after the next to be ended. Blank: null,
   * undefined or NaN.
   */
  putColumn(field: Field, values: ArrayLike<unknown>, ahead: number): void {
    const kind = field.kind as "score" | "cost" | "input" | "output";
    const matrix = this.matrices[kind];
    const first = this.count + ahead;
    const most = kind === "score" ? 1 : LARGEST;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === "number" && value >= 0 && value <= most) matrix.set(first + i, field.model, value);
      else this.putOne(field, value, first + i);
    }
  }

  private putOne(field: Field, value: unknown, row: number): void {
    const kind = field.kind as "score" | "cost" | "input" | "output";
    const isBlank = value === undefined || (typeof value === "number" && Number.isNaN(value));
    const plain = isBlank ? null : typeof value === "bigint" ? Number(value) : value;
    const [read, expected] = READ[kind];
    const number = plain === Infinity && kind === "cost" ? Infinity : read(plain);
    this.line = row + 1;
    if (number === BAD) throw this.bad(field.name, plain, expected);
    this.matrices[kind].set(row, field.model, number);
  }

  endRow(): void {
    if (this.where.length > 0 && !this.where.every((condition, i) => meets(condition, this.values[i])))
      return this.dropRow();
    const id = this.uniqueId();
    if (this.options.requireText && this.query.trim() === "")
      throw this.error("query is blank; expected the text to be answered", { column: "query" });
    if (!this.matrices.cost.isAnyFinite(this.count))
      this.unanswerable ??= { line: this.line, id: id ?? rowName(this.count) };
    if (this.hasCost && this.unanswerable && !this.options.blankCosts) throw this.noModel(this.unanswerable);
    if (id !== undefined) this.ids.push(id);
    if (this.query !== "") {
      while (this.queries.length < this.count) this.queries.push("");
      this.queries.push(this.query);
    }
    this.count++;
  }

  finish(): Dataset {
    const { count } = this;
    for (const [i, isFound] of this.isConditionFound.entries())
      if (!isFound) throw this.noColumn(this.where[i].column);
    if (count === 0) {
      const problem = this.where.length > 0 && this.line > 0 ? "no row that meets the conditions" : "no rows";
      throw new InputError(`${this.name} has ${problem}`, { file: this.name });
    }
    const { blankCosts } = this.options;
    if (!blankCosts) {
      for (const [model, { isFound }] of this.models) if (!isFound) throw this.unknownModel(model);
      if (this.models.size === 0) throw this.noColumns();
    }
    const models = [...this.models.keys()];
    const ids = this.ids.length > 0 ? this.ids : Array.from({ length: count }, (_, row) => rowName(row));
    const queries = this.queries.length > 0 ? this.queries : new Array<string>(count).fill("");
    while (queries.length < count) queries.push("");
    const { score, cost, input, output } = this.matrices;
    const dataset: Dataset = { ids, queries, models, cost: cost.pack(count), outcome: score.pack(count) };
    if (this.hasTokens) dataset.tokens = { input: input.pack(count), output: output.pack(count) };
    this.forbid(dataset);
    const allowed = blankCosts ? this.allowed.ofRows(count) : undefined;
    if (allowed) dataset.allowedModels = allowed;
    const { columns, vectorPrefix } = this.options;
    if (vectorPrefix !== undefined) dataset.vectors = this.vectors.pack(ids, this.name, vectorPrefix);
    if (columns === "all" || (columns?.length ?? 0) > 0) dataset.columns = this.columns();
    return dataset;
  }

  private forbid({ ids, models, cost }: Dataset): void {
    const { blankCosts } = this.options;
    const isPartial = this.options.models !== undefined || blankCosts === true;
    const row = this.allowed.forbid(cost, models, this.name, isPartial);
    if (row === undefined || !this.hasCost || blankCosts) return;
    this.line = 0;
    const problem = `${ALLOWED_COLUMN} of query ${shown(ids[row])} leaves no model with a cost`;
    throw this.error(problem, { id: ids[row] });
  }

  private columns(): Map<string, string[]> {
    for (const texts of this.texts.values()) while (texts.length < this.count) texts.push("");
    return this.texts;
  }

  private matrix(blank: number): GrowingMatrix {
    return new GrowingMatrix(blank, 0, (rows) =>
      this.expectedRows > rows ? Math.min(this.expectedRows, ROW_LIMIT) : 2 * rows,
    );
  }

  private plainField(name: string): Field {
    if (name === "id" || name === "query") return { name, kind: name, model: -1 };
    if (name === ALLOWED_COLUMN) return { name, kind: "allowed", model: -1 };
    const { vectorPrefix } = this.options;
    if (vectorPrefix !== undefined && name.startsWith(vectorPrefix))
      return { name, kind: "vector", model: this.vectors.add(name) };
    const at = name.lastIndexOf("__");
    const suffix = at < 0 ? "" : name.slice(at);
    if (!Object.hasOwn(SUFFIXES, suffix)) return { name, kind: "ignored", model: -1 };
    const kind = SUFFIXES[suffix as keyof typeof SUFFIXES];
    const model = name.slice(0, at);
    if (model.trim() === "")
      throw this.error(`column ${shown(name)} names no model; expected <model>${suffix}`);
    const index = this.model(model, kind === "score" || kind === "cost");
    if (index === undefined) return { name, kind: "ignored", model: -1 };
    if (kind === "cost") this.hasCost = true;
    if (kind === "input" || kind === "output") this.hasTokens = true;
    return { name, kind, model: index };
  }

  /** The list that keeps the column's texts, if it is to be kept. */
  private textsOf(name: string, kind: Field["kind"]): string[] | undefined {
    if (this.options.columns === "all" && kind === "ignored" && !this.isOtherModel(name)) {
      if (this.texts.size === COLUMN_LIMIT) throw this.error(`more than ${COLUMN_LIMIT} other columns`);
      if (!this.texts.has(name)) this.texts.set(name, []);
    }
    return this.texts.get(name);
  }

  private isOtherModel(name: string): boolean {
    const at = name.lastIndexOf("__");
    return at > 0 && Object.hasOwn(SUFFIXES, name.slice(at));
  }

  private keep(texts: string[], value: unknown): void {
    const row = this.count;
    while (texts.length < row) texts.push("");
    texts[row] = textOf(value);
  }

  private dropRow(): void {
    this.dropped++;
    const row = this.count;
    for (const matrix of Object.values(this.matrices)) matrix.clear(row);
    this.vectors.clear(row);
    for (const texts of this.texts.values()) if (texts.length > row) texts.length = row;
    this.allowed.clear(row);
  }

  private model(name: string, isFound: boolean): number | undefined {
    const known = this.models.get(name);
    if (known) known.isFound ||= isFound;
    if (known) return known.index;
    if (this.options.models) this.otherModels.add(name);
    if (this.options.models) return undefined;
    const index = this.addModel(name);
    this.models.get(name)!.isFound = true;
    return index;
  }

  private addModel(name: string): number {
    const index = this.models.size;
    if (index === MAX_MODELS) throw this.error(`more than ${MAX_MODELS} models`);
    this.models.set(name, { index, isFound: false });
    for (const matrix of Object.values(this.matrices)) matrix.addColumn();
    return index;
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

  /** The row's id; undefined where the rows have none. */
  private uniqueId(): string | undefined {
    const { id, count } = this;
    if (count === ROW_LIMIT) throw this.error(`more than ${ROW_LIMIT} rows; split the file`);
    if (count > 0 && (id === undefined) !== (this.ids.length === 0))
      throw this.error(
        id === undefined ? "no id, though rows above have one" : "id, though rows above have none",
      );
    if (id === undefined) return undefined;
    const before = this.index.findOrAdd(id, count, this.line);
    if (before > 0)
      throw this.error(`id ${shown(id)} is already on line ${before}; expected unique ids`, { value: id });
    return id;
  }

  private bad(column: string, value: unknown, expected: string): InputError {
    return this.error(`${shown(column)} is ${shown(value)}; expected ${expected}`, { column, value });
  }

  private noModel({ line, id }: { line: number; id: string }): InputError {
    this.line = line;
    const problem = `no model may answer query ${shown(id)}; expected a <model>__cost in dollars for at least one`;
    return this.error(problem, { id });
  }

  private noColumn(column: string): InputError {
    return new InputError(`${this.name} has no column ${shown(column)}`, { file: this.name, column });
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
    const at = this.options.place === "row" ? `, row ${this.line}` : `:${this.line}`;
    const place = this.line > 0 ? this.name + at : this.name;
    return new InputError(`${place}: ${problem}`, { file: this.name, line: this.line, ...details });
  }
}

/** What a row is called in a file without ids: its number, from 1. */
function rowName(row: number): string {
  return String(row + 1);
}
