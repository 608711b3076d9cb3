/**
 * A JSON Schema that bodies are checked by and `/openapi.json` shows. Each `description` also says in errors what is
 * expected. Null is the same as absent.
 */
export type Schema = Readonly<Record<string, unknown>>;

export function text(description: string, more: Schema = {}): Schema {
  return { type: ["string", "null"], description, ...more };
}

export function flag(description: string): Schema {
  return { type: ["boolean", "null"], description };
}

export function wholeNumber(description: string, minimum: number, maximum = 1e9): Schema {
  return { type: ["integer", "null"], minimum, maximum, description };
}

/** An object; fields that it does not name are passed on unread. */
export function object(
  description: string,
  properties: Record<string, Schema>,
  required: string[] = [],
): Schema {
  return { type: "object", description, required, properties };
}

/** The name of a model that a client asks for. */
export const MODEL: Schema = {
  type: "string",
  minLength: 1,
  maxLength: 300,
  description: '"auto", "policy/NAME" or the name of a model, at most 300 characters',
};

/** What a request tells OptLLM alone; it is not passed on. */
export const OPTLLM: Schema = {
  type: ["object", "null"],
  additionalProperties: false,
  description: "{ features }; it is not passed on",
  properties: {
    features: {
      type: ["object", "null"],
      maxProperties: 100,
      additionalProperties: {
        type: ["string", "number"],
        maxLength: 1_000,
        description: "a text of at most 1,000 characters, or a number",
      },
      description: "what is known of the request beside its text, by the predictor's feature columns",
    },
  },
};

/** Headers of a request for an answer. */
export const SESSION: Schema = {
  type: "object",
  description: "headers",
  properties: {
    "x-optllm-session": {
      type: "string",
      maxLength: 200,
      description: "what the client calls the conversation, at most 200 characters",
    },
  },
};
