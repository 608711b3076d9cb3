import { LEAST_COST, MOST_COST } from "../../../assembly/layout.js";
import { isCost } from "../../decimal.js";
import { InputError } from "../../errors.js";
import { isWellFormed, shown } from "../../text/shown.js";
import type { Dataset } from "../../types.js";
import { BadRows } from "../badRows.js";
import { unreadCost } from "./knownColumns.js";
import { COST_PART, PART_EXPECTED, readParts } from "../costParts.js";
import { ALLOWED_COLUMN, ALLOWED_EXPECTED, AllowedModels } from "./allowed.js";
import type { ScoreChoice } from "../formats/answers/metrics.js";
import { scaleText } from "../formats/answers/scale.js";
import { BAD, isBlank, scoreOn } from "./cell.js";
import { ColumnTastes } from "./columnTastes.js";
import { Conditions } from "./conditions.js";
import { isNumberKind, modelColumn, READ, typedNumber, type Field, type NumberKind } from "./field.js";
import { ROW_LIMIT } from "../limits.js";
import { ModelColumns } from "./modelColumns.js";
import { NamedColumns, textOfQuery } from "./namedColumns.js";
import { Place } from "./place.js";
import { rowName, RowIds } from "./rowIds.js";
import { filled, setText, TextColumns } from "./textColumns.js";
import { VectorColumns } from "./vectorColumns.js";
import { textOf, type Condition } from "../where.js";

/** Which rows, models and columns of a file are kept. */
export interface BuilderOptions {
  /** How errors name a place in the file; default: a line. */
  place?: "line" | "row";
  /** Only these models, in this order; otherwise all, in order of first appearance. */
  models?: string[];
  /** The column of texts, in files that have it. Default: the one that is named `query`, `prompt`, `question` …. */
  queryColumn?: string;
  /** Refuse rows whose `query` is blank. */
  requireText?: boolean;
  /** Refuse a file none of whose rows has a text. */
  needsTexts?: boolean;
  /** The scale of the scores; of other tools' results also which metric is the score. */
  score?: ScoreChoice;
  /** Other columns to keep as text; "all" keeps every one. */
  columns?: readonly string[] | "all";
  /** Costs may be blank or have no column, to be predicted later. Default: if any row has a cost, each must. */
  blankCosts?: boolean;
  /** Columns whose names begin with this text hold the row's vector. Default: there are no vectors. */
  vectorPrefix?: string;
  /** Check the column that declares costs of batches, because it will be used. */
  declaresParts?: boolean;
  /** Say which other columns of a text file may tell kinds of queries apart. */
  suggestsColumns?: boolean;
  /** Only rows that meet all of these. */
  where?: readonly Condition[];
  /** @internal The rows are a part of a table: this is told what the table must know, and checks how many rows are bad. */
  onPart?: (part: PartOfTable) => void;
}

/** What a table must know of rows that are a part of it. */
export interface PartOfTable {
  /** Rows that could be read, also those that do not meet the conditions. */
  rows: number;
  /** Rows that could not. */
  bad: BadRows;
  /** Whether the rows have ids of their own. */
  areNamed: boolean;
  /** Models without a column of costs, whose tokens are the only thing that may tell what they cost. */
  withoutCosts: string[];
}

/** Collects checked rows into a `Dataset`. Every error names the file and, where it has one, the line. */
export class DatasetBuilder {
  /** About how many rows there will be; 0 while unknown. A good guess saves copies of the matrices. */
  expectedRows = 0;
  /** Rows that the conditions left out. */
  dropped = 0;
  /** Sentences about the file, with how often each holds. */
  readonly notes = new Map<string, number>();
  /** Rows so far. */
  private count = 0;
  private readonly place: Place;
  /** Values that every row of the file has, and the row at which the file begins. */
  private constants: readonly { field: Field; value: string }[] = [];
  private firstRow = 0;
  private readonly ids: RowIds;
  /** Up to the last row that has a text. */
  private readonly queries: string[] = [];
  private readonly named: NamedColumns;
  private readonly models: ModelColumns;
  private readonly matrices: ModelColumns["matrices"];
  private readonly texts: TextColumns;
  private readonly vectors = new VectorColumns();
  private readonly tastes = new ColumnTastes();
  private readonly allowed = new AllowedModels();
  private readonly conditions: Conditions;
  /** The first row that no model may answer; an error once the file is known to have costs. */
  private unanswerable: { line: number; id: string } | undefined;

