import type { FastifyInstance } from "fastify";
import { Board } from "./board.js";
import { addEvents } from "./events.js";
import { statusPage } from "./page.js";
import { isLoopback } from "../config/references.js";
import type { Core } from "../core.js";
import { httpApp } from "../http/app.js";
import { ApiError } from "../http/apiError.js";
import type { Metrics } from "../metrics/metrics.js";

/** The port for whoever runs the server. It has no keys and changes nothing. */
export async function adminApp(core: Core, metrics: Metrics, host: string): Promise<FastifyInstance> {
  const app = await httpApp(core);
  if (isLoopback(host)) refuseOtherNames(app, host);
  app.get("/metrics", async (_, reply) =>
    reply.header("content-type", metrics.contentType).send(await metrics.text()),
  );
  const board = new Board(core);
  core.listeners.push(board);
  const page = await statusPage();
  app.get("/", (_, reply) => reply.headers(page.headers).send(page.html(board.data(true))));
  addEvents(app, board);
  return app;
}

/** A page of the internet can make a browser ask this machine under a name of its own; it gets nothing. */
function refuseOtherNames(app: FastifyInstance, host: string): void {
  app.addHook("onRequest", (request, _, done) => {
    const name = request.hostname.replace(/^\[|\]$/g, "");
    if (isLoopback(name) || name === host) done();
    else done(new ApiError(403, "forbidden", "this address answers to the names of this machine alone"));
  });
}
