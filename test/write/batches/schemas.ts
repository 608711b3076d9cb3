import { expect } from "vitest";
import type { Vendor } from "../../../src/write/batches/vendors.js";

/*
 * Strict checkers of batch files, written from the vendors' documentation: what is not listed here is a failure.
 *
 * OpenAI: the guide "Batch API" and the reference of chat completions and responses. Anthropic: the reference of message
 * batches and messages. Gemini: the guide "Batch API" and the reference of generateContent. Vertex AI: the page "Batch
 * prediction from Cloud Storage". Mistral: the page "Batch processing" and the reference of chat completions. Amazon
 * Bedrock: the user guide's "Format and upload your batch inference data" and the reference of InvokeModel for Claude
 * and of Converse.
 */

type Json = Record<string, unknown>;

/** One field: its check, and whether it must be there. */
type Shape = Record<string, [(value: unknown) => boolean, "required"?]>;

function fits(value: unknown, shape: Shape, where: string): asserts value is Json {
  expect(typeof value === "object" && value !== null && !Array.isArray(value), where).toBe(true);
  const fields = value as Json;
  for (const [name, field] of Object.entries(fields)) {
    expect(Object.hasOwn(shape, name), `${where}: unknown field ${name}`).toBe(true);
    expect(shape[name][0](field), `${where}: ${name} is ${JSON.stringify(field)}`).toBe(true);
  }
  for (const [name, [, isRequired]] of Object.entries(shape))
    if (isRequired) expect(Object.hasOwn(fields, name), `${where}: no ${name}`).toBe(true);
}

const text = (value: unknown): boolean => typeof value === "string";
const blank = (value: unknown): boolean => typeof value === "string" && value !== "";
const whole = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
const integer = (value: unknown): boolean => Number.isInteger(value);
const within =
  (low: number, high: number) =>
  (value: unknown): boolean =>
    typeof value === "number" && value >= low && value <= high;
const exactly =
  (...allowed: unknown[]) =>
  (value: unknown): boolean =>
    allowed.includes(value);
