import { textOfChat } from "../../rows/formats/values.js";
import type { Asked, Body } from "./asked.js";
import { objectOf } from "./fields.js";
import { needsOfContent } from "./needs.js";
import { takeOwn } from "./own.js";
import { sessionOf } from "./session.js";

/** What a model must be able to do at all. */
export const RESPONSES = "responses";

/** What routing reads of a body; null is the same as absent. */
interface ResponsesBody {
  model: string;
  input?: string | Body[] | null;
  stream?: boolean | null;
  previous_response_id?: string | null;
  max_output_tokens?: number | null;
  user?: string | null;
}

/** Reads a request of /v1/responses that its schema allows. */
export function readResponses(sent: Body, key: string | undefined, session: string | undefined): Asked {
  const { body, features } = takeOwn(sent);
  const fields = body as Body & ResponsesBody;
  const items = itemsOf(fields);
  const previous = fields.previous_response_id ?? undefined;
  const first = items.findIndex(({ role }) => role === "user");
  const beginning = [body.instructions ?? null, items.slice(0, first + 1)];
  return {
    api: "responses",
    body,
    isStream: fields.stream === true,
    wantsUsage: true,
    choices: 1,
    model: fields.model,
    text: textOfChat(items),
    needs: needsOf(body, items),
    maxTokens: fields.max_output_tokens ?? undefined,
    session: sessionOf(key, session, fields.user ?? undefined, beginning),
    isToolLoop: items.at(-1)?.type === "function_call_output",
    ...(previous !== undefined && { previous }),
    ...(features && { features }),
  };
}

/** A stored prompt needs no input. */
function itemsOf({ input }: ResponsesBody): Body[] {
  return typeof input === "string" ? [{ role: "user", content: input }] : (input ?? []);
}

function needsOf(body: Body, items: readonly Body[]): string[] {
  const needs = new Set([RESPONSES]);
  if (Array.isArray(body.tools) && body.tools.length > 0) needs.add("tools");
  const format = objectOf(objectOf(body.text)?.format)?.type;
  if (format === "json_schema" || format === "json_object") needs.add("json");
  const effort = objectOf(body.reasoning)?.effort ?? "none";
  if (effort !== "none") needs.add("reasoning");
  for (const { content } of items) needsOfContent(content, needs);
  return [...needs];
}
