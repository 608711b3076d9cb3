import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import type { WorkRequest } from "./request.js";

/** The fields of a JSON object from the work. */
export type Fields = Record<string, unknown>;

/** What had to be changed in the bodies of a batch: a description, the vendor's model, and how often. */
export class BodyChanges {
  private readonly counts = new Map<string, number>();

  add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** In the order of first use. */
  entries(): [string, number][] {
    return [...this.counts];
  }
}

/** One request while its body is turned into what a model takes. */
export class Adapting {
  constructor(
    readonly request: WorkRequest,
    /** The vendor's own name of the model. */
    readonly model: string,
    /** Whose API it is, for errors: "the Messages API". */
    readonly api: string,
    private readonly changes: BodyChanges,
  ) {}

  /** Counts something that was changed or left out without harm. */
  note(what: string): void {
    this.changes.add(`${what} (${shown(this.model)})`);
  }

  /** Ends with an error for what the model's API cannot express. */
  refuse(what: string): never {
    const { where } = this.request;
    throw new InputError(
      `${where}: ${what} has no counterpart in ${this.api}, which serves ${shown(this.model)}; ` +
        "change the request, or plan without this model",
      { where, model: this.model },
    );
  }
}

/**
 * A body in the form of OpenAI's chat completions, from that form, from the Responses API (`input`, `instructions`), or
 * with Anthropic's `system` and `stop_sequences`. What needs no change is kept.
 */
export function asChat(body: Fields, at: Adapting): Fields {
  const { instructions, input, system, stop_sequences: stops, ...rest } = body;
  const first = instructions ?? system;
  const before = first === undefined || first === null ? [] : [{ role: "system", content: first }];
  const turns = input === undefined ? rest.messages : inputMessages(input, at);
  const messages = before.length > 0 && Array.isArray(turns) ? [...before, ...(turns as unknown[])] : turns;
  const chat: Fields = { ...rest, ...(messages !== undefined && { messages }) };
  if (stops !== undefined) chat.stop = stops;
  if (input !== undefined) fromResponses(chat, at);
  return chat;
}

/** The messages of `input`: a text, or a list of messages whose parts are texts. */
function inputMessages(input: unknown, at: Adapting): unknown[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  if (!Array.isArray(input)) return at.refuse("input that is neither text nor messages");
  return (input as Fields[]).map((item) => {
    if (item?.role === undefined) return at.refuse(`an input item of type ${shown(item?.type)}`);
    const { role, content } = item;
    return { role, content: Array.isArray(content) ? content.map((part) => inputPart(part, at)) : content };
  });
}

function inputPart(part: unknown, at: Adapting): unknown {
  const { type, text, image_url: url } = (part ?? {}) as Fields;
  if (type === "input_text" || type === "output_text") return { type: "text", text };
  if (type === "input_image" && typeof url === "string") return { type: "image_url", image_url: { url } };
  return at.refuse(`an input part of type ${shown(type)}`);
}

/** Renames the other fields of the Responses API. */
function fromResponses(chat: Fields, at: Adapting): void {
  const take = (name: string): unknown => {
    const value = chat[name];
    delete chat[name];
    return value ?? undefined;
  };
  const most = take("max_output_tokens");
  if (most !== undefined) chat.max_completion_tokens = most;
  const { effort } = (take("reasoning") ?? {}) as Fields;
  if (effort !== undefined) chat.reasoning_effort = effort;
  const { format } = (take("text") ?? {}) as { format?: Fields };
  if (format !== undefined) {
    const { type, ...schema } = format;
    chat.response_format = type === "json_schema" ? { type, json_schema: schema } : format;
  }
  if (Array.isArray(chat.tools))
    chat.tools = (chat.tools as Fields[]).map((tool) => {
      if (tool?.type !== "function") return at.refuse(`a tool of type ${shown(tool?.type)}`);
      const { name, description, parameters } = tool;
      return { type: "function", function: { name, description, parameters } };
    });
}
