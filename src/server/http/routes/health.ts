import type { FastifyInstance } from "fastify";
import type { Running } from "../context.js";

/** GET /healthz: the process is there. GET /readyz: it takes requests. Neither needs a key. */
export function addHealth(app: FastifyInstance, running: Running): void {
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", (_, reply) => {
    if (!running.isDraining) return { status: "ready" };
    return reply.code(503).send({ status: "draining" });
  });
}