const list =
  (check: (item: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.length > 0 && value.every(check);
const object = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const any = (): boolean => true;
/** A nested shape, whose own failures name the field. */
const of =
  (shape: Shape, name: string) =>
  (value: unknown): boolean => {
    fits(value, shape, name);
    return true;
  };
const has =
  (...names: string[]) =>
  (value: unknown): boolean =>
    object(value) && Object.keys(value as Json).length === 1 && names.includes(Object.keys(value as Json)[0]);

const MESSAGE: Shape = {
  role: [exactly("system", "developer", "user", "assistant", "tool"), "required"],
  content: [(value) => text(value) || value === null || list(object)(value)],
  name: [text],
  tool_calls: [list(object)],
  tool_call_id: [text],
};
const FUNCTION_TOOL: Shape = {
  type: [exactly("function"), "required"],
  function: [
    of({ name: [blank, "required"], description: [text], parameters: [object], strict: [any] }, "function"),
    "required",
  ],
};
const STOP = (value: unknown): boolean => text(value) || list(text)(value);

const OPENAI_CHAT: Shape = {
  model: [blank, "required"],
  messages: [list(of(MESSAGE, "message")), "required"],
  max_tokens: [whole],
  max_completion_tokens: [whole],
  temperature: [within(0, 2)],
  top_p: [within(0, 1)],
  n: [whole],
  seed: [integer],
  stop: [STOP],
  user: [text],
  metadata: [object],
  response_format: [object],
  tools: [list(of(FUNCTION_TOOL, "tool"))],
  tool_choice: [any],
  parallel_tool_calls: [any],
  presence_penalty: [within(-2, 2)],
  frequency_penalty: [within(-2, 2)],
  logprobs: [any],
  top_logprobs: [integer],
  reasoning_effort: [text],
};

/** What a model that reasons refuses: everything of this. */
const REASONING = /^(o\d|gpt-5)/;

function openai(line: unknown): string {
  fits(
    line,
    {
      custom_id: [blank, "required"],
      method: [exactly("POST"), "required"],
      url: [exactly("/v1/chat/completions", "/v1/responses"), "required"],
      body: [object, "required"],
    },
    "OpenAI",
  );
  const body = line.body as Json;
  if (line.url === "/v1/responses")
    fits(
      body,
      {
        model: [blank, "required"],
        input: [any, "required"],
        instructions: [text],
        max_output_tokens: [whole],
      },
      "responses",
    );
  else fits(body, OPENAI_CHAT, "chat");
  if (REASONING.test(body.model as string))
    for (const field of ["max_tokens", "temperature", "top_p", "logprobs", "stop", "presence_penalty"])
      expect(body[field], `${String(body.model)} takes no ${field}`).toBeUndefined();
  else expect(body.reasoning_effort).toBeUndefined();
  return line.custom_id as string;
}

const BLOCK = (value: unknown): boolean => {
  const { type } = value as Json;
  const shapes: Record<string, Shape> = {
    text: { type: [any], text: [blank, "required"] },
    image: { type: [any], source: [object, "required"] },
    tool_use: {
      type: [any],
      id: [blank, "required"],
      name: [blank, "required"],
      input: [object, "required"],
    },
    tool_result: { type: [any], tool_use_id: [blank, "required"], content: [text] },
  };
  fits(value, shapes[type as string] ?? {}, `block ${String(type)}`);
  return true;
};
const MESSAGES_API: Shape = {
  max_tokens: [whole, "required"],
  messages: [
    list(
      of(
        {
          role: [exactly("user", "assistant"), "required"],
          content: [(value) => blank(value) || list(BLOCK)(value), "required"],
        },
        "message",
      ),
    ),
    "required",
  ],
  system: [(value) => text(value) || list(object)(value)],
  temperature: [within(0, 1)],
  top_p: [within(0, 1)],
  top_k: [integer],
  stop_sequences: [list(text)],
  metadata: [of({ user_id: [text, "required"] }, "metadata")],
  tools: [
    list(of({ name: [blank, "required"], description: [text], input_schema: [object, "required"] }, "tool")),
  ],
  tool_choice: [
    of(
      {
        type: [exactly("auto", "any", "none", "tool"), "required"],
        name: [text],
        disable_parallel_tool_use: [any],
      },
      "tool_choice",
    ),
  ],
  output_config: [object],
  thinking: [object],
};

function anthropic(request: unknown): string {
  fits(
    request,
    {
      custom_id: [(value) => /^[a-zA-Z0-9_-]{1,64}$/.test(String(value)), "required"],
      params: [object, "required"],
    },
    "Anthropic",
  );
  fits(
    request.params,
    { model: [(value) => /^claude-/.test(String(value)), "required"], ...MESSAGES_API },
    "params",
  );
  expect(((request.params.messages as Json[])[0] as Json).role).toBe("user");
  return request.custom_id as string;
}

const PART = has("text", "inlineData", "functionCall", "functionResponse");
const GENERATE: Shape = {
  contents: [
    list(of({ role: [exactly("user", "model"), "required"], parts: [list(PART), "required"] }, "content")),
    "required",
  ],
  systemInstruction: [of({ parts: [list(PART), "required"] }, "systemInstruction")],
  generationConfig: [
    of(
      {
        maxOutputTokens: [whole],
        temperature: [within(0, 2)],
        topP: [within(0, 1)],
        topK: [integer],
        seed: [integer],
        stopSequences: [list(text)],
        presencePenalty: [within(-2, 2)],
        frequencyPenalty: [within(-2, 2)],
        responseMimeType: [exactly("application/json")],
        responseJsonSchema: [object],
      },
      "generationConfig",
    ),
  ],
  tools: [
    list(
      of(
        {
          functionDeclarations: [
            list(
              of(
                { name: [blank, "required"], description: [text], parametersJsonSchema: [object] },
                "function",
              ),
            ),
            "required",
          ],
        },
        "tool",
      ),
    ),
  ],
  toolConfig: [
    of(
      {
        functionCallingConfig: [
          of(
            { mode: [exactly("AUTO", "ANY", "NONE"), "required"], allowedFunctionNames: [list(text)] },
            "config",
          ),
          "required",
        ],
      },
      "toolConfig",
    ),
  ],
};

function gemini(line: unknown): string {
  fits(line, { key: [blank, "required"], request: [of(GENERATE, "request"), "required"] }, "Gemini");
  return line.key as string;
}

function vertex(line: unknown): string {
  const labels: Shape = { optllm_id: [(value) => /^[a-z0-9_-]{1,63}$/.test(String(value)), "required"] };
  const request = of({ ...GENERATE, labels: [of(labels, "labels"), "required"] }, "request");
  fits(line, { request: [request, "required"] }, "Vertex");
  return ((line.request as Json).labels as Json).optllm_id as string;
}

function mistral(line: unknown): string {
  const body: Shape = {
    model: [blank],
    messages: [
      list(of({ ...MESSAGE, role: [exactly("system", "user", "assistant", "tool")] }, "message")),
      "required",
    ],
    temperature: [within(0, 1.5)],
    top_p: [within(0, 1)],
    max_tokens: [whole],
    stop: [STOP],
    random_seed: [integer],
    response_format: [object],
    tools: [list(of(FUNCTION_TOOL, "tool"))],
    tool_choice: [any],
    parallel_tool_calls: [any],
    presence_penalty: [within(-2, 2)],
    frequency_penalty: [within(-2, 2)],
    n: [whole],
  };
  fits(line, { custom_id: [blank, "required"], body: [of(body, "body"), "required"] }, "Mistral");
  return line.custom_id as string;
}

const CONVERSE: Shape = {
  messages: [
    list(
      of(
        {
          role: [exactly("user", "assistant"), "required"],
          content: [list(has("text", "image", "toolUse", "toolResult")), "required"],
        },
        "message",
      ),
    ),
    "required",
  ],
  system: [list(has("text"))],
  inferenceConfig: [
    of(
      { maxTokens: [whole], temperature: [within(0, 1)], topP: [within(0, 1)], stopSequences: [list(text)] },
      "config",
    ),
  ],
  toolConfig: [
    of(
      { tools: [list(has("toolSpec")), "required"], toolChoice: [has("auto", "any", "tool")] },
      "toolConfig",
    ),
  ],
};

function bedrock(line: unknown): string {
  fits(
    line,
    {
      recordId: [(value) => /^[a-zA-Z0-9]{11}$/.test(String(value)), "required"],
      modelInput: [object, "required"],
    },
    "Bedrock",
  );
  const input = line.modelInput as Json;
  if (input.anthropic_version !== undefined)
    fits(input, { anthropic_version: [exactly("bedrock-2023-05-31")], ...MESSAGES_API }, "Claude");
  else {
    fits(input, CONVERSE, "Converse");
    const roles = (input.messages as Json[]).map(({ role }) => role);
    roles.forEach((role, k) => expect(role).toBe(k % 2 === 0 ? "user" : "assistant"));
  }
  return line.recordId as string;
}

const CHECKS: Record<Vendor, (line: unknown) => string> = {
  openai,
  anthropic,
  gemini,
  vertex,
  mistral,
  bedrock,
};

/** The ids of a batch file's requests, in its order, after each was checked; the limits are the vendor's. */
export function idsOf(vendor: Vendor, content: string): string[] {
  const isJson = vendor === "anthropic";
  const requests: unknown[] = isJson
    ? (JSON.parse(content) as { requests: unknown[] }).requests
    : content
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
  if (isJson) expect(Object.keys(JSON.parse(content) as Json)).toEqual(["requests"]);
  const ids = requests.map(CHECKS[vendor]);
  expect(new Set(ids).size).toBe(ids.length);
  return ids;
}
