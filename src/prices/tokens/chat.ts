import { InputError } from "../../errors.js";
import { jsonOf } from "../../json.js";
import { shown } from "../../text/shown.js";
import type { TokenCounter } from "./counter.js";

/** Tokens that OpenAI's chat format adds: for each message, for a name, and for the beginning of the answer. */
const PER_MESSAGE = 3;
const PER_NAME = 1;
const PER_ANSWER = 3;

type Fields = Record<string, unknown>;

/**
 * The input tokens of a request's body: `messages`, with the overhead of a chat, or `input` or `prompt`; `system` and
 * `instructions`; tools as their JSON text, which overestimates them slightly. The overhead is exact for OpenAI's chats
 * and an estimate for others.
 *
 * @throws InputError for parts that are not text, such as images: their number of tokens is unknown, not 0.
 */
export function countRequest(counter: TokenCounter, body: Record<string, unknown>): number {
  const count = (value: unknown): number => counter.count(textOf(value));
  const optional = (value: unknown): number => (value === undefined || value === null ? 0 : count(value));
  let tokens = optional(body.instructions) + optional(body.system);
  for (const field of ["tools", "functions"])
    if (Array.isArray(body[field])) tokens += counter.count(jsonOf(body[field]));
  if (Array.isArray(body.messages)) return tokens + countChat(counter, body.messages);
  if (Array.isArray(body.input) && typeof body.input[0] === "object")
    return tokens + countChat(counter, body.input);
  const text = body.input ?? body.prompt;
  if (text === undefined)
    throw new InputError("a body without messages, input or prompt has no tokens to count");
  return (
    tokens + (Array.isArray(text) ? text.reduce((sum: number, one) => sum + count(one), 0) : count(text))
  );
}

/**
 * The input tokens of a chat: for each message its role, name, content and tool calls, and 3 more; 3 for the beginning
 * of the answer.
 *
 * @throws InputError for a message that is not an object and for parts that are not text.
 */
export function countChat(counter: TokenCounter, messages: readonly unknown[]): number {
  let tokens = PER_ANSWER;
  for (const message of messages) {
    if (typeof message !== "object" || message === null)
      throw new InputError(`message ${shown(message)} is not an object`);
    const { role, name, content, tool_calls: calls } = message as Fields;
    tokens += PER_MESSAGE + counter.count(typeof role === "string" ? role : "user");
    if (typeof name === "string") tokens += PER_NAME + counter.count(name);
    if (content !== undefined && content !== null) tokens += counter.count(textOf(content));
    if (calls !== undefined && calls !== null) tokens += counter.count(jsonOf(calls));
  }
  return tokens;
}

/** The text of a content: itself, or its parts one after another. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw new InputError(`content ${shown(content)} is neither text nor parts`);
  return content
    .map((part: unknown) => {
      if (typeof part === "string") return part;
      const { type, text } = (part ?? {}) as Fields;
      if (typeof text === "string") return text;
      throw new InputError(`the tokens of a part of type ${shown(type)} cannot be counted; give the costs`, {
        type,
      });
    })
    .join("");
}
