import { finishReason } from "./answer.js";
import { chatError } from "./errors.js";
import { chatUsage, USAGE_FIELDS, type MessageUsage } from "./usage.js";

type Fields = Record<string, unknown>;

/**
 * Turns the events of one stream of the Messages API [AnthropicStreaming2026] into those of a stream of chat completions.
 * It takes and gives the `data` of events. The usage comes in a chunk of its own before `[DONE]`. Pings and events of
 * unknown types give nothing; an error gives `{ error }` and is the last.
 */
export class ChatChunks {
  private id: unknown;
  private model: unknown;
  private readonly usage: MessageUsage = {};
  /** By index of a block that is a tool's call: its place among the calls, and whether it has any input yet. */
  private readonly calls = new Map<unknown, { index: number; hasInput: boolean }>();
  private isOver = false;

  /** `created`: seconds since 1970. */
  constructor(private readonly created: number) {}

  push(data: string): string[] {
    if (this.isOver) return [];
    const event = eventOf(data);
    if (event === undefined)
      return this.fail({ message: "the upstream sent an event that is no JSON object" });
    switch (event.type) {
      case "message_start":
        return this.start(fieldsOf(event.message));
      case "content_block_start":
        return this.begin(event.index, fieldsOf(event.content_block));
      case "content_block_delta":
        return this.more(event.index, fieldsOf(event.delta));
      case "content_block_stop":
        return this.close(event.index);
      case "message_delta":
        return this.finish(fieldsOf(event.delta), fieldsOf(event.usage));
      case "message_stop":
        return this.end();
      case "error":
        return this.fail(fieldsOf(event.error));
      default:
        return [];
    }
  }

  private start({ id, model, usage }: Fields): string[] {
    this.id = id;
    this.model = model;
    this.count(fieldsOf(usage));
    return [this.chunk({ role: "assistant", content: "", refusal: null })];
  }

  private begin(index: unknown, { type, text, id, name, input }: Fields): string[] {
    if (type === "text")
      return typeof text === "string" && text !== "" ? [this.chunk({ content: text })] : [];
    if (type !== "tool_use") return [];
    const call = { index: this.calls.size, hasInput: Object.keys(fieldsOf(input)).length > 0 };
    this.calls.set(index, call);
    const start = { name, arguments: call.hasInput ? JSON.stringify(input) : "" };
    return [this.chunk({ tool_calls: [{ index: call.index, id, type: "function", function: start }] })];
  }

  private more(index: unknown, { type, text, partial_json: json }: Fields): string[] {
    if (type === "text_delta")
      return typeof text === "string" && text !== "" ? [this.chunk({ content: text })] : [];
    const call = this.calls.get(index);
    if (type !== "input_json_delta" || call === undefined || typeof json !== "string" || json === "")
      return [];
    call.hasInput = true;
    return [this.input(call.index, json)];
  }

  /** A call without any input has the empty object, not an empty text. */
  private close(index: unknown): string[] {
    const call = this.calls.get(index);
    if (call === undefined || call.hasInput) return [];
    call.hasInput = true;
    return [this.input(call.index, "{}")];
  }

  private finish({ stop_reason: reason }: Fields, usage: Fields): string[] {
    this.count(usage);
    return typeof reason === "string" ? [this.chunk({}, finishReason(reason))] : [];
  }

  private end(): string[] {
    this.isOver = true;
    const usage = chatUsage(this.usage);
    const last = usage === undefined ? [] : [JSON.stringify({ ...this.head(), choices: [], usage })];
    return [...last, "[DONE]"];
  }

  private fail(error: Fields): string[] {
    this.isOver = true;
    return [JSON.stringify({ error: chatError({ error }) })];
  }

  /** Counts are cumulative; what a later event leaves out or has as null still holds. */
  private count(usage: Fields): void {
    for (const field of USAGE_FIELDS) this.usage[field] = usage[field] ?? this.usage[field];
  }

  private input(index: number, json: string): string {
    return this.chunk({ tool_calls: [{ index, function: { arguments: json } }] });
  }

  private chunk(delta: Fields, reason: string | null = null): string {
    return JSON.stringify({
      ...this.head(),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    });
  }

  private head(): Fields {
    return { id: this.id, object: "chat.completion.chunk", created: this.created, model: this.model };
  }
}

function eventOf(data: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
