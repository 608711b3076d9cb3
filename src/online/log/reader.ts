import { stat } from "node:fs/promises";
import { InputError } from "../../errors.js";
import { readLines } from "../../text/lines.js";
import { parseObject } from "../../text/jsonl.js";
import { fileName, shown } from "../../text/shown.js";
import type { Reason } from "../decision.js";
import {
  LOG_VERSION,
  wrongField,
  type DecisionRecord,
  type FeedbackRecord,
  type LogRecord,
  type SettlementRecord,
} from "./record.js";
import { rotatedFiles } from "./writer.js";

/** A request of a decision log, with what came of it. Lists are in the order of `models`. */
export interface LoggedRequest {
  /** Of its decision. */
  id: string;
  /** Milliseconds since 1970. */
  time: number;
  policy: string;
  predictor: string;
  /** Probability per dollar; Infinity: the cheapest. */
  lambda: number;
  models: readonly string[];
  /** Chances of a good answer that were decided by, 0 … 1. */
  probability: readonly number[];
  /** The predictor's, before feedback corrected them. */
  uncorrected: readonly number[];
  /** Predicted dollars; NaN: not known. */
  cost: readonly number[];
  /** The chance of each model to be chosen; NaN: it could not answer. */
  propensity: readonly number[];
  /** The chosen model's place in `models`. */
  chosen: number;
  reason: Reason;
  /** Dollars for all attempts; NaN while one of them is not settled. */
  spent: number;
  /** How the answer was judged, 0 … 1; NaN: it was not. */
  score: number;
  /** The request's text; undefined if the log has none. */
  text?: string;
}

/** A decision log as it was read. */
export interface LoggedDecisions {
  /** In the order of their decisions; an attempt after a failed one belongs to its request. */
  requests: LoggedRequest[];
  /** Files read, oldest first. */
  files: string[];
  /** Requests that no model could answer. */
  refused: number;
  /** Settlements, judgements and further attempts whose decision is in no file. */
  unmatched: number;
  /** Last lines that were cut, as a crash leaves them. */
  cut: number;
}

/** How a decision log is read. */
export interface ReadLogOptions {
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Reads a decision log: a file, and before it those that were put aside from it (FILE.1, FILE.2, …). A last line that
 * was cut is left out and counted. About 1 KB of memory a decision.
 *
 * @throws InputError naming file and line: no decision log, a damaged line, a decision that is there twice.
 */
export async function readDecisions(path: string, options: ReadLogOptions = {}): Promise<LoggedDecisions> {
  const files = path === "-" ? [path] : [...((await isThere(path)) ? rotatedFiles(path) : []), path];
  const join = new Join();
  let cut = 0;
  for (const file of files) if (await readFileInto(join, file, options)) cut++;
  const { requests, refused, unmatched } = join;
  return { requests, files, refused, unmatched, cut };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Reads one file. True if its last line was cut. */
async function readFileInto(join: Join, file: string, options: ReadLogOptions): Promise<boolean> {
  const name = fileName(file);
  let isFirst = true;
  // An unreadable line is an error as soon as another follows.
  let damage: unknown;
  for await (const { first, lines } of readLines(file, options)) {
    for (const [k, line] of lines.entries()) {
      if (line.trim() === "") continue;
      if (damage !== undefined) throw damage as Error;
      let record: Record<string, unknown>;
      try {
        record = parseObject(line, name, first + k)!;
      } catch (error) {
        damage = error;
        continue;
      }
      if (isFirst || Object.hasOwn(record, "optllm")) checkHeader(record, name, first + k);
      else join.add(checked(record, name, first + k), name, first + k);
      isFirst = false;
    }
  }
  // A log begins with a whole line: a file whose only line is damaged is another.
  if (isFirst && damage !== undefined) throw damage as Error;
  return damage !== undefined;
}

function checkHeader({ optllm, version }: Record<string, unknown>, file: string, line: number): void {
  const refuse = (problem: string): never => {
    throw new InputError(`${file}:${line}: ${problem}`, { file, line });
  };
  if (optllm !== "decision log")
    refuse("not a decision log; expected a file that logDecisions() or the server wrote");
  if (version !== LOG_VERSION)
    refuse(`version ${shown(version)} of the decision log; expected ${LOG_VERSION}; update the package`);
}

function checked(record: Record<string, unknown>, file: string, line: number): LogRecord {
  const field = wrongField(record);
  if (field === undefined) return record as unknown as LogRecord;
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  throw new InputError(`${file}:${line}: ${field} is ${shown(value)}, which no decision log has`, {
    file,
    line,
    field,
  });
}

/** Puts records together that belong to one request. */
class Join {
  readonly requests: LoggedRequest[] = [];
  refused = 0;
  unmatched = 0;
  /** By the id of a decision: its request, and whether it is settled. */
  private readonly attempts = new Map<string, { request: LoggedRequest; isSettled: boolean }>();
  /** By request: attempts that are not settled, and dollars of the others. */
  private readonly bills = new Map<LoggedRequest, { open: number; dollars: number }>();
  /** Lists of models that were seen: most decisions share theirs. */
  private readonly lists = new Map<string, readonly string[]>();

  add(record: LogRecord, file: string, line: number): void {
    if (record.type === "refusal") this.refused++;
    else if (record.type === "decision") this.decided(record, file, line);
    else if (record.type === "settlement") this.settled(record);
    else this.judged(record);
  }

  private decided(record: DecisionRecord, file: string, line: number): void {
    const { id, retryOf } = record;
    if (this.attempts.has(id)) {
      throw new InputError(
        `${file}:${line}: decision ${shown(id)} is there twice; give every file of a log once`,
        { file, line },
      );
    }
    if (retryOf === undefined) {
      const request = this.requestOf(record);
      this.requests.push(request);
      this.attempts.set(id, { request, isSettled: false });
      this.bills.set(request, { open: 1, dollars: 0 });
      return;
    }
    const before = this.attempts.get(retryOf);
    if (before === undefined) {
      this.unmatched++;
      return;
    }
    const { request } = before;
    this.attempts.set(id, { request, isSettled: false });
    this.bills.get(request)!.open++;
    request.spent = NaN;
  }

  private settled({ id, cost }: SettlementRecord): void {
    const attempt = this.attempts.get(id);
    if (attempt === undefined || attempt.isSettled) {
      this.unmatched++;
      return;
    }
    attempt.isSettled = true;
    const bill = this.bills.get(attempt.request)!;
    bill.open--;
    bill.dollars += cost;
    if (bill.open === 0) attempt.request.spent = bill.dollars;
  }

  private judged({ id, score }: FeedbackRecord): void {
    const attempt = this.attempts.get(id);
    if (attempt === undefined) this.unmatched++;
    else attempt.request.score = score;
  }

  private requestOf(record: DecisionRecord): LoggedRequest {
    const { id, time, policy, predictor, lambda, probability, uncorrected, reason, model, text } = record;
    const name = JSON.stringify(record.models);
    const models = this.lists.get(name) ?? record.models;
    this.lists.set(name, models);
    const numbers = (values: (number | null)[]): number[] => values.map((x) => x ?? NaN);
    return {
      id,
      time,
      policy,
      predictor,
      lambda: lambda === "Infinity" ? Infinity : lambda,
      models,
      probability,
      uncorrected: uncorrected ?? probability,
      cost: numbers(record.cost),
      propensity: numbers(record.propensity),
      chosen: models.indexOf(model),
      reason,
      spent: NaN,
      score: NaN,
      ...(text !== undefined && { text }),
    };
  }
}