  private readonly score: { numberOf: (value: unknown) => number; expected: string };
  private id: string | undefined;
  private query = "";
  private lastPart = "";
  /** What is wrong with a value of the row, while it is open whether the conditions leave the row out. */
  private fault: InputError | undefined;

  constructor(
    file: string,
    private readonly options: BuilderOptions = {},
    /** What happens to rows that cannot be read. */
    private readonly bad = new BadRows(),
  ) {
    this.place = new Place(file, options.place);
    this.named = new NamedColumns(options.queryColumn);
    const scale = options.score?.scale;
    this.score =
      scale === undefined
        ? READ.score
        : { numberOf: scoreOn(scale), expected: `${scaleText(scale)}, true, false, or blank` };
    this.ids = new RowIds(this.place);
    this.models = new ModelColumns(this.place, options.models, (rows) =>
      this.expectedRows > rows ? Math.min(this.expectedRows, ROW_LIMIT) : 2 * rows,
    );
    this.matrices = this.models.matrices;
    this.texts = new TextColumns(this.place, options.columns);
    this.conditions = new Conditions(options.where);
  }

  get rows(): number {
    return this.count;
  }

  /** The models that each row allows, undefined for all; undefined if every row allows all. */
  get allowedModels(): (readonly string[] | undefined)[] | undefined {
    return this.allowed.ofRows(this.count);
  }

  /** See `ModelColumns`. */
  get modelsWithoutCosts(): string[] {
    return this.models.withoutCosts;
  }

  /** Columns that may tell kinds of queries apart, in a sentence. */
  get suggestion(): string | undefined {
    return this.tastes.suggestion();
  }

  /** Says how often something holds of the file. */
  note(what: string, times = 1): void {
    this.notes.set(what, (this.notes.get(what) ?? 0) + times);
  }

  /** Begins the next file of a table. `constants`: values of columns that its rows lack. */
  startPart(file: string, unit: "line" | "row", constants: ReadonlyMap<string, string>): void {
    this.place.startPart(file, unit);
    this.firstRow = this.count;
    this.setConstants(constants);
  }

  /** Gives every further row of the file these values, of columns that it lacks. */
  setConstants(constants: ReadonlyMap<string, string>): void {
    this.constants = [...constants].map(([name, value]) => ({ field: this.field(name), value }));
  }

  /** The file's columns as far as they are known, before `field` is asked for them. */
  announce(columns: readonly string[]): void {
    this.named.announce(columns);
  }

  /** What a column of this name means; a new model is added. */
  field(name: string): Field {
    const field = this.plainField(name);
    const texts = this.texts.listFor(name, field.kind);
    const conditions = this.conditions.on(name);
    if (texts) field.texts = texts;
    if (conditions.length > 0) field.conditions = conditions;
    if (this.options.suggestsColumns && field.kind === "ignored") field.taste = this.tastes.of(name);
    return field;
  }

  startRow(line: number): void {
    this.place.line = line;
    this.id = undefined;
    this.query = "";
    this.fault = undefined;
    this.conditions.startRow();
    this.tastes.startRow(this.count);
    for (const { field, value } of this.constants) this.put(field, value);
  }

  /** One value of the row: the text of a CSV cell or any JSON value. */
  put(field: Field, value: unknown): void {
    if (field.conditions) for (const i of field.conditions) this.conditions.set(i, value);
    if (this.conditions.areNone) return this.take(field, value);
    try {
      this.take(field, value);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.fault ??= error;
    }
  }

  private take(field: Field, value: unknown): void {
    const { kind, name, index } = field;
    if (kind === "id") this.id = this.ids.parse(value);
    else if (kind === "query") this.query = this.queryOf(name, value);
    else if (kind === "allowed") {
      if (!this.allowed.set(this.count, value)) throw this.place.wrongValue(name, value, ALLOWED_EXPECTED);
    } else if (kind === "vector") {
      if (!this.vectors.set(this.count, index, value)) throw this.place.wrongValue(name, value, "a number");
    } else if (kind === "part") {
      if (!this.isPart(value)) throw this.place.wrongValue(name, value, PART_EXPECTED);
    } else if (kind === "ignored") field.taste?.add(value);
    else {
      const { numberOf, expected } = kind === "score" ? this.score : READ[kind];
      const number = numberOf(value);
      if (number === BAD) throw this.place.wrongValue(name, value, expected);
      if (!Number.isFinite(number) && typeof value === "string") this.noteBlank(value);
      this.matrices[kind].set(this.count, index, number);
    }
    if (field.texts) setText(field.texts, this.count, value);
  }

