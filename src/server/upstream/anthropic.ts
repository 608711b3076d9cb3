import { completionOf } from "../anthropic/answer.js";
import { chatError } from "../anthropic/errors.js";
import { messagesBody, untranslatable } from "../anthropic/request.js";
import { ChatChunks } from "../anthropic/stream.js";
import type { UpstreamKind } from "./kind.js";

const VERSION = "2023-06-01";
/** The longest answer, in tokens, where neither the request, nor the policy, nor the model sets one. */
const MOST_TOKENS = 4_096;

/** Anthropic's Messages API: chat completions are translated, other endpoints it does not have. */
export const anthropic: UpstreamKind = {
  whyNot: (api, body) => {
    if (api !== "chat") return `the Messages API has no ${api}`;
    const reasons = untranslatable(body);
    return reasons.length === 0 ? undefined : `the Messages API cannot express ${reasons.join("; ")}`;
  },
  request: (_, body, key) => {
    const headers: Record<string, string> = { "anthropic-version": VERSION };
    if (key !== undefined) headers["x-api-key"] = key;
    return { path: "/messages", headers, body: JSON.stringify(messagesBody(body, MOST_TOKENS)) };
  },
  answer: (message) => completionOf(message, seconds()),
  error: (text) => JSON.stringify({ error: chatError(parsed(text)) }),
  translator: () => {
    const chunks = new ChatChunks(seconds());
    return ({ data }) =>
      data === undefined
        ? []
        : chunks.push(data).map((own) => ({ raw: Buffer.from(`data: ${own}\n\n`), data: own }));
  },
  needsLimit: true,
};

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
