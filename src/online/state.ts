import { InputError } from "../errors.js";
import { fieldsOf, type Fields } from "../prices/fields.js";
import { shown } from "../text/shown.js";
import { RESERVOIR_ROWS, type Reservoir } from "./pacing/reservoir.js";
import { BETS } from "./feedback/drift.js";
import type { FeedbackState } from "./feedback/feedback.js";
import { checkCapacityState, type CapacityState } from "./limits/capacities.js";
import type { BudgetState } from "./pacing/budget.js";
import type { PacerState } from "./pacing/pacer.js";
import { WEEK_HOURS } from "./pacing/periods.js";
import type { Session } from "./sessions.js";

/** Raised whenever an older reader could misunderstand. */
export const STATE_VERSION = 1;

/** The sample of requests: float32 matrices as base64 of little-endian bytes. */
export interface ReservoirState {
  rows: number;
  offered: number;
  probability: string;
  cost: string;
}

/** What a router has learned. Rows and lists by model are in the order of `models`. */
export interface RouterState {
  version: number;
  models: string[];
  /** Begins the ids of decisions. */
  instance: string;
  sequence: number;
  /** The latest time seen, milliseconds since 1970. */
  time: number;
  pacer: PacerState & { reservoir: ReservoirState };
  budgets: BudgetState[];
  answerTokens: number[];
  breaker: { strikes: number[]; closedUntil: number[] };
  sessions: [id: string, session: Session][];
  /** Undefined in a state of an earlier version. */
  feedback?: FeedbackState;
  /** What has been used of the policy's limits; undefined without any. */
  limits?: CapacityState;
  /** Open reservations: id, when, micro-dollars. */
  open: [id: string, at: number, reserved: number][];
  /** By key, the part of a micro-dollar that was charged beyond the exact sum. */
  rounding: [key: string, ahead: number][];
}

export function reservoirState({ rows, offered, models, probability, cost }: Reservoir): ReservoirState {
  const text = (matrix: Float32Array): string => {
    const used = matrix.subarray(0, rows * models);
    return Buffer.from(used.buffer, used.byteOffset, used.byteLength).toString("base64");
  };
  return { rows, offered, probability: text(probability), cost: text(cost) };
}

export function restoreReservoir(
  reservoir: Reservoir,
  { rows, offered, probability, cost }: ReservoirState,
): void {
  reservoir.rows = rows;
  reservoir.offered = offered;
  reservoir.probability.set(floatsOf(probability));
  reservoir.cost.set(floatsOf(cost));
}

function floatsOf(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  const copy = new Uint8Array(bytes.length - (bytes.length % 4));
  copy.set(bytes.subarray(0, copy.length));
  return new Float32Array(copy.buffer);
}

/**
 * A state as it was read from JSON, checked field by field.
 *
 * @throws InputError naming the field.
 */
export function checkRouterState(value: unknown, models: readonly string[]): RouterState {
  const state = fieldsOf(value, "state");
  if (state.version !== STATE_VERSION) fail("version", state.version, `${STATE_VERSION}; update the package`);
  const isSame = Array.isArray(state.models) && state.models.join("\n") === models.join("\n");
  if (!isSame) fail("models", state.models, `the models of the scorer, ${models.slice(0, 8).join(", ")}`);
  const count = models.length;
  if (!(typeof state.instance === "string" && /^[0-9a-z]{1,40}$/.test(state.instance)))
    fail("instance", state.instance, "letters and digits");
  whole(state.sequence, "sequence");
  finite(state.time, "time");
  checkPacer(fieldsOf(state.pacer, "state.pacer"), count);
  for (const budget of list(state.budgets, "budgets", 100_000))
    checkBudget(fieldsOf(budget, "state.budgets"));
  numbers(state.answerTokens, "answerTokens", count, 1, 1e7);
  const breaker = fieldsOf(state.breaker, "state.breaker");
  numbers(breaker.strikes, "breaker.strikes", count, 0);
  numbers(breaker.closedUntil, "breaker.closedUntil", count, 0);
  for (const entry of list(state.sessions, "sessions", 10_000)) checkSession(entry, count);
  for (const entry of list(state.open, "open", 10_000_000)) {
    const [id, at, reserved] = list(entry, "open", 3);
    if (typeof id !== "string") fail("open", id, "an id");
    finite(at, "open");
    whole(reserved, "open");
  }
  for (const entry of list(state.rounding, "rounding", 100_000)) {
    const [key, ahead] = list(entry, "rounding", 2);
    if (typeof key !== "string") fail("rounding", key, "a key");
    numbers([ahead], "rounding", 1, 0, 1);
  }
  if (state.limits !== undefined) checkCapacityState(state.limits);
  if (state.feedback !== undefined) checkFeedback(fieldsOf(state.feedback, "state.feedback"), count);
  return value as RouterState;
}

