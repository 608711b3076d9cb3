import { createHash } from "node:crypto";
import { MAX_MODELS } from "../../../assembly/layout.js";
import { InputError } from "../../errors.js";
import { COST_RANGE, isCost, tidy } from "../../decimal.js";
import type { Costs, Dataset } from "../../types.js";
import type { PriceCall } from "../../prices/call.js";
import { armOf } from "../../prices/table.js";
import type { GivenPrices } from "../../prices/given.js";
import type { Usage } from "../../prices/usage.js";
import { someOf } from "../../text/names.js";
import { shown } from "../../text/shown.js";
import { uniqueNames } from "../../text/uniqueNames.js";
import { BadRows } from "../badRows.js";
import { ROW_LIMIT } from "../limits.js";
import { noTexts } from "../builder/namedColumns.js";
import { noColumn, noModel } from "../builder/place.js";
import { meets, textOf, type Condition } from "../where.js";
import { field, type Row } from "./values.js";
import { sharedDoubles, sharedFloats } from "../../memory.js";
import { AnswerLog, COST, INPUT, OUTPUT, SCORE, type CellSums } from "./answers/answerLog.js";
import { Metrics, type Candidate, type ScoreChoice, type TakenScore } from "./answers/metrics.js";
import { columnsOf, type Settings, type Variant } from "./answers/modelNames.js";
import { onScale, type Scale } from "./answers/scale.js";

/** One model's answer to one query, as a record has it. */
export interface Observation {
  /** `key` identifies the query across records. */
  query: { key: string; id?: string; text?: string };
  /** Identifies the model across records. `modelName` is shown instead, if given. */
  model: string;
  modelName?: string;
  /** What tells configurations of the model apart; they are models of their own. */
  settings?: Settings;
  /** The model name used for pricing; default: the name that is shown. */
  pricedAs?: string;
  /** A score of 0 … 1; undefined: not labelled. */
  score?: number;
  /** In place of `score`: values on any scale, one of which becomes the score, the same one for the whole task. */
  candidates?: readonly Candidate[];
  /** The task for which metric and scale are chosen; default: all records are of one task. */
  task?: string;
  /** Dollars; undefined: not recorded, so priced from `usage` if it can be. */
  cost?: number;
  usage?: Usage;
  /** Counted where `cost` is taken though there are tokens. */
  costNote?: string;
  /** Other properties of the query, such as its task, kept as columns. */
  columns?: Record<string, string | undefined>;
}

export interface ObservationOptions {
  models?: string[];
  columns?: readonly string[] | "all";
  where?: readonly Condition[];
  requireText?: boolean;
  needsTexts?: boolean;
  queryColumn?: string;
  price?: PriceCall;
  given?: GivenPrices;
  score?: ScoreChoice;
  /** Rows to be answered: their scores are not needed. */
  blankCosts?: boolean;
  /** Answers of a batch are priced as live ones. */
  atLivePrices?: boolean;
  /** What happens to records that cannot be read; default: they are refused. */
  bad?: BadRows;
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
  /** Models with tokens whose price is not known. */
  unpriced: Set<string>;
  /** Sentences that say which metric became the score, and on which scale. */
  taken: string[];
}

const REASON_LIMIT = 1000;
/** Models and their settings, before they are told apart. */
const VARIANT_LIMIT = 2 ** 15;

