import { createHash } from "node:crypto";
import { MAX_MODELS } from "../../../assembly/layout.js";
import { InputError } from "../../errors.js";
import { COST_RANGE, isCost, tidy } from "../../decimal.js";
import type { Costs, Dataset } from "../../types.js";
import type { PriceCall } from "../../prices/call.js";
import type { Usage } from "../../prices/usage.js";
import { shown } from "../../text/shown.js";
import { ROW_LIMIT } from "../limits.js";
import { noColumn, noModel } from "../builder/place.js";
import { meets, textOf, type Condition } from "../where.js";
import { field, type Row } from "./values.js";
import { sharedDoubles, sharedFloats } from "../../memory.js";

/** One model's answer to one query, as a record has it. */
export interface Observation {
  /** `key` identifies the query across records. */
  query: { key: string; id?: string; text?: string };
  /** Identifies the model across records. `modelName` is shown instead, if given. */
  model: string;
  modelName?: string;
  /** The model name used for pricing; default: the name that is shown. */
  pricedAs?: string;
  /** 0 … 1; undefined: not labelled. */
  score?: number;
  /** Dollars; undefined: not recorded, so priced from `usage` if it can be. */
  cost?: number;
  usage?: Usage;
  /** Other properties of the query, such as its task, kept as columns. */
  columns?: Record<string, string | undefined>;
}

export interface ObservationOptions {
  models?: string[];
  columns?: readonly string[] | "all";
  where?: readonly Condition[];
  requireText?: boolean;
  price?: PriceCall;
}

/** What was read and what was not. */
export interface ImportCounts {
  /** Number of records read. */
  rows: number;
  /** Records that were not used at all, by reason. */
  skipped: Map<string, number>;
  /** Records that were used in part, by what was missing. */
  notes: Map<string, number>;
  /** Answers whose cost was not recorded but computed from their tokens. */
  priced: number;
}

const REASON_LIMIT = 1000;

/** Sums over the records of one query and model. */
interface Cells {
  score: Sums;
  cost: Sums;
  input: Sums;
  output: Sums;
}

/** Gathers observations in long form into a `Dataset`: repeats of a query and model are averaged. */
export class Observations {
  readonly counts: ImportCounts = { rows: 0, skipped: new Map(), notes: new Map(), priced: 0 };
  private readonly rowOf = new Map<string, number>();
  private readonly ids: (string | undefined)[] = [];
  private readonly queries: string[] = [];
  private readonly models = new Map<string, { name: string; cells: Cells }>();
  private readonly columns = new Map<string, string[]>();
  private readonly isConditionFound: boolean[];
  private readonly firsts = new Map<string, string>();
  /** Observations whose cost is not known. */
  private withoutCost = 0;
  private hasCost = false;
  private hasUsage = false;
  private place = "";
  private row: Row = {};

  constructor(
    private readonly name: string,
    private readonly options: ObservationOptions = {},
  ) {
    this.isConditionFound = (options.where ?? []).map(() => false);
    const { columns } = options;
    if (columns !== undefined && columns !== "all")
      for (const column of columns) this.columns.set(column, []);
  }

  /** Begins a record; false if the conditions leave it out. `place` is for errors. */
  begin(row: Row, place: string): boolean {
    this.row = row;
    this.place = place;
    this.counts.rows++;
    const isMet = (this.options.where ?? []).every((condition, i) => {
      const value = valueAt(row, condition.column);
      if (value !== undefined) this.isConditionFound[i] = true;
      return meets(condition, value);
    });
    if (!isMet) this.skip("does not meet the conditions");
    return isMet;
  }

  /** Counts the record as left out. */
  skip(reason: string): void {
    count(this.counts.skipped, reason);
  }

  /** Counts a whole file as left out, because it has another format. */
  skipFile(): void {
    this.counts.rows++;
    this.skip("file of another format");
  }

  /** Counts the record as used in part. */
  note(reason: string): void {
    count(this.counts.notes, reason);
  }

