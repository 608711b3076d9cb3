import type { PartForm } from "./parts.js";
import { bodyOf, jsonLine, type WorkRequest } from "./request.js";

/** A file of the OpenAI Batch API: JSONL, one model, at most 50,000 requests and 200 MB. */
export const OPENAI_BATCH: PartForm = {
  open: "",
  between: "\n",
  close: "\n",
  ending: ".jsonl",
  maxRequests: 50_000,
  maxBytes: 200_000_000,
};

const CHAT_URL = "/v1/chat/completions";

/**
 * A line of an OpenAI Batch input file: the request with its `custom_id` and body kept and the body's `model`
 * replaced. Numbers are written as JavaScript reads them, so whole numbers above 2⁵³ lose digits.
 */
export function openaiLine(request: WorkRequest, model: string): string {
  const { id, url = CHAT_URL, where } = request;
  return jsonLine({ custom_id: id, method: "POST", url, body: { ...bodyOf(request), model } }, where);
}
