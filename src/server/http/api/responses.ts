import { flag, MODEL, object, OPTLLM, text, wholeNumber, type Schema } from "./schema.js";

/** What is read of a request of the Responses API. */
export const RESPONSES_FIELDS: Record<string, Schema> = {
  model: MODEL,
  input: {
    type: ["string", "array", "null"],
    minItems: 1,
    description: "a text or a list of items",
    items: { type: "object", description: "an object" },
  },
  prompt: { type: ["object", "null"], description: "a stored prompt of the upstream" },
  instructions: { description: "a text, or a list of items" },
  stream: flag("true for a stream of events, otherwise false"),
  background: { enum: [false, null], description: "false: background answers are not supported" },
  conversation: {
    type: "null",
    description: "none: a conversation belongs to one upstream; use previous_response_id",
  },
  previous_response_id: text("the id of an answer that this key got"),
  max_output_tokens: wholeNumber("the longest answer in tokens, a whole number from 1", 1),
  tools: { description: "tools that the model may call; it must know tools" },
  text: { description: "{ format }; of JSON only models that know it are asked" },
  reasoning: { description: "{ effort }; for one that is not none the model must reason" },
  user: text("a text that names the end user"),
  optllm: OPTLLM,
};

/** The body of POST /v1/responses. */
export const RESPONSES: Schema = {
  ...object(
    "a request of OpenAI's Responses API; fields that are not listed are passed on",
    RESPONSES_FIELDS,
    ["model"],
  ),
  // A stored prompt needs no input.
  if: { properties: { prompt: { type: "object" } }, required: ["prompt"] },
  else: {
    required: ["input"],
    properties: { input: { type: ["string", "array"], description: "a text or a list of items" } },
  },
};
