import { CHAT_FIELDS } from "./chat.js";
import { RESPONSES_FIELDS } from "./responses.js";
import { MODEL, object, type Schema } from "./schema.js";

/** The body of POST /v1/route. */
export const ROUTE: Schema = {
  type: "object",
  description: "the body of a request for an answer, with messages or input; model is auto if it is left out",
  properties: { model: MODEL },
  if: { properties: { messages: {} }, required: ["messages"] },
  then: { properties: CHAT_FIELDS },
  else: {
    required: ["input"],
    properties: {
      ...RESPONSES_FIELDS,
      input: { ...RESPONSES_FIELDS.input, type: ["string", "array"] },
    },
  },
};

/** The body of POST /v1/feedback. */
export const FEEDBACK = object(
  "{ decisionId, score }",
  {
    decisionId: { type: "string", maxLength: 300, description: "what x-optllm-decision said" },
    score: {
      type: "number",
      minimum: 0,
      maximum: 1,
      description: "how good the answer was, a number, 0 … 1",
    },
  },
  ["decisionId", "score"],
);

/** The body of POST /v1/embeddings. */
export const EMBEDDINGS = object(
  "a request of OpenAI's embeddings; fields that are not listed are passed on",
  { model: MODEL, input: { description: "a text, a list of texts, or token ids" } },
  ["model", "input"],
);
