import type { RouteOptions } from "fastify";
import { version } from "../../../package.js";
import { ERROR } from "./answers.js";
import type { Described } from "./described.js";
import type { Schema } from "./schema.js";

const JSON_TYPE = "application/json";
const ERRORS = { $ref: "#/components/responses/Error" };

/** The API in OpenAPI 3.1, made of the routes and of the schemas that requests are checked by. */
export function openApi(routes: readonly RouteOptions[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const { method, url, schema, config } = route;
    if (config?.api === undefined || typeof method !== "string" || method === "HEAD") continue;
    const path = url.replace(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[method.toLowerCase()] = operationOf(config.api, schema ?? {});
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "OptLLM",
      version,
      description: "Answers of language models, each by the model that is decided for within a budget.",
    },
    security: [{ key: [] }, {}],
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      responses: {
        Error: {
          description: "an error as OpenAI's API reports it",
          content: { [JSON_TYPE]: { schema: ERROR } },
        },
      },
    },
  };
}

function operationOf(
  { summary, answer, hasStream, form, isOpen }: Described,
  { body, headers, params }: { body?: unknown; headers?: unknown; params?: unknown },
): object {
  const parameters = [...parametersOf(params, "path"), ...parametersOf(headers, "header")];
  return {
    summary,
    ...(isOpen === true && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: {
          [JSON_TYPE]: { schema: body },
          ...(form !== undefined && { "multipart/form-data": { schema: form } }),
        },
      },
    }),
    responses: {
      200: {
        description: answer.description,
        content: {
          [JSON_TYPE]: answer.schema === undefined ? {} : { schema: answer.schema },
          ...(hasStream === true && { "text/event-stream": {} }),
        },
      },
      ...(isOpen !== true && { default: ERRORS }),
    },
  };
}

function parametersOf(schema: unknown, place: "path" | "header"): object[] {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, Schema> };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    ...{ name, in: place, required: place === "path", description, schema: rest },
  }));
}
