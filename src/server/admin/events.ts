import type { FastifyInstance } from "fastify";
import type { ServerResponse } from "node:http";
import { ApiError } from "../http/apiError.js";
import type { Board } from "./board.js";

const EVERY_MS = 1_000;
const MOST_VIEWERS = 20;
/** Bytes that wait for a viewer who reads too slowly; then it is left. */
const MOST_WAITING = 2 ** 20;

/** GET /events: how everything stands, every second, as server-sent events. */
export function addEvents(app: FastifyInstance, board: Board): void {
  const viewers = new Set<ServerResponse>();
  const send = (viewer: ServerResponse, data: string): void => {
    if (viewer.writableLength > MOST_WAITING) viewer.destroy();
    else viewer.write(`data: ${data}\n\n`);
  };
  const timer = setInterval(() => {
    board.tick();
    if (viewers.size === 0) return;
    const data = JSON.stringify(board.data(false));
    for (const viewer of viewers) send(viewer, data);
  }, EVERY_MS);
  timer.unref();
  app.addHook("preClose", (done) => {
    clearInterval(timer);
    for (const viewer of viewers) viewer.end();
    done();
  });
  app.get("/events", (_, reply) => {
    if (viewers.size >= MOST_VIEWERS)
      throw new ApiError(503, "too_many_viewers", `${MOST_VIEWERS} status pages are open; close one`);
    const { raw } = reply.hijack();
    raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    viewers.add(raw);
    raw.on("close", () => viewers.delete(raw));
    raw.on("error", () => undefined);
    send(raw, JSON.stringify(board.data(true)));
  });
}
