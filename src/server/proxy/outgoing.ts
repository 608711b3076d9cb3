import type { IncomingHttpHeaders } from "node:http";
import type { Body } from "../protocol/asked.js";
import { objectOf } from "../protocol/fields.js";
import type { Attempt } from "./attempt.js";

/** What of the client's headers an upstream may know. */
const PASSED = ["user-agent", "openai-beta"];
/** What of an upstream's headers a client may know. */
const RETURNED = ["openai-processing-ms", "openai-version"];

/** The body for one model: its id, its name of the limit, and a request for the usage of a stream. */
export function outgoingBody({ call, model }: Attempt): Body {
  const { asked, policy } = call;
  const { upstream, config, id } = model;
  const body: Body = { ...asked.body, model: id };
  const { needsLimit } = upstream.kind;
  const usual = policy.config.maxTokens ?? (needsLimit ? config.maxOutput : undefined);
  if (asked.maxTokens === undefined && usual !== undefined)
    body[asked.api === "chat" ? (config.maxTokensField ?? "max_completion_tokens") : "max_output_tokens"] =
      usual;
  if (asked.api !== "chat") return body;
  if (config.maxTokensField !== undefined) rename(body, config.maxTokensField);
  if (asked.isStream && upstream.config.streamUsage)
    body.stream_options = { ...objectOf(asked.body.stream_options), include_usage: true };
  return body;
}

function rename(body: Body, field: "max_tokens" | "max_completion_tokens"): void {
  const limit = body.max_completion_tokens ?? body.max_tokens ?? undefined;
  delete body.max_completion_tokens;
  delete body.max_tokens;
  if (limit !== undefined) body[field] = limit;
}

/** Headers for an upstream: few that are allowed, never the client's key, cookies or host. */
export function outgoingHeaders(headers: IncomingHttpHeaders, id: string): Record<string, string> {
  return { ...allowed(headers, PASSED), "x-request-id": id };
}

/** Headers of an answer for the client. */
export function answerHeaders(
  { call, decision }: Attempt,
  headers: IncomingHttpHeaders,
): Record<string, string> {
  return {
    ...allowed(headers, RETURNED),
    "x-request-id": call.id,
    "x-optllm-model": decision.model,
    "x-optllm-decision": decision.id,
    "x-optllm-policy": call.policy.name,
    ...(call.would !== undefined && { "x-optllm-would": call.would }),
  };
}

function allowed(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === "string") passed[name] = value;
  }
  return passed;
}

/** Dollars for a header: plain decimals, at most ten. */
export function dollarsText(cost: number): string {
  return cost.toFixed(10).replace(/\.?0+$/, "");
}
