import { objectOf } from "./fields.js";
import type { SseEvent } from "./sse.js";
import type { Meaning, StreamReader } from "./stream.js";

const DONE = "[DONE]";

/** Reads a stream of /v1/chat/completions. */
export class ChatStream implements StreamReader {
  usage: unknown;
  readonly ending = `data: ${DONE}\n\n`;
  private readonly texts: string[] = [];
  private readonly finished = new Set<unknown>();
  private isDone = false;

  /** `choices`: answers asked for. */
  constructor(
    private readonly wantsUsage: boolean,
    private readonly choices: number,
  ) {}

  see({ data }: SseEvent): Meaning {
    if (data === undefined) return "silent";
    if (data.trim() === DONE) return this.end();
    const chunk = parsed(data);
    if (chunk === undefined || (chunk.error !== undefined && chunk.error !== null)) return "failed";
    if (objectOf(chunk.usage) !== undefined) this.usage = chunk.usage;
    const { choices } = chunk;
    if (!Array.isArray(choices) || choices.length === 0)
      return objectOf(chunk.usage) !== undefined && !this.wantsUsage ? "drop" : "silent";
    let hasContent = false;
    for (const choice of choices) if (this.seeChoice(objectOf(choice) ?? {})) hasContent = true;
    return hasContent ? "content" : "silent";
  }

  text(): string {
    return this.texts.join("");
  }

  get isComplete(): boolean {
    return this.isDone || this.finished.size >= this.choices;
  }

  errorEvent(error: object): string {
    return `data: ${JSON.stringify({ error })}\n\n`;
  }

  private end(): Meaning {
    if (this.isDone) return "drop";
    this.isDone = true;
    return "end";
  }

  private seeChoice({ index, delta, finish_reason: reason, text }: Record<string, unknown>): boolean {
    let hasContent = this.keep(text);
    for (const [field, value] of Object.entries(objectOf(delta) ?? {}))
      if (field !== "role" && this.keep(value)) hasContent = true;
    if (reason !== undefined && reason !== null) {
      this.finished.add(index);
      hasContent = true;
    }
    return hasContent;
  }

  /** Keeps the texts in a value for counting; whether there is something in it. */
  private keep(value: unknown): boolean {
    if (typeof value === "string") {
      if (value !== "") this.texts.push(value);
      return value !== "";
    }
    if (typeof value !== "object" || value === null) return false;
    let isFull = false;
    for (const [field, part] of Object.entries(value)) {
      if (field === "id" || field === "type") continue;
      if (typeof part === "number" || this.keep(part)) isFull = true;
    }
    return isFull;
  }
}

function parsed(data: string): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(data));
  } catch {
    return undefined;
  }
}
