import { shown } from "../../text/shown.js";
import type { Adapting, Fields } from "./body.js";

/**
 * Fields of a request that change nothing of the question: who asks, how it is billed, stored and sent. A vendor that
 * has no such field does not need it.
 */
const BESIDE = [
  "metadata",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "service_tier",
  "store",
  "stream",
  "stream_options",
  "user",
  "verbosity",
  "reasoning_effort",
  "prediction",
];
/** How the next token is picked; without them the vendor's default holds. */
const SAMPLING = ["seed", "frequency_penalty", "presence_penalty", "temperature", "top_p", "top_k"];

/**
 * Handles a field that the vendor's request does not have: blank values and defaults go silently, what is beside the
 * question or only steers sampling is left out and counted, anything else is refused.
 */
export function leaveOut(field: string, value: unknown, at: Adapting): void {
  if (isDefault(field, value)) return;
  if (BESIDE.includes(field) || SAMPLING.includes(field)) at.note(`${field} left out`);
  else at.refuse(field === "n" ? `n = ${shown(value)}` : `"${shown(field)}"`);
}

/** Whether leaving the field out means the same. */
export function isDefault(field: string, value: unknown): boolean {
  if (value === null || value === undefined || field === "model") return true;
  switch (field) {
    case "n":
      return value === 1;
    case "parallel_tool_calls":
      return value === true;
    case "stream":
    case "logprobs":
    case "store":
      return value === false;
    case "frequency_penalty":
    case "presence_penalty":
    case "top_logprobs":
      return value === 0;
    case "modalities":
      return Array.isArray(value) && value.length === 1 && value[0] === "text";
    case "logit_bias":
      return typeof value === "object" && Object.keys(value as Fields).length === 0;
    default:
      return false;
  }
}

/** A number within a range, both ends included. */
export function numberWithin(field: string, value: unknown, high: number, at: Adapting): unknown {
  if (typeof value === "number" && value >= 0 && value <= high) return value;
  return at.refuse(`${field} ${shown(value)}, outside 0 … ${high},`);
}

/** The `stop` texts as a list. */
export function stopsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
