import { jsonOf } from "../../json.js";
import { countRequest } from "../../prices/tokens/chat.js";
import type { TokenCounter } from "../../prices/tokens/counter.js";
import type { Asked, Body } from "./asked.js";
import { objectOf } from "./fields.js";

/** Tokens for which a part that is no text is counted: an image in high detail of the models that count most. */
const PER_PART = 2_500;

/**
 * The input tokens of a request: the most that one of these counters finds. A part that is no text, such as an image,
 * counts 2,500. Exact for texts of models whose vocabulary is known, otherwise an estimate.
 */
export function inputTokens({ api, body }: Asked, counters: readonly TokenCounter[]): number {
  let others = 0;
  const list = api === "chat" ? body.messages : body.input;
  // A stored prompt has no input, and what it holds is not known here.
  const messages = Array.isArray(list)
    ? list.map((message: unknown) => asText(message, () => others++))
    : (list ?? "");
  const counted = { ...body, [api === "chat" ? "messages" : "input"]: messages };
  let most = 0;
  for (const counter of counters) most = Math.max(most, countRequest(counter, counted));
  return most + others * PER_PART;
}

/** A message with nothing but texts in its content. */
function asText(value: unknown, onOther: () => void): Body {
  const message = objectOf(value) ?? { content: String(value) };
  const { content } = message;
  if (content === undefined || content === null) {
    // An item of /v1/responses, such as the output of a tool.
    return typeof message.role === "string" ? message : { content: jsonOf(message) };
  }
  if (typeof content === "string") return message;
  if (!Array.isArray(content)) return { ...message, content: jsonOf(content) };
  const texts = content.map((part: unknown) => {
    if (typeof part === "string") return part;
    const { text, refusal } = objectOf(part) ?? {};
    if (typeof text === "string") return text;
    if (typeof refusal === "string") return refusal;
    onOther();
    return "";
  });
  return { ...message, content: texts.join("") };
}
