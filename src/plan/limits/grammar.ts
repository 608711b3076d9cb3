import { Phrase } from "./phrase.js";
import type { LimitSpec } from "./spec.js";

/** Seconds of a unit of time. */
const SECONDS = { ms: 0.001, s: 1, sec: 1, seconds: 1, min: 60, minutes: 60, m: 60, h: 3600, hours: 3600, d: 86400, days: 86400 }; // prettier-ignore
const TIME = "a time such as 1.2s, 30min or 8h";

/** What a rate counts, and the seconds that it counts over. */
const RATES = {
  rps: ["queries", 1],
  rpm: ["queries", 60],
  rph: ["queries", 3600],
  rpd: ["queries", 86400],
  tps: ["tokens", 1],
  tpm: ["tokens", 60],
  tph: ["tokens", 3600],
  tpd: ["tokens", 86400],
} as const;

const AMOUNT = "an amount such as 20000 queries, 3e8 tokens, 500 rpm for 8h, or $500";

/**
 * `MODELS: 20000 queries`, `MODELS: at least 3e8 tokens`, `MODELS: 500 rpm for 8h`, `MODELS: $500`. MODELS is a name or a
 * pattern with `*`; the last ": " ends it. `where`: what errors call the text.
 *
 * @throws InputError that points at the place.
 */
export function parseLimit(text: string, where = "--limit"): LimitSpec {
  const { scope, rest } = scoped(text, where, "MODELS: AMOUNT, such as gpt-4o: 20000 queries");
  const side = sideOf(rest) ?? "atMost";
  const amount = amountOf(rest);
  rest.end();
  return { ...amount, as: "total", side, models: scope };
}

/** `MODELS: at least $500`, also `at most`. Throws `InputError` that points at the place. */
export function parseSpend(text: string, where = "--spend"): LimitSpec {
  const { scope, rest } = scoped(text, where, "MODELS: at least $AMOUNT, such as openai/*: at least $500");
  const side = sideOf(rest);
  if (side === undefined) throw rest.refuse("expected at least or at most");
  rest.need("$ and a number of dollars", "$");
  const value = rest.number("a number of dollars");
  rest.end();
  return { measure: "cost", as: "total", side, value, models: scope };
}

/** `MODELS >= 30%`, also `<=`, `at least`, `at most`, and `of spend` or `of tokens`. Throws `InputError` that points at the place. */
export function parseShare(text: string, where = "--share"): LimitSpec {
  const whole = new Phrase(text, where);
  const at = Math.max(...["<=", ">=", " at least ", " at most "].map((one) => text.lastIndexOf(one)));
  const models = text.slice(0, Math.max(0, at)).trim();
  if (models === "") throw whole.refuse("expected MODELS >= SHARE, such as small >= 30%");
  const rest = whole.from(at);
  const side = sideOf(rest)!;
  const value = shareOf(rest);
  const isOf = rest.take("of") !== undefined;
  const of = isOf ? rest.need("queries, spend or tokens", "queries", "spend", "tokens") : "queries";
  rest.end();
  return { measure: of === "spend" ? "cost" : of, as: "share", side, value, models };
}

/** `COLUMN: 80%` for every value of a column, `COLUMN=VALUE: 80%` for one. Throws `InputError` that points at the place. */
export function parseGroupFloor(text: string, where = "--group-floor"): LimitSpec {
  const { scope, rest } = scoped(text, where, "COLUMN: SHARE or COLUMN=VALUE: SHARE, such as language: 80%");
  const side = sideOf(rest) ?? "atLeast";
  const value = shareOf(rest);
  rest.end();
  const equals = scope.indexOf("=");
  const column = (equals < 0 ? scope : scope.slice(0, equals)).trim();
  if (column === "") throw rest.from(0).refuse("expected the name of a column");
  const group = equals < 0 ? { column } : { column, value: scope.slice(equals + 1).trim() };
  return { measure: "accuracy", as: "mean", side, value, group };
}

