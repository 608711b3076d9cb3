import { shown } from "../../text/shown.js";
import { numberedId, type BatchForm } from "./form.js";
import type { Adapting, Fields } from "./body.js";
import { isDefault } from "./fields.js";
import { bodyOf, jsonLine } from "./request.js";

const CHAT = "/v1/chat/completions";
const RESPONSES = "/v1/responses";

/** A file of the OpenAI Batch API: JSONL, one model and one url, at most 50,000 requests and 200 MB. */
export const OPENAI_BATCH: BatchForm = {
  api: "OpenAI's Batch API",
  open: "",
  between: "\n",
  close: "\n",
  ending: ".jsonl",
  maxRequests: 50_000,
  maxBytes: 200_000_000,
  ids: /^[^]+$/,
  idOf: numberedId,
  urlOf: (url) => url ?? CHAT,
  line: openaiLine,
};

/** Models that think before they answer. */
const REASONING = /^(ft:)?(o\d|gpt-([6-9]|[1-9]\d)|gpt-5(?!.*-chat)|codex-)/;
const RESPONSES_ONLY = /^(o\d-pro|o\d.*-deep-research|gpt-5.*-(pro|codex)|codex-|computer-use-)/;
/** Fields whose only value is their default in a model that reasons. */
const FIXED: Record<string, unknown> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};
const NEVER_REASONING = ["logit_bias", "logprobs", "top_logprobs", "stop"];

/**
 * A line of an OpenAI Batch input file: the request with its body kept, the body's `model` replaced, and what the model
 * refuses adapted: `max_tokens` and sampling for models that reason, `stream`, which no batch has. Numbers are written as
 * JavaScript reads them, so whole numbers above 2⁵³ lose digits.
 */
function openaiLine(at: Adapting, id: string): string {
  const { request, model } = at;
  const url = request.url ?? CHAT;
  if (url === CHAT && RESPONSES_ONLY.test(model))
    at.refuse(`${shown(model)} is served by ${RESPONSES} only: a request to ${CHAT}`);
  let body: Fields = { ...bodyOf(request) };
  if (url === CHAT) body = fromMessagesApi(body, at);
  if (url === CHAT || url === RESPONSES) adapt(body, url, at);
  return jsonLine({ custom_id: id, method: "POST", url, body: { ...body, model } }, request.where);
}

/** `system` and `stop_sequences` of Anthropic's form as OpenAI has them. */
function fromMessagesApi({ system, stop_sequences: stop, ...body }: Fields, at: Adapting): Fields {
  if (stop !== undefined) body.stop = stop;
  const { messages, tools } = body;
  if (!Array.isArray(messages))
    return at.refuse(messages === undefined ? "a body without messages" : "messages that are no list");
  for (const { content } of messages as Fields[])
    if (Array.isArray(content)) for (const part of content as Fields[]) checkPart(part, at);
  if (Array.isArray(tools) && (tools as Fields[]).some((tool) => tool?.input_schema !== undefined))
    at.refuse("tools in Anthropic's form");
  if (system === undefined) return body;
  if (typeof system !== "string") return at.refuse('"system" that is no text');
  return { ...body, messages: [{ role: "system", content: system }, ...(messages as unknown[])] };
}

function checkPart(part: Fields, at: Adapting): void {
  if (part?.source !== undefined || /^(tool_|thinking|document)/.test(String(part?.type)))
    at.refuse(`a content block of type ${shown(part.type)}`);
}

function adapt(body: Fields, url: string, at: Adapting): void {
  if (body.stream !== undefined) {
    if (body.stream === true) at.note("stream left out: a batch has none");
    delete body.stream;
    delete body.stream_options;
  }
  const limit = url === RESPONSES ? "max_output_tokens" : "max_completion_tokens";
  const isReasoning = REASONING.test(at.model);
  if (url === RESPONSES || isReasoning) renameLimit(body, limit, at);
  if (isReasoning) withoutSampling(body, at);
  else if ((body.reasoning_effort ?? undefined) !== undefined) {
    at.note("reasoning_effort left out: the model does not reason");
    delete body.reasoning_effort;
  }
}

function renameLimit(body: Fields, limit: string, at: Adapting): void {
  for (const old of ["max_tokens", "max_completion_tokens"]) {
    if (old === limit || body[old] === undefined) continue;
    if (body[old] !== null && (body[limit] ?? undefined) === undefined) {
      body[limit] = body[old];
      at.note(`${old} sent as ${limit}, which also counts reasoning`);
    }
    delete body[old];
  }
}

function withoutSampling(body: Fields, at: Adapting): void {
  for (const [field, only] of Object.entries(FIXED)) {
    if (body[field] === undefined) continue;
    if (body[field] !== null && body[field] !== only)
      at.note(`${field} left out: only ${String(only)} is accepted`);
    if (body[field] !== only) delete body[field];
  }
  for (const field of NEVER_REASONING) {
    if (body[field] === undefined) continue;
    if (!isDefault(field, body[field])) at.refuse(`"${field}" for a model that reasons`);
    delete body[field];
  }
}
