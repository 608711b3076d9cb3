import { checkObject } from "./checks.js";
import { oneLine } from "../text/shown.js";

/** A model that would answer next if the chosen one fails. */
export interface Fallback {
  model: string;
  probability: number;
  /** The predictor's, before feedback corrected it. */
  uncorrectedProbability: number;
  /** Predicted dollars. */
  cost: number;
  /** Dollars that it may cost at most. */
  worstCase: number;
  inputTokens: number;
  /** The longest answer that would be reserved for, tokens. */
  outputTokens: number;
}

export const REASONS = ["value", "explored", "tool loop", "budget exhausted", "fallback"] as const;
/** Why a model was chosen. */
export type Reason = (typeof REASONS)[number];

/** Which model answers a request, and why. Plain data: it can be logged, sent on and given back. */
export interface Decision {
  status: "routed";
  /** Names the reservation; unique for a ledger. */
  id: string;
  model: string;
  /** Predicted chance of a good answer, 0 … 1, corrected by how answers of this model were judged lately. */
  probability: number;
  /** The predictor's own, before correction. */
  uncorrectedProbability: number;
  /** Predicted dollars, corrected by what answers of this model have cost lately, less what a warm cache saves. */
  cost: number;
  /** The prediction before correction, dollars. */
  uncorrectedCost: number;
  /** Dollars that are reserved: the most that the answer may cost. */
  worstCase: number;
  /** Price of accuracy that held, probability per dollar. */
  lambda: number;
  /** The next best model, and by how much it is worth less: in probability, or dollars at λ = ∞. */
  runnerUp?: { model: string; loss: number };
  /** Chance 0 … 1 with which the router chose this model here; for estimates of other policies from the log. */
  propensity: number;
  reason: Reason;
  /** The policy, its models, prices and predictor. */
  policy: string;
  /** Who would answer next, best first: by p − λ·κ·c. At most three. */
  fallbacks: Fallback[];
  /** Models that could not answer, and why. */
  excluded: Excluded[];
  inputTokens: number;
  /** The longest answer that is reserved for, tokens. */
  outputTokens: number;
  key?: string;
  session?: string;
  /** The request's values of the columns that limits of the policy are on. */
  groups?: Readonly<Record<string, string>>;
}

/** Nothing can be routed to: a result, not an error. */
export interface Refusal {
  status: "refused";
  /** `budget`: it would be exceeded; `models`: none can answer, whatever the money. */
  cause: "budget" | "models";
  /** The budget, such as "policy:support". */
  budget?: string;
  /** When that budget is renewed, milliseconds since 1970. */
  renewedAt?: number;
  lambda: number;
  policy: string;
  excluded: Excluded[];
}

export const EXCLUSIONS = [
  "not allowed",
  "cost unknown",
  "context too short",
  "cannot do what is needed",
  "failing",
  "over budget",
  "kept for an exhausted budget",
  "limit used up",
] as const;
/** Why a model cannot answer a request. */
export type Exclusion = (typeof EXCLUSIONS)[number];

/** A model that cannot answer a request. */
export interface Excluded {
  model: string;
  why: Exclusion;
  /** What exactly it cannot do, where a server knows. */
  detail?: string;
}

/**
 * A decision or refusal in words, on one line.
 */
export function explain(result: Decision | Refusal): string {
  checkObject("result", result, "what route() gave");
  return oneLine(result.status === "routed" ? routed(result) : refused(result));
}

function routed(decision: Decision): string {
  const { model, probability, cost, lambda, runnerUp, reason, propensity, worstCase, excluded } = decision;
  const { uncorrectedProbability: before = probability } = decision;
  const corrected =
    before === probability ? "" : ` (${(100 * before).toFixed(1)} % before feedback corrected it)`;
  const odds = `${(100 * probability).toFixed(1)} % likely to answer well${corrected} for $${money(cost)}`;
  const why: Record<Reason, string> = {
    value: `it is worth most at ${priceOf(lambda)}`,
    explored: `it was drawn to learn from, with propensity ${propensity.toPrecision(3)}`,
    "tool loop": "it began the tool loop that this request continues",
    "budget exhausted": "the budget has no room for any other model",
    fallback: `a model that is worth more failed; this one is next at ${priceOf(lambda)}`,
  };
  const next =
    runnerUp === undefined
      ? ""
      : `; next is ${runnerUp.model}, worth ${lambda === Infinity ? `$${money(runnerUp.loss)}` : `${(100 * runnerUp.loss).toFixed(2)} points`} less`;
  return `${model}: ${odds} (at most $${money(worstCase)}); ${why[reason]}${next}${left(excluded)}`;
}

function refused({ cause, budget, renewedAt, excluded }: Refusal): string {
  const renewed =
    renewedAt === undefined || renewedAt === Infinity ? "" : `, renewed ${new Date(renewedAt).toISOString()}`;
  const why =
    cause === "budget" ? `no model fits what is left of budget ${budget}${renewed}` : "no model can answer";
  return `refused: ${why}${left(excluded)}`;
}

function left(excluded: Decision["excluded"]): string {
  if (excluded.length === 0) return "";
  return `; left out: ${excluded.map(({ model, why, detail }) => `${model} (${detail ?? why})`).join(", ")}`;
}

function money(dollars: number): string {
  return Number(dollars.toPrecision(3)).toString();
}

function priceOf(lambda: number): string {
  return lambda === Infinity ? "λ = ∞ (the cheapest)" : `λ = ${Number(lambda.toPrecision(4))} per dollar`;
}
