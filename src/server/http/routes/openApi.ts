import type { FastifyInstance, RouteOptions } from "fastify";
import { openApi } from "../api/openapi.js";
import { described } from "../api/described.js";

/** GET /openapi.json: these routes, for tools that read OpenAPI. */
export function addOpenApi(app: FastifyInstance, routes: readonly RouteOptions[]): void {
  const about = described({
    summary: "This description",
    answer: { description: "OpenAPI 3.1" },
    isOpen: true,
  });
  let document: object | undefined;
  app.get("/openapi.json", about, () => (document ??= openApi(routes)));
}
