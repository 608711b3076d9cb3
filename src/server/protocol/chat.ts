import { textOfChat } from "../../rows/formats/values.js";
import { shown } from "../../text/shown.js";
import { badRequest } from "../http/apiError.js";
import type { Asked, Body } from "./asked.js";
import { flag, modelOf, objectOf, text, wholeNumber } from "./fields.js";
import { needsOfContent } from "./needs.js";
import { sessionOf } from "./session.js";

const MOST_CHOICES = 128;

/**
 * Reads a request of /v1/chat/completions. Fields that routing does not need are passed on unread.
 *
 * @throws ApiError 400 naming the field.
 */
export function readChat(body: Body, key: string | undefined, session: string | undefined): Asked {
  const messages = messagesOf(body);
  const choices = wholeNumber(body, "n", 1, MOST_CHOICES) ?? 1;
  const limit = wholeNumber(body, "max_completion_tokens", 1) ?? wholeNumber(body, "max_tokens", 1);
  const first = messages.findIndex(({ role }) => role === "user");
  const { stream_options: options } = body;
  return {
    api: "chat",
    body,
    isStream: flag(body, "stream"),
    wantsUsage: objectOf(options)?.include_usage === true,
    choices,
    model: modelOf(body),
    text: textOfChat(messages),
    needs: needsOf(body, messages),
    maxTokens: limit,
    session: sessionOf(key, session, text(body, "user"), messages.slice(0, first + 1)),
    isToolLoop: messages.at(-1)!.role === "tool",
  };
}

function messagesOf({ messages }: Body): Body[] {
  if (!Array.isArray(messages) || messages.length === 0)
    throw badRequest(`messages is ${shown(messages)}; expected a list of at least one message`, "messages");
  return messages.map((message: unknown, k) => {
    const object = objectOf(message);
    if (object === undefined || typeof object.role !== "string")
      throw badRequest(`messages[${k}] is ${shown(message)}; expected { role, content }`, `messages[${k}]`);
    return object;
  });
}

function needsOf(body: Body, messages: readonly Body[]): string[] {
  const needs = new Set<string>();
  for (const field of ["tools", "functions"] as const)
    if (Array.isArray(body[field]) && body[field].length > 0) needs.add("tools");
  const format = objectOf(body.response_format)?.type;
  if (format === "json_schema" || format === "json_object") needs.add("json");
  const effort = body.reasoning_effort ?? "none";
  if (effort !== "none") needs.add("reasoning");
  if (Array.isArray(body.modalities) && body.modalities.includes("audio")) needs.add("audio");
  for (const { content } of messages) needsOfContent(content, needs);
  return [...needs];
}
