import { InputError } from "../../errors.js";
import type { Costs, Dataset } from "../../types.js";
import { parseObject } from "../../text/jsonl.js";
import { readLines } from "../../text/lines.js";
import { nearest } from "../../text/nearest.js";
import { billOf } from "../../prices/bill.js";
import type { Mode, Price } from "../../prices/price.js";
import { armOf, undated, type PriceTable } from "../../prices/table.js";
import { settledUsage, UsageContradiction, type Usage } from "../../prices/usage.js";
import { fileName, shown } from "../../text/shown.js";
import { BadRows } from "../badRows.js";
import { batchAnswer } from "./batchAnswer.js";
import type { Row } from "./values.js";
import { isCost, tidy } from "../../decimal.js";
import { sharedCopy } from "../../memory.js";

/** A file of a batch's answers: those of OpenAI, Anthropic, Gemini, Mistral or Bedrock. */
export interface UsageFile {
  path: string;
  /** The model in the labels that gave the answers; default: the model that the answers name. */
  model?: string;
}

/** How the answers of a batch are priced. */
export interface UsageOptions {
  /** The rates at which the answers are charged; default: batch. */
  mode?: Mode;
  /** Leave out lines that cannot be read, and count them; default: the file is refused. More than 5 % are refused even so. */
  skipBadRows?: boolean;
  signal?: AbortSignal;
}

/** Labels with the tokens and costs of their answers. */
export interface LabelsWithUsage {
  dataset: Dataset;
  /** Answers whose tokens and cost were taken over. */
  answers: number;
  /** What could not be joined, as a description, and how often. */
  notes: Map<string, number>;
}

/** How many ids a note lists. */
const NAMED = 3;

/**
 * Joins a batch's answers to labels by `custom_id` (Gemini: `key`, Bedrock: `recordId`): reported tokens and priced
 * costs replace those of the labels. Several answers of a query and model become their mean. A request that failed, and was not answered
 * elsewhere in the files, loses its score: an error is not a wrong answer. Files are read as streams.
 *
 * An answer's model is the one of the same name in the labels, ignoring a provider, `@batch` and a date
 * (`gpt-4o-2024-08-06` answers for `openai:chat:gpt-4o`, but not for `gpt-4o-2024-05-13`). A failed request names no
 * model: it belongs to the model of the file's other answers.
 *
 * @throws InputError naming file, line and value: a model that the labels do not have or that has no price, wrong
 * usage, a failed request whose model cannot be known, a file that shares no id with the labels.
 */
export async function withUsage(
  labels: Dataset,
  files: readonly UsageFile[],
  prices: PriceTable,
  { mode = "batch", skipBadRows, signal }: UsageOptions = {},
): Promise<LabelsWithUsage> {
  const join = new UsageJoin(labels, prices, mode, new BadRows(skipBadRows));
  for (const file of files) await join.addFile(file, signal);
  return join.finish();
}

/** A file of answers while it is read. */
interface AnswerFile {
  name: string;
  /** The model given by the caller for the whole file. */
  given?: string;
  place: (model?: string) => number;
  /** Models that have answered in it. */
  answering: Set<number>;
  failures: { line: number; row: number }[];
  /** Answers to ids that the labels have. */
  known: number;
  /** The first id that the labels do not have. */
  unknown?: string;
}

class UsageJoin {
  private readonly rowOf: Map<string, number>;
  private readonly joined: Joined;
  /** For each query and model: answers, and whether a request failed. */
  private readonly times: Uint32Array;
  private readonly failed: Uint8Array;
  private readonly notes = new Notes();
  private answers = 0;
  /** Lines that were read. */
  private lines = 0;

  constructor(
    private readonly labels: Dataset,
    private readonly prices: PriceTable,
    private readonly mode: Mode,
    private readonly bad: BadRows,
  ) {
    const { ids, models } = labels;
    this.rowOf = new Map(ids.map((id, row) => [id, row]));
    this.joined = copyOf(labels);
    this.times = new Uint32Array(ids.length * models.length);
    this.failed = new Uint8Array(this.times.length);
  }

