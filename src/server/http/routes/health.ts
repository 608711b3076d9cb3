import type { FastifyInstance } from "fastify";
import { HEALTH } from "../api/answers.js";
import { described } from "../api/described.js";
import type { Running } from "../context.js";

/** GET /healthz: the process is there. GET /readyz: it takes requests. Neither needs a key. */
export function addHealth(app: FastifyInstance, running: Running): void {
  const about = (summary: string, description: string) =>
    described({ summary, answer: { description, schema: HEALTH }, isOpen: true });
  app.get("/healthz", about("Whether the process is there", "it is"), () => ({ status: "ok" }));
  app.get("/readyz", about("Whether it takes requests", "it does; 503 while it ends"), (_, reply) => {
    if (!running.isDraining) return { status: "ready" };
    return reply.code(503).send({ status: "draining" });
  });
}
