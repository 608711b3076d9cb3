import { flag, MODEL, object, OPTLLM, text, wholeNumber, type Schema } from "./schema.js";

const MOST_CHOICES = 128;

const MESSAGE: Schema = {
  type: "object",
  description: "{ role, content }",
  required: ["role"],
  properties: {
    role: { type: "string", description: "a text such as user" },
    content: { description: "a text, or a list of parts" },
  },
};

/** What is read of a request for a chat completion. */
export const CHAT_FIELDS: Record<string, Schema> = {
  model: MODEL,
  messages: {
    type: "array",
    minItems: 1,
    description: "a list of at least one message",
    items: MESSAGE,
  },
  stream: flag("true for a stream of events, otherwise false"),
  stream_options: { type: ["object", "null"], description: "{ include_usage }" },
  n: wholeNumber(`how many answers, 1 … ${MOST_CHOICES}`, 1, MOST_CHOICES),
  max_completion_tokens: wholeNumber("the longest answer in tokens, a whole number from 1", 1),
  max_tokens: wholeNumber("the same under its older name, a whole number from 1", 1),
  tools: { description: "tools that the model may call; it must know tools" },
  response_format: { description: "a format; of JSON only models that know it are asked" },
  reasoning_effort: { description: "an effort; for one that is not none the model must reason" },
  user: text("a text that names the end user"),
  optllm: OPTLLM,
};

/** The body of POST /v1/chat/completions. */
export const CHAT = object(
  "a request of OpenAI's chat completions; fields that are not listed are passed on",
  CHAT_FIELDS,
  ["model", "messages"],
);
