import type { ErrorObject } from "ajv";
import { nearest } from "../../text/nearest.js";
import { shown } from "../../text/shown.js";

/** Keys from the top of a value to one of its parts. */
export type Path = readonly string[];

/** What is wrong with one value. */
export interface Problem {
  path: Path;
  /** Says what the value is and what is expected. */
  message: string;
}

/** Values of these fields may be secrets that were put in the wrong place: they are not repeated. */
const SECRET = /^(sha256|keyEnv|baseUrl)$/;

/** A path for people: `models.small.price`, `keys[0].sha256`. `whole`: what the value itself is called. */
export function nameOf(path: Path, whole = "the configuration"): string {
  return path.length === 0 ? whole : shown(joined(path));
}

/** The same without a limit of its length; "" for the value itself. */
export function joined(path: Path): string {
  return path.map((key, k) => (/^\d+$/.test(key) ? `[${key}]` : k === 0 ? key : `.${key}`)).join("");
}

/** What a schema finds wrong; the schema's descriptions say what is expected. `whole`: what the value itself is called. */
export function schemaProblem(
  { keyword, instancePath, params, parentSchema, data, propertyName }: ErrorObject,
  whole?: string,
): Problem {
  const path = instancePath.split("/").slice(1).map(unescaped);
  const name = nameOf(path, whole);
  const { description, properties = {} } = parentSchema as {
    description?: string;
    properties?: Record<string, { description?: string }>;
  };
  const expected = description ?? "another value";
  if (keyword === "additionalProperties") {
    const field = String((params as { additionalProperty: string }).additionalProperty);
    const known = Object.keys(properties);
    const [closest] = nearest(field, known, 1);
    return {
      path: [...path, field],
      message: `${name} has ${shown(field)}, which is not known; did you mean ${closest}? It knows ${known.join(", ")}`,
    };
  }
  if (keyword === "required") {
    const field = String((params as { missingProperty: string }).missingProperty);
    const own = properties[field]?.description;
    return { path: [...path, field], message: `${name} lacks ${field}; expected ${own ?? expected}` };
  }
  if (propertyName !== undefined)
    return { path, message: `${name} has the name ${shown(propertyName)}; expected ${expected}` };
  const isSecret = path.some((key) => SECRET.test(key));
  const found = isSecret ? "something else" : shown(typeof data === "number" ? String(data) : data);
  return { path, message: `${name} is ${found}; expected ${expected}` };
}

function unescaped(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