  /** Refuses the record: it does not match the format. */
  fail(problem: string): never {
    throw new InputError(`${this.place}: ${problem}`, { file: this.name, place: this.place });
  }

  /** Adds the query if it is new, without an observation. Returns its row. */
  query({ key, id, text }: Observation["query"], columns: Observation["columns"] = {}): number {
    let row = this.rowOf.get(key);
    if (row === undefined) {
      row = this.ids.length;
      if (row === ROW_LIMIT) this.fail(`more than ${ROW_LIMIT} queries; split the file`);
      this.rowOf.set(key, row);
      this.ids.push(id);
      this.queries.push(text ?? "");
      this.keepColumns(row, columns);
    } else if (this.queries[row] === "" && text !== undefined) this.queries[row] = text;
    return row;
  }

  observe({ query, model, modelName = model, ...rest }: Observation): void {
    const { score, cost, usage, pricedAs = modelName } = rest;
    const { models, price } = this.options;
    const row = this.query(query, rest.columns);
    const { cells } = this.model(model, modelName);
    if (score !== undefined) {
      if (!(score >= 0 && score <= 1)) this.fail(`score is ${score}; expected 0 … 1`);
      cells.score.add(row, score);
    }
    if (usage) {
      this.hasUsage = true;
      if (usage.input >= 0) cells.input.add(row, usage.input);
      if (usage.output >= 0) cells.output.add(row, usage.output);
    }
    if (models && !models.includes(modelName)) return;
    const computed = cost === undefined && usage ? price?.(pricedAs, usage) : undefined;
    if (computed !== undefined) this.counts.priced++;
    const dollars = cost ?? computed;
    if (dollars === undefined && usage && price)
      this.note(`no price for the tokens of model ${shown(pricedAs)}: cost left blank`);
    else if (dollars === undefined) this.withoutCost++;
    else if (!isCost(dollars)) this.fail(`cost is ${dollars}; expected ${COST_RANGE}`);
    else {
      cells.cost.add(row, dollars);
      this.hasCost = true;
    }
  }

  /** The value given by the first call with this key. */
  once(key: string, value: string): string {
    const first = this.firsts.get(key) ?? value;
    this.firsts.set(key, first);
    return first;
  }

  isNew(key: string): boolean {
    return !this.rowOf.has(key);
  }

  finish(): Dataset {
    for (const [i, isFound] of this.isConditionFound.entries())
      if (!isFound && this.counts.rows > 0) throw noColumn(this.name, this.options.where![i].column);
    const rows = this.ids.length;
    const blank = this.options.requireText ? this.queries.findIndex((text) => text.trim() === "") : -1;
    if (blank >= 0)
      throw new InputError(`${this.name}: query ${shown(this.ids[blank])} has no text`, { file: this.name });
    if (rows === 0)
      throw new InputError(`${this.name} has no rows to use${this.reasons()}`, { file: this.name });
    // A file with neither costs nor tokens is a labelled sample, and needs none.
    if ((this.hasCost || this.hasUsage) && this.withoutCost > 0)
      this.counts.notes.set("neither cost nor tokens: cost left blank", this.withoutCost);
    const chosen = this.chosenModels();
    const options = rows * chosen.length;
    const mean = <C extends Costs>(kind: keyof Cells, blank: number, matrix: C): C => {
      chosen.forEach(({ cells }, m) => {
        for (let row = 0; row < rows; row++)
          matrix[row * chosen.length + m] = tidy(cells[kind].mean(row, blank));
      });
      return matrix;
    };
    const dataset: Dataset = {
      ids: uniqueNames(this.ids.map((id, row) => id ?? String(row + 1))),
      queries: this.queries,
      models: chosen.map(({ name }) => name),
      cost: mean("cost", Infinity, sharedDoubles(options)),
      outcome: mean("score", NaN, sharedFloats(options)),
    };
    const hasTokens = chosen.some(({ cells }) => !cells.input.isEmpty || !cells.output.isEmpty);
    if (hasTokens) {
      const tokens = (kind: "input" | "output") => mean(kind, NaN, sharedFloats(options));
      dataset.tokens = { input: tokens("input"), output: tokens("output") };
    }
    const { columns = [] } = this.options;
    if (columns === "all" || columns.length > 0) {
      for (const texts of this.columns.values()) while (texts.length < rows) texts.push("");
      dataset.columns = this.columns;
    }
    return dataset;
  }

