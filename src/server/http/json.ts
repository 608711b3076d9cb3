import { badRequest } from "./apiError.js";
import type { Body } from "../protocol/asked.js";
import { objectOf } from "../protocol/fields.js";

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * The object of a request's body.
 *
 * @throws ApiError 400 for what is no JSON object, or is nested deeper than `depth`.
 */
export function bodyOf(bytes: Buffer, depth: number): Body {
  if (depthOf(bytes, depth) > depth)
    throw badRequest(`the body is nested deeper than ${depth} levels`, undefined, "json_too_deep");
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    // The parser's message quotes the text.
    throw badRequest("the body is not valid JSON", undefined, "invalid_json");
  }
  const body = objectOf(value);
  if (body === undefined) throw badRequest("the body is not a JSON object", undefined, "invalid_json");
  return body;
}

/** How deep brackets are nested outside of strings; counting stops above `most`. */
function depthOf(bytes: Buffer, most: number): number {
  let depth = 0;
  let deepest = 0;
  let isText = false;
  for (let k = 0; k < bytes.length; k++) {
    const byte = bytes[k];
    if (isText) {
      if (byte === BACKSLASH) k++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === 123 || byte === 91) {
      if (++depth > deepest) deepest = depth;
      if (depth > most) return depth;
    } else if (byte === 125 || byte === 93) depth--;
  }
  return deepest;
}
