import { checkFields, checkNames, checkNumber, checkObject, refuse } from "./checks.js";
import type { RequestFeatures } from "./scorer.js";
import type { Decision } from "./decision.js";

/** One request to be routed. */
export interface RouteRequest {
  /** What is to be answered: all of it that the model will read. */
  text: string;
  /** Its vector, for a predictor that was fitted to vectors in place of texts, or beside them. */
  vector?: Float32Array;
  /** What else is known of it: a value, "" where unknown, for each feature column of the predictor and each column that limits of the policy are on. */
  features?: RequestFeatures;
  /** The longest answer that the request allows, in tokens. Without it, a budget can be exceeded by one long answer. */
  maxTokens?: number;
  /** Answers asked for at once, 1 … 1,000: each as long as `maxTokens`. Default 1. */
  answers?: number;
  /** Input tokens of the whole request where they are more than those of `text`: tools, images, earlier messages. */
  inputTokens?: number;
  /** What the model must be able to do; see `ModelOptions.can`. */
  needs?: readonly string[];
  /** The only models that may answer. Default: all of the policy and the key. */
  allowed?: readonly string[];
  /** Who asks; one of the router's `keys`. */
  key?: string;
  /** The conversation it belongs to: its model is kept while its prompt cache makes that worth while. */
  session?: string;
  /** The request continues a tool loop of its session: the model stays. */
  isToolLoop?: boolean;
}

const FIELDS: Readonly<Record<keyof RouteRequest, true>> = {
  text: true,
  vector: true,
  features: true,
  maxTokens: true,
  inputTokens: true,
  needs: true,
  allowed: true,
  key: true,
  session: true,
  answers: true,
  isToolLoop: true,
};

/**
 * How a request ended. `answered`: with an answer; `failed`: without, by the model's fault; `abandoned`: nobody waited
 * for the rest; `assumed`: the model was not asked, and its cost is a guess that the decision log leaves out.
 */
export type Ending = "answered" | "failed" | "abandoned" | "assumed";

const ENDINGS: readonly Ending[] = ["answered", "failed", "abandoned", "assumed"];

/** What an answer used: its cost in dollars, or its tokens. */
export interface Settlement {
  /** Default `answered`. What costs money without an answer teaches nothing of costs and lengths. */
  ending?: Ending;
  /** Dollars charged. Default: from the tokens and the model's price. */
  cost?: number;
  /** All input tokens, cached ones included. */
  inputTokens?: number;
  outputTokens?: number;
  /** The input tokens that were read from the prompt cache. */
  cachedTokens?: number;
  /** The input tokens that were written to the prompt cache. */
  cacheWriteTokens?: number;
}

/** Refuses requests of a wrong shape: a caller in JavaScript may pass on what a client sent. */
export function checkRequest(request: RouteRequest): void {
  checkObject("request", request, "{ text, … }");
  checkFields("request", request, FIELDS);
  const { text, vector, features, maxTokens, inputTokens, needs, allowed, session, isToolLoop } = request;
  if (typeof text !== "string") refuse("text", text, "the text to be answered");
  if (vector !== undefined && !(vector instanceof Float32Array)) refuse("vector", vector, "a Float32Array");
  if (features !== undefined) checkFeatures(features);
  for (const [field, value] of [
    ["maxTokens", maxTokens],
    ["inputTokens", inputTokens],
  ] as const) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
      refuse(field, value, "whole tokens ≥ 0");
  }
  const { answers = 1 } = request;
  if (!(Number.isSafeInteger(answers) && answers >= 1 && answers <= 1_000))
    refuse("answers", answers, "a whole number, 1 … 1,000");
  checkNames("needs", needs);
  checkNames("allowed", allowed);
  if (isToolLoop !== undefined && typeof isToolLoop !== "boolean")
    refuse("isToolLoop", isToolLoop, "true or false");
  if (session !== undefined && (typeof session !== "string" || session.length > 1_000))
    refuse("session", session, "at most 1,000 characters");
}

/** Refuses what is no record of texts and numbers. */
function checkFeatures(features: unknown): void {
  const isValue = (value: unknown): boolean =>
    (typeof value === "string" && value.length <= LONGEST_FEATURE) || Number.isFinite(value);
  const isRecord =
    typeof features === "object" && features !== null && Object.values(features).every(isValue);
  if (!isRecord)
    refuse("features", features, `texts of at most ${LONGEST_FEATURE} characters, or numbers, by column`);
}

const LONGEST_FEATURE = 1_000;

export function checkSettlement(settlement: Settlement): void {
  checkObject("settlement", settlement, "{ cost } or { inputTokens, outputTokens }");
  const { ending, ...amounts } = settlement;
  if (ending !== undefined && !ENDINGS.includes(ending)) refuse("ending", ending, ENDINGS.join(", "));
  for (const [field, value] of Object.entries(amounts)) {
    if (value !== undefined && !(typeof value === "number" && value >= 0 && value < 1e12))
      refuse(field, value, "a number ≥ 0");
  }
  const { cost, inputTokens, outputTokens } = settlement;
  if (cost === undefined && (inputTokens === undefined || outputTokens === undefined))
    refuse("cost", cost, "the dollars charged, or inputTokens and outputTokens");
}

const AMOUNT = { least: 0, most: 1e12, expected: "an amount ≥ 0, as it was decided" };

/** Refuses what is no decision: it may have been logged, sent on and given back. */
export function checkDecision(decision: Decision): void {
  checkObject("decision", decision, "what route() gave");
  const { id, uncorrectedCost, inputTokens, propensity, session, key, fallbacks } = decision;
  if (typeof id !== "string") refuse("decision.id", id, "a decision of this router");
  checkAmount("uncorrectedCost", uncorrectedCost);
  checkAmount("inputTokens", inputTokens);
  checkShare("uncorrectedProbability", decision.uncorrectedProbability);
  checkShare("propensity", propensity);
  for (const [field, value] of Object.entries({ session, key })) {
    if (value !== undefined && typeof value !== "string") refuse(`decision.${field}`, value, "a text");
  }
  if (!Array.isArray(fallbacks)) refuse("decision.fallbacks", fallbacks, "a list of models");
  for (const next of fallbacks) {
    checkObject("decision.fallbacks", next, "a list of models");
    checkShare("fallbacks.uncorrectedProbability", next.uncorrectedProbability);
    checkAmount("fallbacks.cost", next.cost);
    checkAmount("fallbacks.worstCase", next.worstCase);
    checkAmount("fallbacks.inputTokens", next.inputTokens);
    checkAmount("fallbacks.outputTokens", next.outputTokens);
  }
}

function checkShare(field: string, value: unknown): void {
  const expected = "0 … 1, as it was decided";
  if (value === undefined) refuse(`decision.${field}`, value, expected);
  checkNumber(`decision.${field}`, value, { least: 0, most: 1, expected });
}

function checkAmount(field: string, value: unknown): void {
  if (value === undefined) refuse(`decision.${field}`, value, AMOUNT.expected);
  checkNumber(`decision.${field}`, value, AMOUNT);
}