  async addFile({ path, model: given }: UsageFile, signal: AbortSignal | undefined): Promise<void> {
    const { models } = this.labels;
    const name = fileName(path);
    const place = modelPlaces(models, given, name);
    const answering = new Set<number>(given === undefined ? [] : [models.indexOf(given)]);
    const file: AnswerFile = { name, given, place, answering, failures: [], known: 0 };
    for await (const { first, lines } of readLines(path, { signal }))
      for (const [i, text] of lines.entries())
        try {
          const record = parseObject(text, name, first + i);
          if (record === undefined) continue;
          this.addRecord(record, file, first + i);
          this.lines++;
        } catch (error) {
          this.bad.add(error);
        }
    this.bad.check(name, this.lines);
    this.checkIds(file);
    this.settleFailures(file);
  }

  finish(): LabelsWithUsage {
    const { joined, failed, notes } = this;
    const { ids, models } = this.labels;
    this.times.forEach((count, option) => {
      const id = ids[Math.floor(option / models.length)];
      const isLabelled = !Number.isNaN(joined.outcome[option]);
      if (failed[option] === 1 && count === 0) {
        notes.add(isLabelled ? "request that failed: its score is no label" : "request that failed", id);
        joined.outcome[option] = NaN;
      } else if (count === 0 && isLabelled && joined.cost[option] === Infinity)
        notes.add("score without an answer's usage: cost left blank", id);
    });
    return {
      dataset: joined,
      answers: this.answers,
      notes: new Map([...notes.counts(), ...this.bad.reasons()]),
    };
  }

  private addRecord(record: Row, file: AnswerFile, line: number): void {
    const { id, hasFailed, model, usage } = batchAnswer(record);
    if (id === undefined)
      return refuse(file, line, "no custom_id, key or recordId; expected the output of a batch");
    const row = this.rowOf.get(id);
    if (row === undefined) {
      this.notes.add("answer to an id that the labels lack", id);
      file.unknown ??= id;
      return;
    }
    file.known++;
    if (hasFailed) {
      file.failures.push({ line, row });
      return;
    }
    const isReported = usage !== undefined && usage !== null;
    // The answer is of the only model there is; an empty one may be of any.
    const isNamed = model !== undefined || file.given !== undefined || this.labels.models.length === 1;
    if (!isNamed && isReported)
      return refuse(file, line, "the answer has no model; give MODEL=FILE", { isOfFile: true });
    const m = isNamed
      ? at(file, line, () => file.place(model ?? file.given ?? this.labels.models[0]), true)
      : -1;
    if (m >= 0) file.answering.add(m);
    if (!isReported) {
      this.notes.add("answer without usage", id);
      return;
    }
    const used = at(file, line, () => this.used(usage, id));
    if (used === undefined) return;
    const dollars = at(file, line, () => this.dollars(used, model, m), true);
    const option = row * this.labels.models.length + m;
    take(this.joined, option, ++this.times[option], used, dollars);
    this.answers++;
  }

  /** The tokens; undefined, and counted, where the total contradicts them. */
  private used(reported: unknown, id: string): Usage | undefined {
    try {
      const { usage, taken } = settledUsage(reported);
      if (taken !== undefined) this.notes.add(taken, id);
      return usage;
    } catch (error) {
      if (!(error instanceof UsageContradiction)) throw error;
      this.notes.add("tokens left out: their total contradicts them", id);
      return undefined;
    }
  }

  private dollars(tokens: Usage, model: string | undefined, m: number): number {
    const price = priceOf([model, armOf(this.labels.models[m]).model], this.prices);
    const { total } = billOf(price, tokens, this.mode);
    if (!isCost(total)) throw new InputError(`the answer costs ${total} dollars`);
    return total;
  }

  /** Refuses a file that belongs to other labels. */
  private checkIds({ name, known, unknown }: AnswerFile): void {
    if (known > 0 || unknown === undefined) return;
    const theirs = shown(this.labels.ids[0]);
    throw new InputError(
      `${name}: the labels have none of its ids, such as ${shown(unknown)} (theirs: ${theirs})`,
      { file: name },
    );
  }

  /** A failed request names no model: it is the one of the file's other answers. */
  private settleFailures(file: AnswerFile): void {
    const { ids, models, outcome } = this.labels;
    const [only] = file.answering;
    for (const { line, row } of file.failures) {
      const isLabelled = (_: string, m: number): boolean => !Number.isNaN(outcome[row * models.length + m]);
      if (file.answering.size === 1) this.failed[row * models.length + only] = 1;
      else if (models.some(isLabelled)) {
        const problem = `the request of ${shown(ids[row])} failed, and the file does not name its model`;
        refuse(file, line, `${problem}; give MODEL=FILE`);
      }
    }
  }
}

