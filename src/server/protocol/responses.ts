import { textOfChat } from "../../rows/formats/values.js";
import { shown } from "../../text/shown.js";
import { badRequest } from "../http/apiError.js";
import type { Asked, Body } from "./asked.js";
import { flag, modelOf, objectOf, text, wholeNumber } from "./fields.js";
import { needsOfContent } from "./needs.js";
import { sessionOf } from "./session.js";

/** What a model must be able to do at all. */
export const RESPONSES = "responses";

/**
 * Reads a request of /v1/responses.
 *
 * @throws ApiError 400 naming the field.
 */
export function readResponses(body: Body, key: string | undefined, session: string | undefined): Asked {
  if (flag(body, "background"))
    throw badRequest("background answers are not supported: ask without background", "background");
  if ((body.conversation ?? undefined) !== undefined)
    throw badRequest(
      "conversation is not supported: it belongs to one upstream; use previous_response_id",
      "conversation",
    );
  const items = itemsOf(body);
  const previous = text(body, "previous_response_id");
  const first = items.findIndex(({ role }) => role === "user");
  const beginning = [body.instructions ?? null, items.slice(0, first + 1)];
  return {
    api: "responses",
    body,
    isStream: flag(body, "stream"),
    wantsUsage: true,
    choices: 1,
    model: modelOf(body),
    text: textOfChat(items),
    needs: needsOf(body, items),
    maxTokens: wholeNumber(body, "max_output_tokens", 1),
    session: sessionOf(key, session, text(body, "user"), beginning),
    isToolLoop: items.at(-1)?.type === "function_call_output",
    ...(previous !== undefined && { previous }),
  };
}

function itemsOf({ input, prompt }: Body): Body[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  // A stored prompt needs no input.
  if ((input ?? undefined) === undefined && objectOf(prompt) !== undefined) return [];
  if (!Array.isArray(input) || input.length === 0)
    throw badRequest(`input is ${shown(input)}; expected a text or a list of items`, "input");
  return input.map((item: unknown, k) => {
    const object = objectOf(item);
    if (object === undefined)
      throw badRequest(`input[${k}] is ${shown(item)}; expected an object`, `input[${k}]`);
    return object;
  });
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
