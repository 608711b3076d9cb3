import type { FastifyInstance } from "fastify";
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