function refuse({ name }: AnswerFile, line: number, problem: string, details = {}): never {
  throw new InputError(`${name}:${line}: ${problem}`, { file: name, line, ...details });
}

type Joined = Dataset & Required<Pick<Dataset, "tokens">>;

function copyOf(labels: Dataset): Joined {
  const { cost, outcome, tokens } = labels;
  const unknown = new Float32Array(cost.length).fill(NaN);
  return {
    ...labels,
    cost: sharedCopy(cost),
    outcome: sharedCopy(outcome),
    tokens: {
      input: sharedCopy(tokens?.input ?? unknown),
      output: sharedCopy(tokens?.output ?? unknown),
    },
  };
}

/** Takes over an answer, the `count`th of its query and model. */
function take(
  { cost, tokens }: Joined,
  option: number,
  count: number,
  { input, output }: Usage,
  dollars: number,
): void {
  const mean = (matrix: Costs, value: number): void => {
    matrix[option] = count === 1 ? value : tidy(matrix[option] + (value - matrix[option]) / count);
  };
  mean(cost, dollars);
  mean(tokens.input, input);
  mean(tokens.output, output);
}

/** Finds the model that an answer's name refers to. Every name is looked up once. */
function modelPlaces(
  models: readonly string[],
  given: string | undefined,
  file: string,
): (name?: string) => number {
  const refuse = (problem: string, name: string): never => {
    throw new InputError(
      `${problem}; nearest of their ${models.length} models: ${nearest(name, [...models], 5)
        .map(shown)
        .join(", ")}`,
      {
        file,
        model: name,
      },
    );
  };
  if (given !== undefined) {
    const m = models.indexOf(given);
    if (m < 0) refuse(`${file}: the labels have no model ${shown(given)}`, given);
    return () => m;
  }
  const known = new Map<string, number>();
  const find = (name: string): number => {
    const exact = models.indexOf(name);
    if (exact >= 0) return exact;
    const same = [...models.keys()].filter((m) => isSame(models[m], name));
    if (same.length === 1) return same[0];
    const names = same.map((m) => shown(models[m])).join(", ");
    return same.length === 0
      ? refuse(`the labels have no model ${shown(name)}; give MODEL=FILE`, name)
      : refuse(`model ${shown(name)} may be ${names}; give MODEL=FILE`, name);
  };
  return (name = "") => {
    if (!known.has(name)) known.set(name, find(name));
    return known.get(name)!;
  };
}

/** As promptfoo and gateways write them. */
const PROVIDER = /^(?:[\w-]+:(?:chat|completion|messages|responses|embedding):|(?:openai|anthropic):|.*\/)/s;

/** Whether two names mean one model: without its provider, its arm, and a date that only one of them has. */
function isSame(a: string, b: string): boolean {
  const [first, second] = [a, b].map((name) => armOf(name).model.toLowerCase().replace(PROVIDER, ""));
  return first === second || undated(first) === second || first === undated(second);
}

/** The price of the first name that has one. Throws as `find` does for the first name. */
function priceOf([name, other]: [string | undefined, string], prices: PriceTable): Price {
  if (name === undefined || name === other) return prices.find(other).price;
  try {
    return prices.find(name).price;
  } catch (error) {
    try {
      return prices.find(other).price;
    } catch {
      throw error;
    }
  }
}

/** Adds file and line to the errors that `run` throws. `isOfFile`: further lines would have them too. */
function at<T>(file: AnswerFile, line: number, run: () => T, isOfFile = false): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof InputError) return refuse(file, line, error.message, { isOfFile });
    throw error;
  }
}

/** Counts by reason, each with the first few ids. */
class Notes {
  private readonly found = new Map<string, { times: number; ids: string[] }>();

  add(reason: string, id: string): void {
    const note = this.found.get(reason) ?? { times: 0, ids: [] };
    note.times++;
    if (note.ids.length < NAMED) note.ids.push(shown(id));
    this.found.set(reason, note);
  }

  counts(): Map<string, number> {
    return new Map(
      [...this.found].map(([reason, { times, ids }]) => [
        `${reason} (${ids.join(", ")}${times > ids.length ? ", …" : ""})`,
        times,
      ]),
    );
  }
}
