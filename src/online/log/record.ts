import { REASONS, type Reason } from "../decision.js";

/** Raised whenever an older reader could misunderstand. */
export const LOG_VERSION = 1;
/** What a Parquet file of a decision log says about itself, beside the version. */
export const LOG_NOTE = "optllm decision log";

/** First line of every file of a decision log. */
export interface HeaderRecord {
  optllm: "decision log";
  version: number;
}

/** A decision. Lists are in the order of `models`. */
export interface DecisionRecord {
  type: "decision";
  id: string;
  /** Milliseconds since 1970. */
  time: number;
  /** SHA-256 of the policy and of the predictor. */
  policy: string;
  predictor: string;
  /** Probability per dollar. */
  lambda: number | "Infinity";
  models: string[];
  /** Chances of a good answer that were decided by, 0 … 1. */
  probability: number[];
  /** The predictor's, where feedback has corrected them. */
  uncorrected?: number[];
  /** Predicted dollars that were decided by, corrected, less what a warm cache saves; null: not known. */
  cost: (number | null)[];
  /** The chance of each model to be chosen here; null: it could not answer. */
  propensity: (number | null)[];
  /** The chosen one. */
  model: string;
  reason: Reason;
  /** The decision whose answer failed before. */
  retryOf?: string;
  key?: string;
  /** What the request told of the predictor's feature columns. */
  features?: Record<string, string | number>;
  /** The request's text, where the log was asked to keep texts. */
  text?: string;
}

/** What an answer cost, or that there was none. */
export interface SettlementRecord {
  type: "settlement";
  /** Of the decision. */
  id: string;
  time: number;
  /** Dollars. */
  cost: number;
  inputTokens?: number;
  outputTokens?: number;
  /** There was no answer: its model failed, or the request was cancelled. */
  unanswered?: "failed" | "cancelled";
}

/** How good an answer was judged to be. */
export interface FeedbackRecord {
  type: "feedback";
  id: string;
  time: number;
  /** 0 … 1. */
  score: number;
}

/** A request that no model could answer. */
export interface RefusalRecord {
  type: "refusal";
  time: number;
  policy: string;
  cause: "budget" | "models";
}

/** A line of a decision log, the header apart. */
export type LogRecord = DecisionRecord | SettlementRecord | FeedbackRecord | RefusalRecord;

/** Where a router writes its records; `logDecisions` makes one that writes to files. */
export interface DecisionLog {
  /** Whether decisions are to have the text of their request. Default: no. */
  readonly texts?: boolean;
  /** Takes a record. It must not throw: a log that fails must not stop the service. */
  write(record: LogRecord): void;
}

/** Whether a value read from JSON is such a record; otherwise the field that is wrong. */
export function wrongField(record: Record<string, unknown>): string | undefined {
  const { type } = record;
  if (type === "decision") return wrongOfDecision(record);
  if (type === "settlement") {
    const { unanswered } = record;
    return firstWrong({
      id: isId(record.id),
      time: isTime(record.time),
      cost: isWithin(record.cost, 1e12),
      inputTokens: record.inputTokens === undefined || isWithin(record.inputTokens, 1e12),
      outputTokens: record.outputTokens === undefined || isWithin(record.outputTokens, 1e12),
      unanswered: unanswered === undefined || unanswered === "failed" || unanswered === "cancelled",
    });
  }
  if (type === "feedback")
    return firstWrong({ id: isId(record.id), time: isTime(record.time), score: isWithin(record.score, 1) });
  if (type === "refusal")
    return firstWrong({
      time: isTime(record.time),
      policy: isId(record.policy),
      cause: record.cause === "budget" || record.cause === "models",
    });
  return "type";
}

function wrongOfDecision(record: Record<string, unknown>): string | undefined {
  const { models, model, propensity, retryOf, key, text, features, lambda } = record;
  const isNames =
    Array.isArray(models) &&
    models.length >= 1 &&
    models.length <= 255 &&
    models.every((name) => typeof name === "string") &&
    new Set(models).size === models.length;
  if (!isNames) return "models";
  const isList = (value: unknown, most: number, orNull: boolean): boolean =>
    Array.isArray(value) &&
    value.length === models.length &&
    value.every((x) => (orNull && x === null) || isWithin(x, most));
  const chosen = (models as string[]).indexOf(model as string);
  const drawn = isList(propensity, 1, true) ? (propensity as (number | null)[]) : undefined;
  const sum = drawn?.reduce<number>((all, x) => all + (x ?? 0), 0) ?? 0;
  return firstWrong({
    id: isId(record.id),
    time: isTime(record.time),
    policy: isId(record.policy),
    predictor: isId(record.predictor),
    lambda: lambda === "Infinity" || isWithin(lambda, Number.MAX_VALUE),
    probability: isList(record.probability, 1, false),
    uncorrected: record.uncorrected === undefined || isList(record.uncorrected, 1, false),
    cost: isList(record.cost, 1e12, true),
    model: chosen >= 0,
    // The model that was chosen had a chance, and the chances make one.
    propensity: (drawn?.[chosen] ?? 0) > 0 && Math.abs(sum - 1) < 1e-6,
    reason: (REASONS as readonly unknown[]).includes(record.reason),
    retryOf: retryOf === undefined || isId(retryOf),
    key: key === undefined || typeof key === "string",
    features: features === undefined || isFeatures(features),
    text: text === undefined || typeof text === "string",
  });
}

/** The first field whose check failed. */
function firstWrong(fields: Record<string, boolean>): string | undefined {
  return Object.keys(fields).find((field) => !fields[field]);
}

function isFeatures(value: unknown): boolean {
  const isValue = (one: unknown): boolean => typeof one === "string" || Number.isFinite(one);
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(isValue)
  );
}

function isId(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value.length <= 200;
}

function isTime(value: unknown): boolean {
  return isWithin(value, 4.2e12);
}

function isWithin(value: unknown, most: number): boolean {
  return typeof value === "number" && value >= 0 && value <= most;
}
