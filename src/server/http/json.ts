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

/** What a byte is outside of texts: 1 opens a level, 2 closes one, 3 begins a text, 0 is anything else. */
const KIND = new Uint8Array(256);
for (const [kind, bytes] of ["{[", "}]", '"'].entries())
  for (const byte of Buffer.from(bytes)) KIND[byte] = kind + 1;

/** How deep brackets are nested outside of texts; counting stops above `most`. */
function depthOf(bytes: Buffer, most: number): number {
  let depth = 0;
  let deepest = 0;
  for (let k = 0; k < bytes.length; k++) {
    const kind = KIND[bytes[k]];
    if (kind === 0) continue;
    if (kind === 3) {
      k = endOfText(bytes, k);
      if (k < 0) return deepest;
    } else if (kind === 2) depth--;
    else if (++depth > deepest) {
      deepest = depth;
      if (depth > most) return depth;
    }
  }
  return deepest;
}

/** The quote that ends the text which begins at a quote; −1 for none. */
function endOfText(bytes: Buffer, from: number): number {
  for (let end = bytes.indexOf(QUOTE, from + 1); end >= 0; end = bytes.indexOf(QUOTE, end + 1)) {
    let slashes = 0;
    while (bytes[end - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}
