import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import { messagesParams, NO_SCHEMA } from "../../write/batches/anthropic.js";
import { Adapting, BodyChanges, type Fields } from "../../write/batches/body.js";
import { STRICT_LEFT_OUT } from "../../write/batches/chat.js";
import { isDefault } from "../../write/batches/fields.js";

const API = "the Messages API";

/** Fields that change nothing of the answer: who asks, tags, hints for a cache, and what the proxy itself handles. */
const BESIDE = [
  "metadata",
  "prediction",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "stream_options",
];
/** Fields whose other values ask for what the API does not have. */
const ORDINARY: Record<string, readonly unknown[]> = {
  service_tier: ["auto", "default"],
  verbosity: ["medium"],
};

/** Models that take an effort [AnthropicEffort2026], and those that take the extra high one. */
const EFFORT =
  /claude-(opus-4-[5-9]|sonnet-4-[6-9]|(opus|sonnet|fable|mythos)-([5-9]|[1-9]\d)|haiku-(5-[5-9]|[6-9]))/;
const EXTRA_EFFORT = /claude-(opus-4-[7-9]|(opus|sonnet|fable|mythos)-([5-9]|[1-9]\d))/;

/** What the API takes as the identifier of a tool's call, and as the name of a tool. */
const CALL_ID = /^[a-zA-Z0-9_-]+$/;
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;

/**
 * What a body of OpenAI's chat completions asks for that the Messages API [AnthropicMessages2026] cannot express. A model
 * behind that API is not eligible unless the list is empty. The body has the upstream's model id.
 */
export function untranslatable(body: Fields): string[] {
  return translated(body, 1).reasons;
}

/**
 * A body of OpenAI's chat completions as one of the Messages API. `maxTokens`: the longest answer, which that API demands,
 * where the body gives none. A stream is asked for as in the body.
 *
 * @throws InputError for a body that cannot be translated whole.
 */
export function messagesBody(body: Fields, maxTokens: number): Fields {
  const { params, reasons } = translated(body, maxTokens);
  if (params === undefined || reasons.length > 0)
    throw new InputError(`${API} cannot express this request: ${reasons.join("; ")}`, { reasons });
  return params;
}

/** Collects what would be changed or cannot be said. */
class Strict extends Adapting {
  readonly reasons: string[] = [];

  override note(what: string): void {
    // A strict tool is written by this module, which knows the models that take one.
    if (what !== STRICT_LEFT_OUT) this.reasons.push(what.replace(" left out", ""));
  }

  override refuse(what: string): never {
    this.reasons.push(what);
    throw new InputError(what);
  }
}

function translated(body: Fields, maxTokens: number): { params?: Fields; reasons: string[] } {
  const { model, stream, reasoning_effort: effort, ...rest } = body;
  const chat: Fields = {};
  for (const [field, value] of Object.entries(rest)) {
    if (isDefault(field, value) || BESIDE.includes(field) || ORDINARY[field]?.includes(value)) continue;
    chat[field] = value;
  }
  const name = typeof model === "string" ? model : "";
  const at = new Strict({ id: "", where: "the request", body: chat }, name, API, new BodyChanges());
  const own = [
    ...messageReasons(body.messages),
    ...toolReasons(body.tools, name),
    ...stopReasons(body.stop),
    ...effortReasons(effort, name),
  ];
  try {
    if (Array.isArray(chat.messages)) chat.messages = (chat.messages as unknown[]).map(withoutBlanks);
    const params = messagesParams(at, maxTokens);
    if (own.length === 0) finish(params, body);
    return {
      params: { model, ...params, ...(stream === true && { stream }) },
      reasons: [...new Set([...own, ...at.reasons])],
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { reasons: [...new Set([...own, ...(at.reasons.length > 0 ? at.reasons : [error.message])])] };
  }
}

/** A message without the empty fields that answers have and requests need not have. */
function withoutBlanks(message: unknown): unknown {
  if (typeof message !== "object" || message === null || Array.isArray(message)) return message;
  const isBlank = (value: unknown): boolean => value === null || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(
    Object.entries(message).filter(([field, value]) => field === "content" || !isBlank(value)),
  );
}

/** Adds what batches leave out: effort, and tools that keep to their schema. */
function finish(params: Fields, { reasoning_effort: effort, tools }: Fields): void {
  if (effort !== undefined && effort !== null)
    params.output_config = { ...(params.output_config as Fields | undefined), effort };
  if (!Array.isArray(tools)) return;
  (tools as Fields[]).forEach((tool, k) => {
    if (functionOf(tool).strict === true) (params.tools as Fields[])[k].strict = true;
  });
}

function functionOf(tool: unknown): Fields {
  const { function: called } = (tool ?? {}) as Fields;
  return typeof called === "object" && called !== null ? (called as Fields) : {};
}

function messageReasons(messages: unknown): string[] {
  if (!Array.isArray(messages)) return [];
  const reasons: string[] = [];
  for (const message of messages as (Fields | null)[]) {
    const { role, name, content, tool_calls: calls, tool_call_id: id } = message ?? {};
    if (role !== "tool" && name !== undefined && name !== null)
      reasons.push("the name of a message's author");
    const parts = Array.isArray(content) ? (content as (Fields | null)[]) : [];
    const hasCalls = Array.isArray(calls) && calls.length > 0;
    if ((content === "" && !hasCalls) || parts.some((part) => part?.type === "text" && part.text === ""))
      reasons.push("a message without text");
    if (parts.some((part) => (part?.image_url as Fields | undefined)?.detail === "low"))
      reasons.push("an image at low detail");
    const ids = [...(Array.isArray(calls) ? (calls as (Fields | null)[]).map((call) => call?.id) : []), id];
    const odd = ids.find((one) => typeof one === "string" && !CALL_ID.test(one));
    if (odd !== undefined) reasons.push(`the tool call id ${shown(odd)}`);
  }
  if ((messages.at(-1) as Fields | null | undefined)?.role === "assistant")
    reasons.push("a chat that ends with the assistant's message");
  return [...new Set(reasons)];
}

function toolReasons(tools: unknown, model: string): string[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) return ["tools that are no list"];
  const reasons: string[] = [];
  for (const tool of tools as (Fields | null)[]) {
    const { name, strict } = functionOf(tool);
    if (tool?.type !== "function") reasons.push(`a tool of type ${shown(tool?.type)}`);
    if (typeof name === "string" && !TOOL_NAME.test(name)) reasons.push(`the tool name ${shown(name)}`);
    if (strict === true && NO_SCHEMA.test(model)) reasons.push("a strict tool");
  }
  return [...new Set(reasons)];
}

function stopReasons(stop: unknown): string[] {
  const texts = Array.isArray(stop) ? (stop as unknown[]) : [stop];
  return texts.some((text) => typeof text === "string" && text.trim() === "") ? ["a blank stop text"] : [];
}

function effortReasons(effort: unknown, model: string): string[] {
  if (effort === undefined || effort === null) return [];
  const isKnown =
    (["low", "medium", "high"].includes(effort as string) && EFFORT.test(model)) ||
    (effort === "xhigh" && EXTRA_EFFORT.test(model));
  return isKnown ? [] : [`reasoning_effort ${shown(effort)}`];
}
