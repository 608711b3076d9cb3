import { ChatStream } from "../protocol/chatStream.js";
import { ResponsesStream } from "../protocol/responsesStream.js";
import { SseSplitter, type SseEvent } from "../protocol/sse.js";
import type { StreamReader } from "../protocol/stream.js";
import { gatewayFailure, type Failure } from "../upstream/failure.js";
import type { Reply } from "../upstream/upstream.js";
import type { Attempt } from "./attempt.js";
import type { StreamClient } from "./client.js";
import { answerHeaders, dollarsText } from "./outgoing.js";
import { thrownFailure } from "./thrown.js";

/** What is held back for another model to replace; a stream without content beyond this is passed on. */
const MOST_HELD = 2 ** 20;
const TRAILERS = ["x-optllm-cost"] as const;

/** How a stream ended: after its answer, or with a failure. `isSent`: the client knows of the failure. */
export interface StreamEnd {
  failure?: Failure;
  isSent: boolean;
  /** Id of an answer of /v1/responses. */
  responseId?: string;
}

/**
 * Passes a stream on, event by event, as it comes. Events before the first content are held back, so that another model
 * can still answer; from then on a failure is told to the client, and nothing is ever sent twice.
 */
export async function streamedAnswer(
  attempt: Attempt,
  reply: Reply,
  client: StreamClient,
): Promise<StreamEnd> {
  const reader = readerOf(attempt);
  const failure = await new Relay(attempt, reply, client, reader).run();
  const responseId = reader instanceof ResponsesStream ? reader.id : undefined;
  return { failure, isSent: client.isOpen, responseId };
}

function readerOf({ call }: Attempt): StreamReader {
  const { asked } = call;
  return asked.api === "responses" ? new ResponsesStream() : new ChatStream(asked.wantsUsage, asked.choices);
}

class Relay {
  private readonly splitter = new SseSplitter();
  private readonly translate: ((event: SseEvent) => SseEvent[]) | undefined;
  private waiting: Buffer[] = [];
  private held = 0;
  private hasContent = false;
  private hasEnded = false;

  constructor(
    private readonly attempt: Attempt,
    private readonly reply: Reply,
    private readonly client: StreamClient,
    private readonly reader: StreamReader,
  ) {
    this.translate = attempt.model.upstream.kind.translator?.();
  }

  async run(): Promise<Failure | undefined> {
    const { attempt, reply, reader } = this;
    const { name } = attempt.model.upstream;
    try {
      for await (const chunk of reply.body) {
        attempt.begins();
        // What follows the end is read so that the connection can be used again.
        if (this.hasEnded) continue;
        if (!this.take(this.splitter.push(chunk)))
          return this.fail(gatewayFailure(`upstream ${name} broke off its answer with an error`));
        if (this.hasEnded) this.finish();
        else if (this.hasContent || this.held > MOST_HELD) await this.flush();
      }
      const rest = this.splitter.rest();
      // Some end without the blank line after the last event.
      const last = rest && { ...rest, raw: Buffer.concat([rest.raw, Buffer.from("\n\n")]) };
      if (!this.hasEnded && last !== undefined && !this.take([last]))
        return this.fail(gatewayFailure(`upstream ${name} broke off its answer`));
    } catch (error) {
      if (this.hasEnded) return undefined;
      return this.fail(thrownFailure(error, attempt));
    }
    if (!attempt.isOver && reader.isComplete) this.finish(this.hasEnded ? "" : reader.ending);
    return attempt.isOver ? undefined : this.fail(gatewayFailure(`upstream ${name} broke off its answer`));
  }

  /** Takes events; false if one of them reports a failure or cannot be read. */
  private take(events: readonly SseEvent[]): boolean {
    const { translate } = this;
    for (const event of translate === undefined ? events : events.flatMap(translate)) {
      const meaning = this.reader.see(event);
      if (meaning === "failed") return false;
      if (meaning === "drop") continue;
      this.waiting.push(event.raw);
      this.held += event.raw.length;
      if (meaning !== "silent") this.hasContent = true;
      this.hasEnded = meaning === "end";
      if (this.hasEnded) break;
    }
    return true;
  }

  private async flush(): Promise<void> {
    const bytes = this.waiting.length === 1 ? this.waiting[0] : Buffer.concat(this.waiting);
    this.waiting = [];
    this.held = 0;
    if (!this.client.isOpen) this.client.open(answerHeaders(this.attempt, this.reply.headers), TRAILERS);
    if (bytes.length > 0) await this.client.write(bytes);
  }

  /** Settles before the client knows that it is over. */
  private finish(ending = ""): void {
    const { attempt, reader, client } = this;
    attempt.answered(reader.usage, () => reader.text());
    if (ending !== "") this.waiting.push(Buffer.from(ending));
    // Nothing is written after it, so nothing waits for it.
    void this.flush();
    client.end(this.trailers());
  }

  private fail(failure: Failure): Failure {
    const { attempt, reader, client } = this;
    const isHangUp = attempt.call.interruption.cause !== undefined;
    attempt.brokeOff(isHangUp ? "abandoned" : "failed", reader.usage, reader.text());
    if (!client.isOpen) return failure;
    if (attempt.call.interruption.cause !== "client")
      void client.write(reader.errorEvent(failure.error.body().error));
    client.endConnection(this.trailers());
    return failure;
  }

  /** What it cost is known only now, and in the body nothing may stand that is not the upstream's. */
  private trailers(): Record<string, string> {
    return { [TRAILERS[0]]: dollarsText(this.attempt.cost) };
  }
}