/** `mean <= 1.2s` or `total <= 8h`, also `MODELS: mean <= 1.2s`. Throws `InputError` that points at the place. */
export function parseLatency(text: string, where = "--latency"): LimitSpec {
  const isScoped = text.includes(": ");
  const { scope, rest } = isScoped
    ? scoped(text, where, "mean <= 1.2s")
    : { scope: undefined, rest: new Phrase(text, where) };
  const as = rest.need("mean or total, as in mean <= 1.2s or total <= 8h", "mean", "total");
  const side = sideOf(rest);
  if (side === undefined) throw rest.refuse("expected <= or >=");
  const value = secondsOf(rest);
  rest.end();
  return { measure: "latency", as, side, value, ...(scope !== undefined && { models: scope }) };
}

/** `MODELS=1.2s`: the seconds that a model takes for a query. The last "=" ends the name. Throws `InputError` that points at the place. */
export function parseLatencyOf(text: string, where = "--latency-of"): { models: string; seconds: number } {
  const at = text.lastIndexOf("=");
  const whole = new Phrase(text, where);
  const models = text.slice(0, Math.max(0, at)).trim();
  if (models === "") throw whole.refuse("expected MODELS=TIME, such as gpt-4o=1.2s");
  const rest = whole.from(at + 1);
  const seconds = secondsOf(rest);
  rest.end();
  return { models, seconds };
}

/** What stands before the last ": ", and the phrase after it. An amount holds no ": ", so no other one can separate. */
function scoped(text: string, where: string, expected: string): { scope: string; rest: Phrase } {
  const whole = new Phrase(text, where);
  const at = text.lastIndexOf(": ");
  const scope = text.slice(0, Math.max(0, at)).trim();
  if (scope === "") throw whole.refuse(`expected ${expected}`);
  return { scope, rest: whole.from(at + 2) };
}

function sideOf(phrase: Phrase): LimitSpec["side"] | undefined {
  const found = phrase.take("at most", "at least", "<=", ">=");
  if (found === undefined) return undefined;
  return found === "at most" || found === "<=" ? "atMost" : "atLeast";
}

function amountOf(phrase: Phrase): Pick<LimitSpec, "measure" | "value"> {
  if (phrase.take("$") !== undefined) return { measure: "cost", value: phrase.number("a number of dollars") };
  const value = phrase.count(AMOUNT);
  const rates = Object.keys(RATES) as (keyof typeof RATES)[];
  const unit = phrase.need(
    "queries, tokens, or a rate (rps, rpm, rph, rpd, tps, tpm, tph, tpd)",
    ...(["queries", "query", "tokens", "token"] as const),
    ...rates,
  );
  if (unit === "queries" || unit === "query") return { measure: "queries", value };
  if (unit === "tokens" || unit === "token") return { measure: "tokens", value };
  const [measure, seconds] = RATES[unit];
  phrase.need("for and a time: a rate is a limit only over some time, as in 500 rpm for 8h", "for");
  const start = phrase.mark();
  const time = secondsOf(phrase);
  if (time === 0) throw phrase.refuse("expected a time above 0", start);
  return { measure, value: exact((value * time) / seconds) };
}

/** `30%`, or `0.3`. */
function shareOf(phrase: Phrase): number {
  const start = phrase.mark();
  const number = phrase.number("a share such as 30% or 0.3");
  const value = phrase.take("%") === undefined ? number : number / 100;
  if (value > 1) throw phrase.refuse("expected a share from 0% to 100%", start);
  return value;
}

function secondsOf(phrase: Phrase): number {
  const value = phrase.number(TIME);
  const units = Object.keys(SECONDS) as (keyof typeof SECONDS)[];
  return exact(value * SECONDS[phrase.need(TIME, ...units)]);
}

/** Without what multiplying decimals leaves in the last digits. */
function exact(value: number): number {
  return Number(value.toPrecision(15));
}