  private chosenModels(): { name: string; cells: Cells }[] {
    const found = [...this.models.values()];
    const names = uniqueNames(found.map(({ name }) => name));
    const all = found.map(({ cells }, m) => ({ name: names[m], cells }));
    return (
      this.options.models?.map((wanted) => {
        const model = all.find(({ name }) => name === wanted);
        if (model || all.length === 0) return model ?? { name: wanted, cells: emptyCells() };
        throw noModel(this.name, wanted, names);
      }) ?? all
    );
  }

  private model(key: string, name: string): { cells: Cells } {
    let model = this.models.get(key);
    if (!model) {
      if (this.models.size === MAX_MODELS) this.fail(`more than ${MAX_MODELS} models`);
      model = { name, cells: emptyCells() };
      this.models.set(key, model);
    }
    return model;
  }

  private keepColumns(row: number, natural: Record<string, string | undefined>): void {
    if (this.options.columns === "all")
      for (const column of Object.keys(natural)) if (!this.columns.has(column)) this.columns.set(column, []);
    for (const [column, texts] of this.columns) {
      while (texts.length < row) texts.push("");
      const own = Object.hasOwn(natural, column) ? natural[column] : undefined;
      texts[row] = own ?? textOf(valueAt(this.row, column));
    }
  }

  private reasons(): string {
    const { skipped } = this.counts;
    if (skipped.size === 0) return "";
    return ` (${[...skipped]
      .slice(0, 3)
      .map(([reason, times]) => `${times} ${reason}`)
      .join("; ")})`;
  }
}

/** Sums and counts that grow with the rows. */
class Sums {
  isEmpty = true;
  private sums = new Float64Array(0);
  private counts = new Uint32Array(0);

  add(row: number, value: number): void {
    this.isEmpty = false;
    if (row >= this.sums.length) {
      const length = Math.max(1024, 2 * row);
      this.sums = grown(this.sums, new Float64Array(length));
      this.counts = grown(this.counts, new Uint32Array(length));
    }
    this.sums[row] += value;
    this.counts[row]++;
  }

  mean(row: number, blank: number): number {
    const times = this.counts[row] ?? 0;
    return times === 0 ? blank : this.sums[row] / times;
  }
}

function grown<T extends Float64Array | Uint32Array>(before: T, after: T): T {
  after.set(before);
  return after;
}

function emptyCells(): Cells {
  return { score: new Sums(), cost: new Sums(), input: new Sums(), output: new Sums() };
}

/** A short name for a long key, so that texts are not kept twice. */
export function digest(...parts: string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("base64url").slice(0, 22);
}

/** The value of a column: a key, or keys joined by dots. */
function valueAt(row: Row, column: string): unknown {
  const own = field(row, column);
  return own !== undefined || !column.includes(".") ? own : column.split(".").reduce<unknown>(field, row);
}

/** The same names, a repeated one followed by #2, #3, …. */
function uniqueNames(names: string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const next = new Map<string, number>();
  return names.map((name) => {
    let unique = name;
    for (let k = next.get(name) ?? 2; seen.has(unique); k++) {
      const other = `${name}#${k}`;
      if (!taken.has(other)) unique = other;
      next.set(name, k + 1);
      taken.add(other);
    }
    seen.add(unique);
    return unique;
  });
}

function count(counts: Map<string, number>, reason: string): void {
  const key = counts.has(reason) || counts.size < REASON_LIMIT ? reason : "other reasons";
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
