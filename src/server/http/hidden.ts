import { messageLine } from "../../text/shown.js";

const KEY = /\b(?:sk|pk|rk|key|gsk|xai|AIza)[-_A-Za-z0-9]{12,}|\bBearer\s+\S+/gi;

/** A text from an upstream, safe for clients and logs: without keys, on one line, cut. */
export function hidden(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret !== "") clean = clean.replaceAll(secret, "[hidden]");
  return messageLine(clean.replace(KEY, "[hidden]"));
}
