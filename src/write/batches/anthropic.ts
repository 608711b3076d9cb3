import { shown } from "../../text/shown.js";
import { numberedId, type BatchForm, type BodyOptions } from "./form.js";
import { asChat, type Adapting, type Fields } from "./body.js";
import { readChat, readFormat, readToolChoice, readTools, type Chat, type ChatPart } from "./chat.js";
import { leaveOut, numberWithin, stopsOf } from "./fields.js";
import { bodyOf, jsonLine } from "./request.js";

/** A body of the Anthropic Message Batches API: at most 100,000 requests and 256 MB. */
export const ANTHROPIC_BATCH: BatchForm = {
  api: "the Messages API",
  open: '{"requests":[\n',
  between: ",\n",
  close: "\n]}\n",
  ending: ".json",
  maxRequests: 100_000,
  maxBytes: 256_000_000,
  ids: /^[a-zA-Z0-9_-]{1,64}$/,
  idOf: numberedId,
  line: anthropicLine,
};

/** A request of a Message Batch: `{ custom_id, params }`. */
function anthropicLine(at: Adapting, id: string, { maxTokens }: BodyOptions): string {
  const params = { model: at.model, ...messagesParams(at, maxTokens) };
  return jsonLine({ custom_id: id, params }, at.request.where);
}

/** Models that take no sampling settings, and those that take one of temperature and top_p. */
const NO_SAMPLING = /claude-(opus-4-[7-9]|[a-z]+-([5-9]|[1-9]\d)(-|$))/;
const ONE_SAMPLER = /claude-(opus-4-1|[a-z]+-4-[5-9])/;
export const NO_SCHEMA = /claude-(\d|v\d|instant|\w+-4(-0|-2\d{7}|@|$))/;

/**
 * The parameters of the Messages API, without the model, from a body in its own form or in OpenAI's. `max_tokens` is
 * demanded: `maxTokens` where the body has none.
 */
export function messagesParams(at: Adapting, maxTokens: number): Fields {
  const own = bodyOf(at.request);
  const body = asChat({ ...own, system: typeof own.system === "string" ? own.system : undefined }, at);
  const params: Fields = { max_tokens: maxTokens };
  const chat = readChat(body.messages, at);
  if (chat.system.length > 0) params.system = chat.system.join("\n\n");
  if (Array.isArray(own.system)) params.system = own.system;
  params.messages = messagesOf(chat, at);
  for (const [field, value] of Object.entries(body))
    if (field !== "messages" && value !== null && value !== undefined) put(params, field, value, at);
  settleSampling(params, at);
  return params;
}

function put(params: Fields, field: string, value: unknown, at: Adapting): void {
  switch (field) {
    case "max_tokens":
    case "max_completion_tokens":
      params.max_tokens = value;
      return;
    case "stop":
      params.stop_sequences = stopsOf(value);
      return;
    case "user":
      params.metadata = { user_id: value };
      return;
    case "metadata":
      if ((value as Fields).user_id === undefined) leaveOut(field, value, at);
      else params.metadata = value;
      return;
    case "service_tier":
      if (value === "standard_only") params.service_tier = value;
      else if (value !== "auto") leaveOut(field, value, at);
      return;
    case "temperature":
    case "top_p":
      params[field] = numberWithin(field, value, 1, at);
      return;
    case "tools":
      params.tools = isOpenaiTools(value) ? toolsOf(value, at) : value;
      return;
    case "tool_choice":
      params.tool_choice = {
        ...(params.tool_choice as Fields),
        ...(isOwnChoice(value) ? (value as Fields) : choiceOf(value, at)),
      };
      return;
    case "parallel_tool_calls":
      if (value === false)
        params.tool_choice = {
          type: "auto",
          ...(params.tool_choice as Fields),
          disable_parallel_tool_use: true,
        };
      return;
    case "response_format":
      putFormat(params, value, at);
      return;
    case "thinking":
    case "top_k":
    case "output_config":
      params[field] = value;
      return;
    default:
      leaveOut(field, value, at);
  }
}

/** Leaves out what the model takes of temperature, top_p and top_k no longer. */
function settleSampling(params: Fields, at: Adapting): void {
  const drop = (field: string, why: string): void => {
    if (params[field] === undefined) return;
    if (params[field] !== 1 || field === "top_k") at.note(`${field} left out: ${why}`);
    delete params[field];
  };
  if (NO_SAMPLING.test(at.model))
    for (const field of ["temperature", "top_p", "top_k"]) drop(field, "the model takes none");
  else if (ONE_SAMPLER.test(at.model) && params.temperature !== undefined)
    drop("top_p", "the model takes one of temperature and top_p");
}

function isOpenaiTools(tools: unknown): boolean {
  return Array.isArray(tools) && tools.some((tool) => (tool as Fields)?.type === "function");
}

function toolsOf(tools: unknown, at: Adapting): Fields[] {
  return readTools(tools, at).map(({ parameters, ...tool }) => ({ ...tool, input_schema: parameters }));
}

function isOwnChoice(choice: unknown): boolean {
  return ["auto", "any", "none", "tool"].includes((choice as Fields)?.type as string);
}

function choiceOf(choice: unknown, at: Adapting): Fields {
  const read = readToolChoice(choice, at);
  return typeof read === "string" ? { type: read } : { type: "tool", name: read.name };
}

function putFormat(params: Fields, format: unknown, at: Adapting): void {
  const read = readFormat(format, at);
  if (read === undefined) return;
  if (read === "object" || NO_SCHEMA.test(at.model))
    return at.refuse(`"response_format" of type ${shown((format as Fields).type)}`);
  params.output_config = { format: { type: "json_schema", schema: read.schema } };
}

function messagesOf({ turns }: Chat, at: Adapting): Fields[] {
  return turns.map(({ role, isPlain, parts }) => ({
    role,
    content: isPlain && parts[0].kind === "text" ? parts[0].text : parts.map((part) => blockOf(part, at)),
  }));
}

function blockOf(part: ChatPart, at: Adapting): Fields {
  switch (part.kind) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return { type: "image", source: { type: "base64", media_type: part.mediaType, data: part.data } };
    case "imageUrl":
      return /^https?:/.test(part.url)
        ? { type: "image", source: { type: "url", url: part.url } }
        : at.refuse(`an image at ${shown(part.url)}`);
    case "call":
      return { type: "tool_use", id: part.id, name: part.name, input: part.input };
    case "result":
      return { type: "tool_result", tool_use_id: part.id, content: part.text };
    case "block":
      return part.block;
  }
}