  /** Whether a text declares parts of prices. Most rows have that of the row before. */
  private isPart(value: unknown): boolean {
    const text = textOf(value);
    if (text === this.lastPart) return true;
    if (readParts(text) === undefined) return false;
    this.lastPart = text;
    return true;
  }

  /** Tells of words that stand for a blank cell. */
  private noteBlank(value: string): void {
    const word = value.trim();
    if (word !== "" && isBlank(word)) this.note(`${/^nan$/i.test(word) ? "NaN" : word} read as blank`);
  }

  /** A value ≥ 0 of a score or cost, NaN where blank; false, and nothing is put, where `put` would refuse it. */
  putNumber(field: Field, value: number): boolean {
    if (field.kind === "score") {
      if (value > 1 || this.options.score?.scale !== undefined) return false;
      this.matrices.score.set(this.count, field.index, value);
    } else {
      if (value >= 0 && !isCost(value)) return false;
      this.matrices.cost.set(this.count, field.index, value >= 0 ? value : Infinity);
    }
    return true;
  }

  /** Whether `putColumn` may take the whole column, ahead of the rows. */
  takesColumn({ kind, texts, conditions }: Field): boolean {
    const isScaled = kind === "score" && this.options.score?.scale !== undefined;
    const isPlain = !isScaled && !texts && !conditions && this.conditions.areNone;
    return isNumberKind(kind) && isPlain && !this.bad.areSkipped;
  }

  /** Whether a column is kept only because all are. */
  isOptional({ kind, conditions }: Field): boolean {
    return kind === "ignored" && conditions === undefined && this.options.columns === "all";
  }

  /**
   * Values of a column for rows that follow: the first is `ahead` rows after the next to be ended. Blank: null,
   * undefined or NaN.
   */
  putColumn(field: Field, values: ArrayLike<unknown>, ahead: number): void {
    const kind = field.kind as NumberKind;
    const matrix = this.matrices[kind];
    const first = this.count + ahead;
    const most = kind === "score" ? 1 : kind === "cost" ? MOST_COST : 2 ** 53;
    const least = kind === "cost" ? LEAST_COST : 0;
    for (let i = 0; i < values.length; i++) {
      if (values instanceof Float64Array) {
        i = matrix.setColumn(first, field.index, values, i, least, most);
        if (i === values.length) return;
      }
      const value = values[i];
      const number = typedNumber(kind, value);
      this.place.line = first - this.firstRow + i + 1;
      if (number === BAD) {
        const found = typeof value === "bigint" ? Number(value) : value;
        this.bad.add(this.place.wrongValue(field.name, found, READ[kind].expected));
      }
      matrix.set(first + i, field.index, number);
    }
  }

  endRow(): void {
    const { fault } = this;
    this.fault = undefined;
    if (!this.conditions.areMet()) return this.dropRow();
    if (fault) throw fault;
    const { id, query, count } = this;
    if (this.options.requireText && query.trim() === "")
      throw this.place.error("query is blank; expected the text to be answered", { column: "query" });
    this.checkCosts();
    this.ids.check(id);
    this.ids.add(id);
    this.allowed.endRow();
    if (query !== "") setText(this.queries, count, query);
    this.count++;
  }

  /**
   * Leaves out the row that was begun, or would have been, and counts why. `rows`: how many it may have held. Throws what
   * `BadRows` does.
   */
  skipRow(error: unknown, rows = 1): void {
    this.bad.add(error, rows);
    this.ids.skip();
    this.clearRow();
  }

