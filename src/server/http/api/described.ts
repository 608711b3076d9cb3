import type { RouteOptions } from "fastify";
import type { Schema } from "./schema.js";

/** What `/openapi.json` says of a route besides the schemas that its requests are checked by. */
export interface Described {
  summary: string;
  /** The answer of status 200. */
  answer: { description: string; schema?: Schema };
  /** It may also be a stream of server-sent events. */
  hasStream?: boolean;
  /** The body as multipart/form-data, where it may be so too. */
  form?: Schema;
  /** It needs no key. */
  isOpen?: boolean;
  /** Its requests are recorded, also those that are refused before they begin. */
  isRecorded?: boolean;
}

declare module "fastify" {
  interface FastifyContextConfig {
    api?: Described;
  }
}

/** The schema and description of a route, as fastify takes them. */
export function described(
  api: Described,
  { body, headers, params }: { body?: Schema; headers?: Schema; params?: Schema } = {},
): Pick<RouteOptions, "schema" | "config"> {
  return {
    schema: { ...(body && { body }), ...(headers && { headers }), ...(params && { params }) },
    config: { api },
  };
}
