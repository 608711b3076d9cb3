import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * The connections of a server, and how many requests each has under way. Node counts one that has not sent a request yet
 * as busy, and browsers and pools open some of those.
 */
export class Connections {
  private readonly requests = new Map<Socket, number>();

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.requests.set(socket, 0);
      // Each request under way listens to it, and a client may send many at once.
      socket.setMaxListeners(0);
      socket.once("close", () => this.requests.delete(socket));
    });
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.add(socket, 1);
      response.once("close", () => this.add(socket, -1));
    });
  }

  get size(): number {
    return this.requests.size;
  }

  /** Closes those without a request under way. */
  closeIdle(): void {
    for (const [socket, requests] of this.requests) if (requests === 0) socket.destroy();
  }

  private add(socket: Socket, count: number): void {
    const requests = this.requests.get(socket);
    if (requests !== undefined) this.requests.set(socket, requests + count);
  }
}
