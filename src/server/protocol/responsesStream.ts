import { objectOf } from "./fields.js";
import type { SseEvent } from "./sse.js";
import type { Meaning, StreamReader } from "./stream.js";

const SILENT = new Set([
  "response.created",
  "response.in_progress",
  "response.queued",
  "response.output_item.added",
  "response.content_part.added",
  "response.reasoning_summary_part.added",
]);
const ENDS = new Set(["response.completed", "response.incomplete"]);

/** Reads a stream of /v1/responses. */
export class ResponsesStream implements StreamReader {
  usage: unknown;
  /** Id of the answer, once it is known. */
  id: string | undefined;
  isComplete = false;
  readonly ending = "";
  private readonly texts: string[] = [];

  see({ data }: SseEvent): Meaning {
    if (data === undefined) return "silent";
    if (data.trim() === "[DONE]") return "drop";
    let event: Record<string, unknown> | undefined;
    try {
      event = objectOf(JSON.parse(data));
    } catch {
      return "failed";
    }
    const type = event?.type;
    if (event === undefined || type === "error" || (event.error ?? undefined) !== undefined) return "failed";
    const response = objectOf(event.response);
    if (typeof response?.id === "string") this.id = response.id;
    if (objectOf(response?.usage) !== undefined) this.usage = response!.usage;
    if (typeof event.delta === "string") this.texts.push(event.delta);
    if (type === "response.failed") return "failed";
    if (typeof type !== "string" || SILENT.has(type)) return "silent";
    if (!ENDS.has(type)) return "content";
    this.isComplete = true;
    return "end";
  }

  text(): string {
    return this.texts.join("");
  }

  errorEvent(error: { message: string; code: string | null; param: string | null }): string {
    const { message, code, param } = error;
    return `event: error\ndata: ${JSON.stringify({ type: "error", code, message, param, error })}\n\n`;
  }
}
