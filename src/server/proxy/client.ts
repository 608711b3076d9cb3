import type { ServerResponse } from "node:http";

/** The client's side of a stream: written no faster than it is read. */
export class StreamClient {
  constructor(private readonly response: ServerResponse) {}

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

  /** Resolves when more may be written, or the client has gone. */
  async write(bytes: Buffer | string): Promise<void> {
    const { response } = this;
    if (response.destroyed || response.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        response.off("drain", done);
        response.off("close", done);
        resolve();
      };
      response.on("drain", done);
      response.on("close", done);
    });
  }

  /** `trailers`: values for the names that were given at the beginning. */
  end(trailers: Record<string, string>): void {
    this.response.addTrailers(trailers);
    this.response.end();
  }

  /** Ends the stream and, when all is sent, its connection: what follows an error is not another answer. */
  endConnection(trailers: Record<string, string>): void {
    const { socket } = this.response;
    this.response.addTrailers(trailers);
    this.response.end(() => socket?.end());
  }
}
