import { shown } from "../../text/shown.js";
import { numberedId, type BatchForm } from "./form.js";
import { asChat, type Adapting, type Fields } from "./body.js";
import { leaveOut, numberWithin } from "./fields.js";
import { bodyOf, jsonLine } from "./request.js";
import { readChat } from "./chat.js";

/** An input file of Mistral's batch jobs for /v1/chat/completions: JSONL of `{ custom_id, body }`, one model a job. */
export const MISTRAL_BATCH: BatchForm = {
  api: "Mistral's batch API",
  open: "",
  between: "\n",
  close: "\n",
  ending: ".jsonl",
  maxRequests: 1_000_000,
  maxBytes: 512_000_000,
  ids: /^[^]+$/,
  idOf: numberedId,
  line: (at, id) => jsonLine({ custom_id: id, body: mistralBody(at) }, at.request.where),
};

/** Fields that mean the same in both forms. */
const SAME = [
  "top_p",
  "max_tokens",
  "stop",
  "response_format",
  "tools",
  "tool_choice",
  "presence_penalty",
  "frequency_penalty",
  "n",
  "prediction",
  "parallel_tool_calls",
  "metadata",
  "random_seed",
  "safe_prompt",
  "prompt_mode",
];
const RENAMED = new Map([
  ["max_completion_tokens", "max_tokens"],
  ["seed", "random_seed"],
]);

function mistralBody(at: Adapting): Fields {
  const chat = asChat(bodyOf(at.request), at);
  const body: Fields = { model: at.model, messages: messagesOf(chat.messages, at) };
  for (const [field, value] of Object.entries(chat)) {
    if (field === "messages" || value === null || value === undefined) continue;
    const name = RENAMED.get(field) ?? field;
    if (name === "temperature") body.temperature = numberWithin(field, value, 1.5, at);
    else if (SAME.includes(name)) body[name] = value;
    else leaveOut(field, value, at);
  }
  return body;
}

const OF_MESSAGE = ["role", "content", "tool_calls", "tool_call_id"];

/** Messages as they are, with the fields that Mistral's have; refused as for any other vendor. */
function messagesOf(messages: unknown, at: Adapting): Fields[] {
  readChat(messages, at);
  return (messages as Fields[]).map((message) => {
    const kept = Object.entries(message).filter(([key, value]) => OF_MESSAGE.includes(key) && value !== null);
    const { content, role } = message;
    return {
      ...Object.fromEntries(kept),
      ...(Array.isArray(content) && { content: (content as Fields[]).map((part) => partOf(part, at)) }),
      role: role === "developer" ? "system" : role,
    };
  });
}

function partOf({ type, text, image_url: image }: Fields, at: Adapting): Fields {
  if (type === "text") return { type, text };
  return type === "image_url"
    ? { type, image_url: image }
    : at.refuse(`a content part of type ${shown(type)}`);
}
