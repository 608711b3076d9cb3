import type { ServerResponse } from "node:http";

/** The client's side of a stream: written no faster than it is read. */
export class StreamClient {
  constructor(private readonly response: ServerResponse) {}

  /** Whether something was sent: from then on no other model can answer. */
  get isOpen(): boolean {
    return this.response.headersSent;
  }

  open(headers: Record<string, string>): void {
    this.response.writeHead(200, {
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

  end(): void {
    this.response.end();
  }

  /** Ends the stream and, when all is sent, its connection: what follows an error is not another answer. */
  endConnection(): void {
    const { socket } = this.response;
    this.response.end(() => socket?.end());
  }
}
