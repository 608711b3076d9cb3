import { isProvider } from "../../../prices/spellings.js";
import { jsonOf } from "../../../json.js";
import { shown } from "../../../text/shown.js";
import type { Candidate } from "../answers/metrics.js";
import type { Observations } from "../observations.js";
import { at, candidateOf, field, literalIn, nameOf, objectIn, textOfChat } from "../values.js";

/** The first of a row's fields that holds anything. */
export function firstOf(row: unknown, ...names: string[]): unknown {
  return names
    .map((name) => field(row, name))
    .find((value) => value !== undefined && value !== null && value !== "");
}

/** The text of a request: messages, a prompt or a body that holds them, also as the JSON text of a CSV cell. */
export function textOfRequest(value: unknown): string {
  const body = parsed(value);
  if (typeof body === "string" || Array.isArray(body)) return textOfChat(body);
  const inner = firstOf(body, "messages", "input", "prompt", "question", "query", "text");
  if (inner !== undefined) return textOfChat(parsed(inner));
  const contents = field(body, "contents");
  if (Array.isArray(contents)) return textOfContents(contents);
  return typeof body === "object" && body !== null && Object.keys(body).length > 0 ? jsonOf(body) : "";
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  return literalIn(value) ?? value;
}

/** Gemini's messages: the texts of the user's parts. */
function textOfContents(contents: readonly unknown[]): string {
  const users = contents.filter((one) => (field(one, "role") ?? "user") === "user");
  const partsOf = (one: unknown): unknown[] => {
    const parts = field(one, "parts");
    return Array.isArray(parts) ? (parts as unknown[]) : [];
  };
  return users
    .flatMap((one) => partsOf(one).map((part) => field(part, "text")))
    .filter((text) => typeof text === "string")
    .join("\n\n");
}

/** The text of a log's query; where none was stored, that is counted. */
export function storedText(value: unknown, sink: Observations): string | undefined {
  const text = textOfRequest(value);
  if (text.trim() !== "") return text;
  sink.note("no text stored for the request");
  return undefined;
}

/** The name that prices a model: with its provider where one is told that price lists know. */
export function pricedName(model: string, provider: unknown): string {
  const name = nameOf(provider)?.toLowerCase().replaceAll(" ", "-");
  return name === undefined || !isProvider(name) || model.toLowerCase().startsWith(`${name}/`)
    ? model
    : `${name}/${model}`;
}

/** A named score of an answer, as logs hold them. */
export interface NamedScore {
  name: string;
  value: unknown;
}

/** What may become the label of an answer: true, false and numbers on any scale; anything else is counted. */
export function candidatesOf(scores: readonly NamedScore[], sink: Observations): Candidate[] {
  return scores.flatMap(({ name, value }) => {
    const candidate = candidateOf(name, value);
    if (candidate !== undefined) return [candidate];
    if (value !== null && value !== undefined && value !== "")
      sink.note(`score ${shown(name)} that is no number, true or false: no label`);
    return [];
  });
}

/** Scores in a list of `{name, value}`, or an object of values by name. */
export function scoresIn(value: unknown): NamedScore[] {
  const list = parsed(value);
  if (Array.isArray(list))
    return list.flatMap((one) => {
      const name = nameOf(field(one, "name"));
      return name === undefined ? [] : [{ name, value: field(one, "value") }];
    });
  return Object.entries(objectIn(list) ?? {}).map(([name, one]) => ({
    name,
    value: at(one, "value") ?? one,
  }));
}
