import type { ServerResponse } from "node:http";

/** How long the last words of a stream that broke off may take to be read. */
const LAST_WORDS_MS = 30_000;

/** The client's side of a stream: written no faster than it is read. */
export class StreamClient {
  /** `signal`: ends the request. */
  constructor(
    private readonly response: ServerResponse,
    private readonly signal: AbortSignal,
  ) {}

  /** Whether something was sent: from then on no other model can answer. */
  get isOpen(): boolean {
    return this.response.headersSent;
  }

  /** `trailers`: names of what is said at the end. */
  open(headers: Record<string, string>, trailers: readonly string[]): void {
    this.response.writeHead(200, {
      // Bodies of HTTP/1.0 have no end that could say more.
      ...(this.response.req.httpVersion === "1.1" && { trailer: trailers.join(", ") }),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
      ...headers,
    });
  }

  /** Resolves when more may be written, or the request has ended. */
  async write(bytes: Buffer | string): Promise<void> {
    const { response, signal } = this;
    if (response.destroyed || response.write(bytes) || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        response.off("drain", done);
        response.off("close", done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      response.on("drain", done);
      response.on("close", done);
      signal.addEventListener("abort", done);
    });
  }

  /** `trailers`: values for the names that were given at the beginning. */
  end(trailers: Record<string, string>): void {
    this.response.addTrailers(trailers);
    this.response.end();
  }

  /** Ends the stream and, when all is sent, its connection: what follows an error is not another answer. */
  endConnection(trailers: Record<string, string>): void {
    const { socket } = this.response.req;
    this.response.addTrailers(trailers);
    const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
    this.response.end(() => socket.end());
    socket.once("close", () => clearTimeout(timer));
  }
}
