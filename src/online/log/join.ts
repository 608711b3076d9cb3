import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import type { Reason } from "../decision.js";
import type { DecisionRecord, FeedbackRecord, LogRecord, SettlementRecord } from "./record.js";

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
  /** Dollars for all attempts; NaN while one of them is not settled, or was cancelled. */
  spent: number;
  /** How the answer was judged, 0 … 1; NaN: it was not. */
  score: number;
  /** The request's text; undefined if the log has none. */
  text?: string;
}

/** Puts records together that belong to one request. */
export class Join {
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

  private settled({ id, cost, unanswered }: SettlementRecord): void {
    const attempt = this.attempts.get(id);
    if (attempt === undefined || attempt.isSettled) {
      this.unmatched++;
      return;
    }
    attempt.isSettled = true;
    const bill = this.bills.get(attempt.request)!;
    bill.open--;
    // Nobody waited, or asked: that is no observation of what an answer costs.
    bill.dollars += unanswered === "cancelled" ? NaN : cost;
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