function checkFeedback(
  { predictor, calibration, drift, cost, texts, requests }: Fields,
  models: number,
): void {
  if (typeof predictor !== "string") fail("feedback.predictor", predictor, "a digest");
  const rows = (value: unknown, field: string): unknown[] => {
    const all = list(value, field, models);
    return all.length === models ? all : fail(field, value, `a list of ${models}`);
  };
  for (const sums of rows(calibration, "feedback.calibration")) {
    numbers(sums, "feedback.calibration", 7, -1e9, 1e9);
    const [aa, , bb, , , w, ww] = sums as number[];
    if (Math.min(aa, bb, w, ww) < 0 || ww > 0 !== w > 0)
      fail("feedback.calibration", sums, "sums of squares");
  }
  for (const one of rows(drift, "feedback.drift")) {
    const { logCapital, most, split, recent } = fieldsOf(one, "state.feedback.drift");
    numbers([logCapital, most], "feedback.drift", 2, -1e9, 1e9);
    numbers(split, "feedback.drift.split", BETS, 0, 1);
    numbers(recent, "feedback.drift.recent", 3, 0);
  }
  for (const sums of rows(cost, "feedback.cost")) numbers(sums, "feedback.cost", 7, 0);
  numbers(texts, "feedback.texts", 7, 0);
  whole(requests, "feedback.requests");
}

function checkPacer(pacer: Fields, models: number): void {
  const bias = fieldsOf(pacer.bias, "state.pacer.bias");
  for (const field of ["actual", "predicted", "count"])
    numbers(bias[field], `pacer.bias.${field}`, models, 0);
  whole(pacer.solution, "pacer.solution");
  finite(pacer.solvedAt, "pacer.solvedAt");
  for (const field of ["least", "accuracyLambda"]) numbers([pacer[field]], `pacer.${field}`, 1, 0);
  if (pacer.most !== null) numbers([pacer.most], "pacer.most", 1, 0);
  const { rows, offered, probability, cost } = fieldsOf(pacer.reservoir, "state.pacer.reservoir");
  whole(rows, "pacer.reservoir.rows", RESERVOIR_ROWS);
  whole(offered, "pacer.reservoir.offered");
  const values = (text: unknown, field: string): Float32Array => {
    const isText = typeof text === "string" && text.length <= RESERVOIR_ROWS * 255 * 6;
    const floats = isText ? floatsOf(text) : new Float32Array(0);
    if (!isText || floats.length !== (rows as number) * models) fail(field, text, "a matrix in base64");
    return floats;
  };
  const p = values(probability, "pacer.reservoir.probability");
  if (!p.every((x) => x >= 0 && x <= 1)) fail("pacer.reservoir.probability", "a value", "0 … 1");
  const c = values(cost, "pacer.reservoir.cost");
  for (let row = 0; row < (rows as number); row++) {
    const costs = c.subarray(row * models, (row + 1) * models);
    if (!costs.every((x) => x >= 0) || !costs.some(Number.isFinite))
      fail("pacer.reservoir.cost", `row ${row}`, "dollars ≥ 0, one of them finite");
  }
}

function checkBudget({ name, lambda, movedAt, solvedWith, pace }: Fields): void {
  if (typeof name !== "string") fail("budgets", name, "a name");
  if (lambda !== undefined) numbers([lambda], "budgets.lambda", 1, 0);
  finite(movedAt, "budgets.movedAt");
  finite(solvedWith, "budgets.solvedWith");
  const { profile, start, since, seen } = fieldsOf(pace, "state.budgets.pace");
  const { requests, hours, under } = fieldsOf(profile, "state.budgets.pace.profile");
  if (under !== undefined) {
    const hour = fieldsOf(under, "state.budgets.pace.profile.under");
    for (const field of ["end", "since"]) finite(hour[field], `budgets.pace.profile.under.${field}`);
    whole(hour.requests, "budgets.pace.profile.under.requests");
  }
  numbers(requests, "budgets.pace.profile.requests", WEEK_HOURS, 0);
  numbers(hours, "budgets.pace.profile.hours", WEEK_HOURS, 0, 10);
  for (const time of [start, since]) if (time !== undefined) finite(time, "budgets.pace.start");
  whole(seen, "budgets.pace.seen");
}

function checkSession(entry: unknown, models: number): void {
  const [id, session] = list(entry, "sessions", 2);
  if (typeof id !== "string" || id.length > 1_000) fail("sessions", id, "an id");
  const { model, at, tokens } = fieldsOf(session, "state.sessions");
  whole(model, "sessions.model", models - 1);
  finite(at, "sessions.at");
  numbers([tokens], "sessions.tokens", 1, 0);
}

function list(value: unknown, field: string, most: number): unknown[] {
  if (Array.isArray(value) && value.length <= most) return value as unknown[];
  return fail(field, value, `a list of at most ${most}`);
}

function numbers(
  value: unknown,
  field: string,
  length: number,
  least: number,
  most = Number.MAX_VALUE,
): void {
  const isFine =
    Array.isArray(value) &&
    value.length === length &&
    value.every((x) => typeof x === "number" && x >= least && x <= most);
  if (!isFine) fail(field, value, `${length} numbers ≥ ${least}`);
}

function whole(value: unknown, field: string, most = Number.MAX_SAFE_INTEGER): void {
  if (!(Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most))
    fail(field, value, "a whole number ≥ 0");
}

/** A time or count from 0 to the year 2100 in milliseconds; −1: never. */
function finite(value: unknown, field: string): void {
  if (!(typeof value === "number" && value >= -1 && value <= 4.2e12))
    fail(field, value, "a time before 2100");
}

function fail(field: string, value: unknown, expected: string): never {
  throw new InputError(`state: ${field} is ${shown(value)}; expected ${expected}`, { field });
}
