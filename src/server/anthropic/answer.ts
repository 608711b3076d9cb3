import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import { chatUsage, type MessageUsage } from "./usage.js";

type Fields = Record<string, unknown>;

/** Why an answer ended, in OpenAI's words [AnthropicStops2026]. */
const REASONS = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["pause_turn", "stop"],
  ["tool_use", "tool_calls"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["refusal", "content_filter"],
]);

/** OpenAI's finish reason; a reason that is not known is an ordinary end. */
export function finishReason(reason: unknown): string {
  return REASONS.get(reason as string) ?? "stop";
}

/**
 * A message of the Messages API as a chat completion. `created`: seconds since 1970. Texts are joined; thinking and blocks
 * of other kinds, which chat completions do not have, are left out.
 *
 * @throws InputError for what is not a finished message.
 */
export function completionOf(message: Fields, created: number): Fields {
  const { id, type, model, content, stop_reason: reason, usage } = message;
  if (type !== "message" || !Array.isArray(content))
    throw new InputError(`the answer is no message but ${shown(message)}`);
  if (typeof reason !== "string") throw new InputError("the message has no stop_reason: it is not finished");
  const texts: string[] = [];
  const calls: Fields[] = [];
  for (const block of content as (Fields | null)[]) {
    if (block?.type === "text" && typeof block.text === "string") texts.push(block.text);
    if (block?.type === "tool_use")
      calls.push({
        id: block.id,
        type: "function",
        function: { name: block.name, arguments: JSON.stringify(block.input ?? {}) },
      });
  }
  return {
    id,
    object: "chat.completion",
    created,
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: texts.length > 0 ? texts.join("") : null,
          refusal: null,
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: finishReason(reason),
      },
    ],
    usage: chatUsage((usage ?? {}) as MessageUsage),
  };
}
