import { stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../errors.js";
import { BadRows } from "../../rows/badRows.js";
import { filesBelow } from "../../rows/folder/filesBelow.js";
import { billOf } from "../../prices/bill.js";
import { armOf, type PriceTable } from "../../prices/table.js";
import type { Price } from "../../prices/price.js";
import { readUsage, type Usage } from "../../prices/usage.js";
import { readError } from "../../text/fileError.js";
import { parseObject } from "../../text/jsonl.js";
import { readLines } from "../../text/lines.js";
import { fileName, shown } from "../../text/shown.js";
import { writeOut } from "../file.js";
import { readAnswer, type Answer } from "./answer.js";
import { readExported, type ExportedModel, type ExportedRequests } from "./exported.js";
import { Spool } from "./spool.js";

/** How many ids a list names. */
const NAMED = 5;

/** Ids counted, and the first of them. */
export interface Counted {
  count: number;
  ids: string[];
}

/** What came back for an export. */
export interface Collected {
  requests: number;
  answered: number;
  failed: Counted;
  /** Requests without any line in the answers. */
  missing: Counted;
  /** Answers beside the first that succeeded, left out. */
  duplicates: Counted;
  /** Lines of ids that the export does not have, left out. */
  unknown: Counted;
  /** Answers whose usage or price is not known: their cost is null. */
  unpriced: Counted;
  /** Lines that could not be read and were left out, by reason. */
  skipped: Record<string, number>;
  /** Dollars of the answers whose cost is known. */
  cost: number;
  /** What the plan expected for all requests; null if not known. */
  expectedCost: number | null;
}

export interface CollectOptions {
  prices: PriceTable;
  /** Leave out lines that cannot be read, and count them; default: the file is refused. More than 5 % are refused even so. */
  skipBadRows?: boolean;
  signal?: AbortSignal;
}

/**
 * Joins the answers of all batches of an export into one JSONL file in the order of the work: `id`, `model`, `text`,
 * `finish`, `usage`, `cost` (dollars at batch prices), `error`, and `toolCalls` where there are some; null where
 * something is not known. A success is taken before a failure, the first before later ones. Answers wait on disk, not in
 * memory. `answers`: files or folders of them.
 *
 * @throws InputError naming file and line: not an answer, an answer of another vendor than the request was sent to, a
 * file that shares no id with the export.
 */
export async function collectAnswers(
  path: string,
  answers: readonly string[],
  output: string | undefined,
  options: CollectOptions,
): Promise<Collected> {
  const exported = await readExported(path, options.signal);
  return Spool.use(exported.ids.length, async (spool) => {
    const join = new Join(exported, spool, options);
    for (const given of answers) for (const file of await filesIn(given)) await join.addFile(file);
    await writeOut(output, join.rows(), options);
    return join.result();
  });
}

/** The file itself, or the files of a folder and of those in it, by name; Bedrock's own manifest is left out. */
async function filesIn(path: string): Promise<string[]> {
  try {
    if (path === "-" || !(await stat(path)).isDirectory()) return [path];
    const files = (await filesBelow(path)).filter(
      (name) => /\.jsonl?(\.out)?(\.gz)?$/i.test(name) && !/(^|\/)manifest\.json(\.out)?$/i.test(name),
    );
    if (files.length > 0) return files.map((name) => join(path, name));
  } catch (error) {
    throw readError(error, path);
  }
  throw new InputError(`${fileName(path)} has no answers; expected files that end in .jsonl`, { file: path });
}

/** What is known of a request while answers are read. */
const MISSING = 0;
const FAILED = 1;
const ANSWERED = 2;

class Join {
  private readonly state: Uint8Array;
  private readonly duplicates = counted();
  private readonly unknown = counted();
  private readonly unpriced = counted();
  private readonly prices: (Price | undefined)[];
  private readonly bad: BadRows;
  /** Answers that were read. */
  private lines = 0;
  private cost = 0;

  constructor(
    private readonly exported: ExportedRequests,
    private readonly spool: Spool,
    private readonly options: CollectOptions,
  ) {
    this.state = new Uint8Array(exported.ids.length);
    this.bad = new BadRows(options.skipBadRows);
    this.prices = exported.models.map((one) => priceOf(one, options.prices));
  }

  async addFile(path: string): Promise<void> {
    const name = fileName(path);
    let known = 0;
    let first: string | undefined;
    for await (const { first: line, lines } of readLines(path, this.options))
      for (const [i, text] of lines.entries()) {
        const where = `${name}:${line + i}`;
        const answer = this.answerIn(text, name, line + i);
        if (answer === undefined) continue;
        this.lines++;
        if (await this.add(answer, where)) known++;
        else first ??= answer.customId;
      }
    this.bad.check(name, this.lines);
    if (known === 0 && first !== undefined)
      throw new InputError(
        `${name} has no answer to a request of the export; its first id is ${shown(first)}`,
        {
          file: name,
        },
      );
  }

  /** The answer on a line; undefined for a blank line, and for one that is left out. */
  private answerIn(text: string, name: string, line: number): Answer | undefined {
    try {
      const record = parseObject(text, name, line);
      const answer = record && readAnswer(record);
      if (record === undefined || answer !== undefined) return answer;
      const problem = "not an answer of a batch; expected custom_id, key or recordId with its result";
      throw new InputError(`${name}:${line}: ${problem}`, { file: name, line });
    } catch (error) {
      this.bad.add(error);
      return undefined;
    }
  }

  /** Whether the export has the request. */
  private async add(answer: Answer, where: string): Promise<boolean> {
    const { ids, rowOf, models, model } = this.exported;
    const row = rowOf.get(answer.customId);
    if (row === undefined) {
      note(this.unknown, answer.customId);
      return false;
    }
    const { vendor } = models[model[row]];
    if (!answer.vendors.includes(vendor))
      throw new InputError(
        `${where}: an answer of ${answer.vendors.join(" or ")} to ${shown(ids[row])}, which was sent to ${vendor}`,
        { where },
      );
    const next = answer.error === undefined ? ANSWERED : FAILED;
    if (this.state[row] !== MISSING && (this.state[row] === ANSWERED || next === FAILED)) {
      if (this.state[row] === next) note(this.duplicates, ids[row]);
      return true;
    }
    this.state[row] = next;
    await this.spool.put(row, JSON.stringify(this.rowOf(row, answer)));
    return true;
  }

  private rowOf(row: number, { text, finish, usage: reported, error, toolCalls }: Answer) {
    const { ids, model, models } = this.exported;
    const m = model[row];
    const usage = usageOf(reported);
    const cost = usage === undefined ? null : costOf(this.prices[m], usage);
    if (cost !== null) this.cost += cost;
    else if (error === undefined) note(this.unpriced, ids[row]);
    return {
      ...{ id: ids[row], model: models[m].model, text, finish: finish ?? null, usage: usage ?? null },
      ...{ cost, error: error ?? null },
      ...(toolCalls && { toolCalls }),
    };
  }

  /** The lines of the result. */
  async *rows(): AsyncGenerator<string> {
    const { ids, model, models } = this.exported;
    for (const [row, id] of ids.entries()) {
      if (this.state[row] !== MISSING) yield `${await this.spool.get(row)}\n`;
      else {
        const nothing = { text: null, finish: null, usage: null, cost: null, error: "no answer" };
        yield `${JSON.stringify({ id, model: models[model[row]].model, ...nothing })}\n`;
      }
    }
  }

  result(): Collected {
    const { ids, expectedCost } = this.exported;
    const of = (state: number): Counted => {
      const found = counted();
      ids.forEach((id, row) => this.state[row] === state && note(found, id));
      return found;
    };
    const [failed, missing] = [of(FAILED), of(MISSING)];
    return {
      ...{ requests: ids.length, answered: ids.length - failed.count - missing.count, failed, missing },
      ...{ duplicates: this.duplicates, unknown: this.unknown, unpriced: this.unpriced },
      skipped: Object.fromEntries(this.bad.reasons()),
      ...{ cost: Number(this.cost.toPrecision(12)), expectedCost },
    };
  }
}

function counted(): Counted {
  return { count: 0, ids: [] };
}

function note(found: Counted, id: string): void {
  found.count++;
  if (found.ids.length < NAMED) found.ids.push(id);
}

/** The price of the first name that has one. */
function priceOf({ model, sentAs, vendor }: ExportedModel, prices: PriceTable): Price | undefined {
  const provider = vendor === "gemini" || vendor === "vertex" ? "google" : vendor;
  for (const name of [armOf(model).model, `${provider}/${sentAs}`, sentAs])
    try {
      return prices.find(name).price;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  return undefined;
}

function costOf(price: Price | undefined, usage: Usage): number | null {
  return price === undefined ? null : (tried(() => billOf(price, usage, "batch").total) ?? null);
}

function usageOf(reported: unknown): Usage | undefined {
  return reported === undefined || reported === null ? undefined : tried(() => readUsage(reported));
}

/** Undefined where an `InputError` is thrown. */
function tried<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
