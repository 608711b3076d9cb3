import { InputError } from "../../errors.js";
import type { PartForm } from "./parts.js";
import { bodyOf, jsonLine, type WorkRequest } from "./request.js";

/** A body of the Anthropic Message Batches API: at most 100,000 requests and 256 MB. */
export const ANTHROPIC_BATCH: PartForm = {
  open: '{"requests":[\n',
  between: ",\n",
  close: "\n]}\n",
  ending: ".json",
  maxRequests: 100_000,
  maxBytes: 256_000_000,
};

type Fields = Record<string, unknown>;

/** Fields with the same meaning in the Messages API. */
const SAME = new Set([
  "max_tokens",
  "metadata",
  "service_tier",
  "stop_sequences",
  "system",
  "temperature",
  "thinking",
  "tool_choice",
  "tools",
  "top_k",
  "top_p",
]);
const CUSTOM_ID = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * A request of a Message Batch: `{ custom_id, params }`. The body is in the form of the Messages API already, or a chat
 * of text in OpenAI's form: system messages become `system`, `stop` becomes `stop_sequences`, `max_completion_tokens`
 * becomes `max_tokens` (which the API requires: `maxTokens` where the body has none), `user` becomes
 * `metadata.user_id`.
 *
 * @throws InputError naming file, line and field for an id that the API refuses (1 … 64 letters, digits, `_`, `-`), and
 * for what has no counterpart: nothing of a request is dropped silently.
 */
export function anthropicLine(request: WorkRequest, model: string, maxTokens: number): string {
  const { id, where } = request;
  if (!CUSTOM_ID.test(id))
    throw new InputError(
      `${where}: custom_id ${JSON.stringify(id.slice(0, 80))} is not 1 to 64 letters, digits, _ or -, as Message Batches require`,
      { where, id },
    );
  const refuse = (what: string): never => {
    throw new InputError(`${where}: ${what} has no counterpart in the Messages API`, { where });
  };
  const params: Fields = { model, max_tokens: maxTokens };
  for (const [field, value] of Object.entries(bodyOf(request))) {
    if (value === null || field === "model" || (field === "stream" && value === false)) continue;
    if (field === "n" && value === 1) continue;
    if (field === "messages") Object.assign(params, chatOf(value, refuse));
    else if (field === "max_completion_tokens") params.max_tokens = value;
    else if (field === "stop") params.stop_sequences = Array.isArray(value) ? value : [value];
    else if (field === "user") params.metadata = { user_id: value };
    else if (field === "temperature" && !(typeof value === "number" && value >= 0 && value <= 1))
      refuse(`temperature ${JSON.stringify(value)}, above 1,`);
    else if (field === "tools" && isOpenaiTools(value)) refuse("tools in OpenAI's form");
    else if (SAME.has(field)) params[field] = value;
    else refuse(JSON.stringify(field));
  }
  if (params.messages === undefined) refuse("a body without messages");
  return jsonLine({ custom_id: id, params }, where);
}

function chatOf(messages: unknown, refuse: (what: string) => never): Fields {
  if (!Array.isArray(messages)) return refuse("messages that are no list");
  const system: string[] = [];
  const turns: unknown[] = [];
  for (const message of messages as Fields[]) {
    const { role, content } = message ?? {};
    if (role === "system" || role === "developer") {
      if (turns.length > 0) refuse("a system message after others");
      system.push(...textsOf(content, refuse));
    } else if (role === "user" || role === "assistant") {
      const extra = Object.keys(message).find((key) => !["role", "content", "name"].includes(key));
      if (extra !== undefined && message[extra] !== null) refuse(`${JSON.stringify(extra)} of a message`);
      if (isOpenaiParts(content)) refuse("a content part in OpenAI's form that is not text");
      turns.push({ role, content });
    } else refuse(`a message of role ${JSON.stringify(role)}`);
  }
  return { ...(system.length > 0 && { system: system.join("\n\n") }), messages: turns };
}

function textsOf(content: unknown, refuse: (what: string) => never): string[] {
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return refuse("a system message without text");
  return (content as Fields[]).map((part) =>
    part?.type === "text" && typeof part.text === "string"
      ? part.text
      : refuse("a part of a system message that is not text"),
  );
}

function isOpenaiParts(content: unknown): boolean {
  const types = ["image_url", "input_audio", "file", "refusal"];
  return Array.isArray(content) && content.some((part) => types.includes((part as Fields)?.type as string));
}

function isOpenaiTools(tools: unknown): boolean {
  return Array.isArray(tools) && tools.some((tool) => (tool as Fields)?.type === "function");
}
