import type { ErrorObject } from "ajv";
import { joined, schemaProblem } from "../../config/problem.js";
import { peer } from "../../peers.js";
import { ApiError, badRequest } from "../apiError.js";
import type { Schema } from "./schema.js";

/** Says whether a value is as a schema wants it; the error that the client gets otherwise. */
export type Validator = (value: unknown) => true | { error: ApiError };

/** Makes validators. They leave values as they are: what is passed on must not change. */
export async function openValidation(): Promise<(schema: Schema) => Validator> {
  const { Ajv } = await peer("ajv", () => import("ajv"));
  const ajv = new Ajv({ verbose: true, strict: true, allowUnionTypes: true, strictRequired: false });
  return (schema) => {
    const validate = ajv.compile(schema);
    return (value) => {
      // A body that is no JSON, with parts of its own, is read first.
      if (Buffer.isBuffer(value) || validate(value)) return true;
      return { error: errorOf(value, validate.errors ?? []) };
    };
  };
}

function errorOf(value: unknown, errors: readonly ErrorObject[]): ApiError {
  if (value === null)
    return badRequest("there is no body; expected a JSON object", undefined, "invalid_json");
  const [first] = errors.filter(({ keyword }) => keyword !== "if");
  const { message, path } = schemaProblem(first, "the body");
  const param = joined(path);
  const code = CODES.get(first.keyword) ?? "invalid_value";
  return badRequest(message, param === "" ? undefined : param.slice(0, 200), code);
}

/** What OpenAI calls it. Without a code of ours, fastify sets its own. */
const CODES = new Map([
  ["required", "missing_required_parameter"],
  ["type", "invalid_type"],
]);