  finish(): Dataset {
    const { count, place } = this;
    const { blankCosts, vectorPrefix, onPart } = this.options;
    const rows = count + this.dropped;
    if (onPart === undefined) this.bad.check(place.file, rows);
    else onPart({ rows, bad: this.bad, areNamed: this.ids.areNamed, withoutCosts: this.modelsWithoutCosts });
    const missing = this.conditions.missing(place.file);
    if (missing) throw missing;
    if (count === 0) throw this.noRows();
    if (!blankCosts) this.models.checkFound(() => this.named.columns());
    const ids = this.ids.pack();
    const queries = filled(this.queries, count);
    this.named.check(queries, place.file, this.options.needsTexts === true, (what, times) =>
      this.note(what, times),
    );
    const dataset: Dataset = { ids, queries, ...this.models.pack(count) };
    this.forbid(dataset);
    const allowedModels = blankCosts ? this.allowedModels : undefined;
    if (allowedModels) dataset.allowedModels = allowedModels;
    if (vectorPrefix !== undefined) dataset.vectors = this.vectors.pack(ids, place.file, vectorPrefix);
    const columns = this.texts.pack(count);
    if (columns) dataset.columns = columns;
    return dataset;
  }

  private plainField(name: string): Field {
    const named = this.named.kindOf(name);
    if (named !== undefined) return { name, kind: named, index: -1 };
    if (name === COST_PART && this.options.declaresParts) return { name, kind: "part", index: -1 };
    if (name === ALLOWED_COLUMN) return { name, kind: "allowed", index: -1 };
    const { vectorPrefix } = this.options;
    if (vectorPrefix !== undefined && name.startsWith(vectorPrefix))
      return { name, kind: "vector", index: this.vectors.add(name) };
    const column = modelColumn(name);
    if (column === undefined) {
      const unread = name === COST_PART ? undefined : unreadCost(name);
      if (unread !== undefined) this.note(unread);
      return { name, kind: "ignored", index: -1 };
    }
    const { model, kind, suffix } = column;
    if (model.trim() === "")
      throw this.place.error(`column ${shown(name)} names no model; expected <model>${suffix}`);
    if (!isWellFormed(model))
      throw this.place.error(`column ${shown(name)} has half of a surrogate pair in its name`);
    const index = this.models.indexOf(model, kind);
    return index === undefined ? { name, kind: "ignored", index: -1 } : { name, kind, index };
  }

  private queryOf(name: string, value: unknown): string {
    const text = textOfQuery(name, value);
    if (text === undefined) throw this.place.wrongValue(name, value, "text or a list of messages");
    return text;
  }

  private dropRow(): void {
    this.dropped++;
    this.clearRow();
  }

  private clearRow(): void {
    this.models.clear(this.count);
    this.vectors.clear(this.count);
    this.texts.clear(this.count);
    this.allowed.dropRow();
  }

  /** Applies the rows' lists of allowed models to their costs. */
  private forbid({ ids, models, cost }: Dataset): void {
    const { blankCosts } = this.options;
    const isPartial = this.options.models !== undefined || blankCosts === true;
    const row = this.allowed.forbid(cost, models, this.place.file, isPartial);
    if (row === undefined || !this.models.hasCost || blankCosts) return;
    this.place.line = 0;
    const problem = `${ALLOWED_COLUMN} of query ${shown(ids[row])} leaves no model with a cost`;
    throw this.place.error(problem, { id: ids[row] });
  }

  /** Refuses this row, or one before, if no model may answer it though the file has costs. */
  private checkCosts(): void {
    const { place, count } = this;
    if (this.unanswerable === undefined && this.matrices.cost.isAnyFinite(count)) return;
    const id = this.id ?? rowName(count);
    const isRefused = this.models.hasCost && !this.options.blankCosts;
    const refuse = (query: string, details: Record<string, unknown>): InputError =>
      place.error(
        `no model may answer query ${shown(query)}; expected a <model>__cost in dollars for at least one`,
        { id: query, ...details },
      );
    if (isRefused && this.unanswerable) {
      place.line = this.unanswerable.line;
      throw refuse(this.unanswerable.id, { isOfFile: true });
    }
    if (this.matrices.cost.isAnyFinite(count)) return;
    if (isRefused) throw refuse(id, {});
    this.unanswerable ??= { line: place.line, id };
  }

  private noRows(): InputError {
    const { file, line } = this.place;
    const areUnmet = !this.conditions.areNone && line > 0;
    const problem = areUnmet ? "no row that meets the conditions" : "no rows";
    return new InputError(`${file} has ${problem}`, { file, areUnmet });
  }
}
