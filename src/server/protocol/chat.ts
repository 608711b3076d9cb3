import { textOfChat } from "../../rows/formats/values.js";
import type { Asked, Body } from "./asked.js";
import { objectOf } from "./fields.js";
import { needsOfContent } from "./needs.js";
import { takeOwn } from "./own.js";
import { sessionOf } from "./session.js";

/** What routing reads of a body; null is the same as absent. */
interface ChatBody {
  model: string;
  messages: Body[];
  stream?: boolean | null;
  stream_options?: { include_usage?: unknown } | null;
  n?: number | null;
  max_completion_tokens?: number | null;
  max_tokens?: number | null;
  user?: string | null;
}

/** Reads a request of /v1/chat/completions that its schema allows. Fields that routing does not need are passed on unread. */
export function readChat(sent: Body, key: string | undefined, session: string | undefined): Asked {
  const { body, features } = takeOwn(sent);
  const fields = body as Body & ChatBody;
  const { messages } = fields;
  const first = messages.findIndex(({ role }) => role === "user");
  return {
    api: "chat",
    body,
    isStream: fields.stream === true,
    wantsUsage: fields.stream_options?.include_usage === true,
    choices: fields.n ?? 1,
    model: fields.model,
    text: textOfChat(messages),
    needs: needsOf(body, messages),
    maxTokens: fields.max_completion_tokens ?? fields.max_tokens ?? undefined,
    session: sessionOf(key, session, fields.user ?? undefined, messages.slice(0, first + 1)),
    isToolLoop: messages.at(-1)!.role === "tool",
    ...(features && { features }),
  };
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
