import type { Router } from "../online/router.js";
import { ChargedFailure, type Attempt } from "./attempts.js";
import { metadataOf } from "./metadata.js";
import { isOpenCall, sessionAfter } from "./request.js";
import type { CallOptions, StreamPart } from "./types.js";
import { estimatedUse, reportedUse } from "./usage.js";

/** A stream whose first content is there. */
export interface OpenStream {
  reader: ReadableStreamDefaultReader<StreamPart>;
  /** The parts up to the first content. */
  held: StreamPart[];
}

/** Parts without content that are held back at most. */
const MOST_HELD = 1_000;

/**
 * Reads up to the first content, so that until then another model can still answer.
 *
 * @throws what the stream fails with before it has any content.
 */
export async function openStream(
  stream: ReadableStream<StreamPart>,
  signal: AbortSignal | undefined,
): Promise<OpenStream> {
  const reader = stream.getReader();
  const held: StreamPart[] = [];
  const stop = (): void => close(reader, signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) throw new Error("the stream ended before there was an answer");
      if (value.type === "error") throw value.error;
      if (value.type === "finish" && value.finishReason.unified === "error")
        throw new ChargedFailure(`the answer ended with "error" and nothing in it`, reportedUse(value.usage));
      held.push(value);
      if (value.type === "finish" || hasContent(value) || held.length >= MOST_HELD) return { reader, held };
    }
  } catch (error) {
    close(reader, error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** Tells a stream that nobody reads on. */
function close(reader: ReadableStreamDefaultReader<StreamPart>, reason: unknown): void {
  // It may have failed already, and then rejects with the error that its reader has seen.
  reader.cancel(reason).catch(() => undefined);
}

/** Parts that are content though they have no text. */
const CONTENT = ["tool-call", "tool-result", "tool-approval-request", "file", "source"];

function hasContent(part: StreamPart): boolean {
  return "delta" in part ? part.delta !== "" : CONTENT.includes(part.type);
}

/**
 * The stream that the caller reads: the parts as they come, with the chosen model's name and the routing added. What it
 * cost is settled when it is finished, fails, or is not read on. After content nothing is asked again.
 */
export function passedOn(
  router: Router,
  attempt: Attempt,
  { reader, held }: OpenStream,
  { abortSignal: signal, prompt }: CallOptions,
): ReadableStream<StreamPart> {
  const answer = new Answer(router, attempt, prompt);
  const stop = (): void => {
    answer.end("abandoned");
    close(reader, signal?.reason);
  };
  const waiting = answer.named(held);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  return new ReadableStream<StreamPart>(
    {
      async pull(controller) {
        try {
          const { done, value } = waiting.length > 0 ? { value: waiting.shift() } : await reader.read();
          signal?.throwIfAborted();
          if (value !== undefined) controller.enqueue(answer.pass(value));
          if (done !== true) return;
          signal?.removeEventListener("abort", stop);
          // Without this the caller would take a cut answer for a whole one.
          if (answer.end("failed") && !answer.hasError) controller.enqueue(answer.cut());
          controller.close();
        } catch (error) {
          signal?.removeEventListener("abort", stop);
          answer.end(signal?.aborted === true ? "abandoned" : "failed");
          controller.error(error);
        }
      },
      cancel(reason) {
        signal?.removeEventListener("abort", stop);
        answer.end("abandoned");
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** An answer that is on its way to the caller, and its bill. */
class Answer {
  hasError = false;
  private isSettled = false;
  private readonly written: string[] = [];
  private readonly calls: string[] = [];
  /** The calls of tools whose input came in deltas. */
  private readonly begun = new Set<string>();
  private servedBy: string | undefined;

  constructor(
    private readonly router: Router,
    private readonly attempt: Attempt,
    private readonly prompt: CallOptions["prompt"],
  ) {}

  /** The first parts, with the model's name among them also where the provider does not tell one. */
  named(held: readonly StreamPart[]): StreamPart[] {
    if (held.some(({ type }) => type === "response-metadata")) return [...held];
    const start = held.findIndex(({ type }) => type === "stream-start") + 1;
    return [...held.slice(0, start), { type: "response-metadata" }, ...held.slice(start)];
  }

  /** Notes what a part says, and returns it as the caller gets it. */
  pass(part: StreamPart): StreamPart {
    if (part.type === "finish") return this.finish(part);
    if (part.type === "response-metadata") {
      this.servedBy = part.modelId ?? this.servedBy;
      return { ...part, modelId: this.attempt.decision.model };
    }
    if ("delta" in part) {
      this.written.push(part.delta);
      if (part.type === "tool-input-delta") this.begun.add(part.id);
    } else if (part.type === "tool-call") {
      // What came in deltas is repeated here.
      if (!this.begun.has(part.toolCallId)) this.written.push(part.toolName, part.input);
      if (isOpenCall(part)) this.calls.push(part.toolCallId);
    } else if (part.type === "error") this.hasError = true;
    return part;
  }

  /** Settles by what was seen; false if it was settled before. */
  end(ending: "failed" | "abandoned"): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    const { decision } = this.attempt;
    this.router.settle(decision, { ...estimatedUse(decision, this.written.join("")), ending });
    return true;
  }

  cut(): StreamPart {
    const { model } = this.attempt.decision;
    return { type: "error", error: new Error(`the answer of ${model} was cut: its stream has no end`) };
  }

  private finish(part: Extract<StreamPart, { type: "finish" }>): StreamPart {
    const { decision, failed } = this.attempt;
    const reported = reportedUse(part.usage);
    if (!this.isSettled) {
      this.isSettled = true;
      const hasFailed = this.hasError || part.finishReason.unified === "error";
      const session = decision.session ?? sessionAfter(this.prompt, this.calls);
      this.router.settle(
        { ...decision, session },
        {
          ...(reported ?? estimatedUse(decision, this.written.join(""))),
          ...(hasFailed && { ending: "failed" }),
        },
      );
    }
    const optllm = metadataOf(decision, failed, reported === undefined, this.servedBy);
    return { ...part, providerMetadata: { ...part.providerMetadata, optllm } };
  }
}