/** Gathers observations in long form into a `Dataset`. Several answers of a model to a query are averaged, which a note says. */
export class Observations {
  readonly counts: ImportCounts = {
    rows: 0,
    skipped: new Map(),
    notes: new Map(),
    priced: 0,
    unpriced: new Set(),
    taken: [],
  };
  private readonly rowOf = new Map<string, number>();
  private readonly ids: (string | undefined)[] = [];
  private readonly queries: string[] = [];
  private readonly leftOut = new Set<string>();
  private readonly log = new AnswerLog();
  private readonly metrics: Metrics;
  private readonly variants: Variant[] = [];
  private readonly variantOf = new Map<string, number>();
  private readonly bases = new Set<string>();
  private readonly tasks: string[] = [];
  private readonly indexOfTask = new Map<string, number>();
  /** The task of each query. */
  private readonly taskOf: number[] = [];
  private readonly columns = new Map<string, string[]>();
  private readonly isConditionFound: boolean[];
  private readonly firsts = new Map<string, string>();
  private readonly times = new Map<string, number>();
  /** Observations whose cost is not known. */
  private withoutCost = 0;
  private hasCost = false;
  private hasUsage = false;
  private readonly bad: BadRows;
  private place = "";
  private row: Row = {};
  /** What the record shows so far: all of it counts, or nothing. */
  private readonly observed: Observation[] = [];
  /** Values that every row of the file has, where its own lack them. */
  private constants: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly name: string,
    private readonly options: ObservationOptions = {},
  ) {
    this.isConditionFound = (options.where ?? []).map(() => false);
    this.metrics = new Metrics(name, options.score);
    this.bad = options.bad ?? new BadRows();
    const { columns } = options;
    if (columns !== undefined && columns !== "all")
      for (const column of columns) this.columns.set(column, []);
  }

  /** Begins the next file of a table. */
  startPart(constants: ReadonlyMap<string, string>): void {
    this.constants = constants;
  }

  /** Hands a record to `read`, unless the conditions leave it out. `place` is for errors. */
  take(row: Row, place: string, read: () => void): void {
    this.observed.length = 0;
    try {
      if (!this.begin(row, place)) return;
      read();
    } catch (error) {
      this.counts.rows--;
      return this.skipRow(error);
    }
    for (const observation of this.observed) this.add(observation);
  }

  /** Counts a record that cannot be read, or throws what is wrong with it. */
  skipRow(error: unknown, rows = 1): void {
    this.bad.add(error, rows);
  }

  /** Begins a record; false if the conditions leave it out. */
  private begin(row: Row, place: string): boolean {
    for (const [key, value] of this.constants)
      if (!Object.hasOwn(row, key))
        Object.defineProperty(row, key, { value, enumerable: true, configurable: true });
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

  /** Counts a whole file as left out. */
  skipFile(reason = "file of another format"): void {
    this.counts.rows++;
    this.skip(reason);
  }

  /** Keys at the top of a record that conditions and kept columns need. */
  get columnsRead(): string[] {
    const { columns = [], where = [] } = this.options;
    const names = [...(columns === "all" ? [] : columns), ...where.map(({ column }) => column)];
    return names.flatMap((name) => [name, name.split(".")[0]]);
  }

  /** The options that choose the score. */
  get choice(): ScoreChoice {
    return this.options.score ?? {};
  }

  /** The column of texts that was asked for. */
  get queryColumn(): string | undefined {
    return this.options.queryColumn;
  }

  /** Counts the record as used in part. */
  note(reason: string, times = 1): void {
    count(this.counts.notes, reason, times);
  }

  /** Refuses the record: it does not match the format. */
  fail(problem: string, details: Record<string, unknown> = {}): never {
    throw new InputError(`${this.place}: ${problem}`, { file: this.name, place: this.place, ...details });
  }

  /** Adds the query if it is new, without an observation. Returns its row. */
  query({ key, id, text }: Observation["query"], columns: Observation["columns"] = {}): number {
    let row = this.rowOf.get(key);
    if (row === undefined) {
      row = this.ids.length;
      if (row === ROW_LIMIT) this.fail(`more than ${ROW_LIMIT} queries; split the file`, { isOfFile: true });
      this.rowOf.set(key, row);
      this.ids.push(id);
      this.queries.push(text ?? "");
      this.keepColumns(row, columns);
    } else if (this.queries[row] === "" && text !== undefined) this.queries[row] = text;
    return row;
  }

  /** Adds an observation, once the whole record is read. */
  observe(observation: Observation): void {
    const { score, cost } = observation;
    if (score !== undefined && !(score >= 0 && score <= 1)) this.fail(`score is ${score}; expected 0 … 1`);
    if (cost !== undefined && !isCost(cost) && this.needsCost(observation))
      this.fail(`cost is ${cost}; expected ${COST_RANGE}`);
    this.observed.push(observation);
  }

  /** Whether the recorded cost is what the model's answer costs. */
  private needsCost({ model, modelName = model, pricedAs = modelName }: Observation): boolean {
    return this.isWanted(modelName) && this.options.given?.has(pricedAs, modelName) !== true;
  }

  private isWanted(modelName: string): boolean {
    const { models } = this.options;
    return models === undefined || models.some((name) => name.startsWith(modelName));
  }

  private add(observation: Observation): void {
    const { query, model, modelName = model, score, cost, task = "" } = observation;
    const usage = this.counted(observation.usage);
    const { price, given, atLivePrices } = this.options;
    const recorded = observation.pricedAs ?? modelName;
    // Only a name of the file's own may be that of a batch.
    const pricedAs = atLivePrices && recorded !== modelName ? armOf(recorded).model : recorded;
    if (this.leftOut.has(model)) return;
    const row = this.query(query, observation.columns);
    const variant = this.variant(observation, modelName);
    const candidates =
      observation.candidates ?? (score === undefined ? [] : [{ name: "score", value: score }]);
    if (candidates.length > 0) this.addScores(row, variant, task, candidates);
    if (usage) {
      this.hasUsage = true;
      if (usage.input >= 0) this.log.add(row, variant, INPUT, usage.input);
      if (usage.output >= 0) this.log.add(row, variant, OUTPUT, usage.output);
    }
    if (!this.isWanted(modelName)) return;
    let computed = given?.cost([pricedAs, modelName], usage);
    if (computed === undefined && cost === undefined && usage) computed = price?.(pricedAs, usage);
    if (computed !== undefined) this.counts.priced++;
    const dollars = computed ?? cost;
    if (observation.costNote !== undefined && usage && cost !== undefined && computed === undefined)
      this.note(observation.costNote);
    if (dollars === undefined && usage && price) {
      this.note(`no price for the tokens of model ${shown(pricedAs)}: cost left blank`);
      if (this.counts.unpriced.size < REASON_LIMIT) this.counts.unpriced.add(pricedAs);
    } else if (dollars === undefined) this.withoutCost++;
    else if (!isCost(dollars)) this.fail(`cost is ${dollars}; expected ${COST_RANGE}`);
    else {
      this.log.add(row, variant, COST, dollars);
      this.hasCost = true;
    }
  }

  /** Every call has tokens: where none were counted, nothing is known of them. */
  private counted(usage: Usage | undefined): Usage | undefined {
    if (usage === undefined || usage.input !== 0 || usage.output !== 0) return usage;
    this.note("no tokens counted (0 of input and output): they are unknown");
    return undefined;
  }

  /** Forgets a model, which turned out to be none. */
  leaveOut(model: string, reason: string): void {
    if (this.leftOut.has(model) || this.leftOut.size > MAX_MODELS) return;
    this.leftOut.add(model);
    if (this.bases.has(model)) this.note(`${reason}: ${shown(model)}`);
  }

  /** The value given by the first call with this key. */
  once(key: string, value: string): string {
    const first = this.firsts.get(key) ?? value;
    this.firsts.set(key, first);
    return first;
  }

  /** What the first call of `once` with this key gave. */
  recall(key: string): string | undefined {
    return this.firsts.get(key);
  }

  /** Adds scores to an answer that was observed before. */
  label(key: string, model: string, candidates: readonly Candidate[]): void {
    const row = this.rowOf.get(key);
    const variant = this.variantOf.get(model);
    if (row === undefined || variant === undefined || candidates.length === 0) return;
    const isFirst = this.before(`scores of ${key}`) === 0;
    this.addScores(row, variant, "", candidates, isFirst);
  }

  /** How many calls with this key there were before. */
  before(key: string): number {
    const times = this.times.get(key) ?? 0;
    this.times.set(key, times + 1);
    return times;
  }

  isNew(key: string): boolean {
    return !this.rowOf.has(key);
  }

  finish(): Dataset {
    this.bad.check(this.name, this.counts.rows);
    for (const [i, isFound] of this.isConditionFound.entries())
      if (!isFound && this.counts.rows > 0) throw noColumn(this.name, this.options.where![i].column);
    const rows = this.ids.length;
    const blank = this.options.requireText ? this.queries.findIndex((text) => text.trim() === "") : -1;
    if (blank >= 0)
      throw new InputError(`${this.name}: query ${shown(this.ids[blank])} has no text`, { file: this.name });
    const isTextless = rows > 0 && this.queries.every((text) => text.trim() === "");
    if (isTextless && this.options.needsTexts === true) throw noTexts(this.name, "no record has one");
    if (rows === 0)
      throw new InputError(`${this.name} has no rows to use${this.reasons()}`, { file: this.name });
    // A file with neither costs nor tokens is a labelled sample, and needs none.
    if ((this.hasCost || this.hasUsage) && this.withoutCost > 0)
      this.counts.notes.set("neither cost nor tokens: cost left blank", this.withoutCost);
    const { models, columnOf } = this.chosenModels();
    const taken = this.takenScores();
    const kindOf = (row: number): number => {
      const metric = taken[this.taskOf[row] ?? -1]?.metric ?? -1;
      return metric < 0 ? -1 : SCORE + metric;
    };
    const sums = (kind: (row: number) => number): CellSums =>
      this.log.sums(rows, models.length, columnOf, kind);
    const scores = sums(kindOf);
    this.noteRepeats(scores, models);
    const options = rows * models.length;
    const mean = <C extends Costs>(kind: number, blank: number, matrix: C): C =>
      means(
        sums(() => kind),
        blank,
        matrix,
      );
    const dataset: Dataset = {
      ids: uniqueNames(this.ids.map((id, row) => id ?? String(row + 1))),
      queries: this.queries,
      models,
      cost: mean(COST, Infinity, sharedDoubles(options)),
      outcome: scoreMeans(scores, (i) => taken[this.taskOf[Math.floor(i / models.length)]].scale),
    };
    if (this.log.has(INPUT) || this.log.has(OUTPUT))
      dataset.tokens = {
        input: mean(INPUT, NaN, sharedFloats(options)),
        output: mean(OUTPUT, NaN, sharedFloats(options)),
      };
    const { columns = [] } = this.options;
    if (columns === "all" || columns.length > 0) {
      for (const texts of this.columns.values()) while (texts.length < rows) texts.push("");
      dataset.columns = this.columns;
    }
    return dataset;
  }

  /** `isFirst`: no other scores of the answer were added before. */
  private addScores(
    row: number,
    variant: number,
    name: string,
    candidates: readonly Candidate[],
    isFirst = true,
  ): void {
    let task = this.indexOfTask.get(name);
    if (task === undefined) {
      task = this.tasks.push(name) - 1;
      this.indexOfTask.set(name, task);
    }
    this.taskOf[row] = task;
    this.variants[variant].tasks.add(task);
    for (const [metric, value] of this.metrics.add(task, candidates, isFirst))
      this.log.add(row, variant, SCORE + metric, value);
  }

  /** Chooses metric and scale of each task, and says so. */
  private takenScores(): TakenScore[] {
    const taken = this.metrics.taken();
    for (const [task, { metric, missing, problem }] of taken.entries()) {
      if (missing === 0) continue;
      const of = this.tasks[task] === "" ? "" : ` (${shown(this.tasks[task])})`;
      const name = metric < 0 ? "any metric" : `metric ${shown(this.metrics.names[metric])}`;
      for (let i = 0; i < missing; i++) this.skip(`no label: ${problem ?? `no value of ${name}`}${of}`);
    }
    const refused = taken.find(({ problem }) => problem !== undefined);
    const isNeeded = this.options.blankCosts !== true;
    if (isNeeded && refused !== undefined && taken.every(({ metric }) => metric < 0))
      throw new InputError(`${this.name} has no score that can be used: ${refused.problem}`, {
        file: this.name,
        field: "scale",
      });
    this.counts.taken.push(...this.metrics.describe(taken, (task) => this.tasks[task]));
    return taken;
  }

  private noteRepeats({ count: counts }: CellSums, models: readonly string[]): void {
    const repeated = new Set<number>();
    let cells = 0;
    for (let i = 0; i < counts.length; i++)
      if (counts[i] > 1) {
        cells++;
        repeated.add(i % models.length);
      }
    if (cells === 0) return;
    const names = [...repeated].sort((a, b) => a - b).map((m) => shown(models[m]));
    this.counts.notes.set(`several answers of one model to one query, averaged (${someOf(names, 5)})`, cells);
  }

  /** The models' names, and the column of each variant. */
  private chosenModels(): { models: string[]; columnOf: Int32Array } {
    const kept = this.variants.flatMap(({ base }, i) => (this.leftOut.has(base) ? [] : [i]));
    const { columnOf: columns, names, joined } = columnsOf(kept.map((i) => this.variants[i]));
    const columnOf = new Int32Array(this.variants.length).fill(-1);
    kept.forEach((i, k) => (columnOf[i] = columns[k]));
    const tooMany = names.length > MAX_MODELS;
    if (tooMany) throw new InputError(`${this.name}: more than ${MAX_MODELS} models`, { file: this.name });
    for (const name of joined)
      this.note(`settings of ${shown(name)} differ from task to task: read as one model`);
    const { models } = this.options;
    if (models === undefined) return { models: names, columnOf };
    const place = new Map(models.map((name, i) => [name, i]));
    if (names.length > 0)
      for (const wanted of models) if (!names.includes(wanted)) throw noModel(this.name, wanted, names);
    return {
      models: [...models],
      columnOf: columnOf.map((column) => (column < 0 ? -1 : (place.get(names[column]) ?? -1))),
    };
  }

  private variant({ model, settings = [] }: Observation, name: string): number {
    const key = settings.reduce((before, [name, value]) => `${before}\0${name}\0${value}`, model);
    let variant = this.variantOf.get(key);
    if (variant === undefined) {
      this.bases.add(model);
      if (this.bases.size > MAX_MODELS) this.fail(`more than ${MAX_MODELS} models`, { isOfFile: true });
      if (this.variants.length === VARIANT_LIMIT)
        this.fail(`more than ${VARIANT_LIMIT} settings of models`, { isOfFile: true });
      variant = this.variants.push({ name, base: model, settings, tasks: new Set() }) - 1;
      this.variantOf.set(key, variant);
    }
    return variant;
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

/** The means of scores on a scale of 0 … 1; NaN: none. */
function scoreMeans({ sum, count }: CellSums, scale: (cell: number) => Scale): Float32Array {
  const matrix = sharedFloats(sum.length);
  for (let i = 0; i < sum.length; i++)
    matrix[i] = count[i] === 0 ? NaN : onScale(sum[i] / count[i], scale(i));
  return matrix;
}

/** Writes the means of cells, as short decimals where they are such but for rounding. */
function means<C extends Costs>({ sum, count }: CellSums, blank: number, matrix: C): C {
  for (let i = 0; i < sum.length; i++) matrix[i] = count[i] === 0 ? blank : tidy(sum[i] / count[i]);
  return matrix;
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

function count(counts: Map<string, number>, reason: string, times = 1): void {
  const key = counts.has(reason) || counts.size < REASON_LIMIT ? reason : "other reasons";
  counts.set(key, (counts.get(key) ?? 0) + times);
}
