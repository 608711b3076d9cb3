import { beforeEach, describe, expect, it } from "vitest";
import { chunk, completion, DONE, event, json, STOP, streams, type Seen } from "./mockUpstream.js";
import { HELLO, running } from "./running.js";

const f = await running("hostile", (config) => ({
  ...config,
  upstreams: { ...config.upstreams, claude: { kind: "anthropic", baseUrl: config.upstreams.one.baseUrl } },
  models: {
    ...config.models,
    small: { ...config.models.small, upstream: "claude" },
    words: { upstream: "one", serves: "embeddings", price: { input: 0.02 } },
  },
  limits: { bodyBytes: 100_000 },
}));
const { mock } = f;
const ANSWER = [
  chunk({ content: "x" }),
  event({ type: "response.output_text.delta", delta: "x" }),
  STOP,
  DONE,
];
const MESSAGE = [
  { type: "message_start", message: { id: "m", role: "assistant", model: "m", usage: { input_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "x" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
  { type: "message_stop" },
].map((value) => `event: ${value.type}\n${event(value)}`);
beforeEach(() => {
  mock.usually = (response, { body, path }) =>
    body.stream === true
      ? streams(...(path.endsWith("/messages") ? MESSAGE : ANSWER))(response, {} as Seen)
      : path.endsWith("/messages")
        ? json(response, {
            ...{ id: "m", type: "message", role: "assistant", model: body.model, stop_reason: "end_turn" },
            content: [{ type: "text", text: "Good day" }],
            usage: { input_tokens: 12, output_tokens: 3 },
          })
        : json(response, completion(body.model));
});

const ODD: unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, "", "x", "\u0000\ud800", "__proto__", "constructor"],
  ...[[], {}, [[]], [null], [{}], [1], ["x"], { a: null }, { type: 5 }, { type: "function" }],
  ...[
    { toString: 1 },
    { length: 1e9 },
    { then: 1 },
    [{ type: "text" }],
    [{ type: "image_url", image_url: 3 }],
  ],
  ...[[{ type: "tool_use" }], [{ role: "tool" }], [{ role: "assistant", tool_calls: [null] }]],
  ...[
    { include_usage: "x" },
    { format: { type: {} } },
    { effort: [] },
    { type: "json_schema", json_schema: [] },
  ],
  JSON.parse('{"__proto__": {"a": 1}, "constructor": {"prototype": 1}}'),
];

/** Sends every odd value in every place; an answer may refuse it, and must not be a fault of the server. */
async function never500(path: string, places: ((value: unknown) => object)[]): Promise<void> {
  for (const place of places)
    for (const value of ODD) {
      const body = JSON.stringify(place(value));
      const answer = await f.post(path, body);
      const text = await answer.text();
      expect([body, answer.status < 500 ? "" : `${answer.status} ${text}`]).toEqual([body, ""]);
      if (answer.status === 200) continue;
      const { error } = JSON.parse(text) as { error: object };
      expect(Object.keys(error).sort()).toEqual(["code", "message", "param", "type"]);
    }
}

describe("values of a wrong kind", () => {
  const chatFields =
    "model messages stream stream_options n max_tokens max_completion_tokens user tools functions tool_choice parallel_tool_calls response_format reasoning_effort modalities stop temperature top_p metadata service_tier logit_bias prediction store web_search_options verbosity";
  const message = (part: object) => ({ ...HELLO, messages: [{ role: "user", content: "x", ...part }] });
  const chat = [
    ...chatFields.split(" ").map((field) => (value: unknown) => ({ ...HELLO, [field]: value })),
    ...["role", "content", "name", "tool_calls", "tool_call_id", "refusal", "function_call", "audio"].map(
      (field) => (value: unknown) => message({ [field]: value }),
    ),
    (value: unknown) => message({ content: [value] }),
    (value: unknown) => message({ content: [{ type: "text", text: value }] }),
    (value: unknown) => message({ content: [{ type: "image_url", image_url: { url: value } }] }),
    (value: unknown) =>
      message({ role: "assistant", tool_calls: [{ id: "c", type: "function", function: value }] }),
    (value: unknown) => ({ ...HELLO, tools: [{ type: "function", function: value }] }),
    (value: unknown) => ({
      ...HELLO,
      tools: [{ type: "function", function: { name: "f", parameters: value } }],
    }),
    (value: unknown) => ({ ...HELLO, messages: [HELLO.messages[0], value] }),
  ];

  it.each(["auto", "small"])("in chats of %s", async (model) => {
    // The field's own turn comes after the model's name.
    await never500(
      "/v1/chat/completions",
      chat.map((place) => (value) => {
        const body = place(value) as { model: unknown };
        return body.model === HELLO.model ? { ...body, model } : body;
      }),
    );
  });

  it("in responses, decisions, judgements and embeddings", async () => {
    const asked = { model: "large", input: "x" };
    const fields =
      "model input prompt instructions stream background conversation previous_response_id max_output_tokens tools text reasoning user";
    const responses = fields.split(" ").map((field) => (value: unknown) => ({ ...asked, [field]: value }));
    const items = [
      (value: unknown) => ({ ...asked, input: [value] }),
      (value: unknown) => ({ ...asked, input: [{ role: "user", content: value }] }),
      (value: unknown) => ({ ...asked, input: [{ type: "function_call_output", output: value }] }),
    ];
    await never500("/v1/responses", [...responses, ...items]);
    await never500("/v1/route", [...responses, ...items, ...chat]);
    await never500("/v1/feedback", [
      (value) => ({ decisionId: value, score: 1 }),
      (value) => ({ decisionId: "x", score: value }),
    ]);
    await never500("/v1/embeddings", [
      (value) => ({ model: "words", input: value }),
      (value) => ({ model: value, input: "x" }),
      (value) => ({ model: "words", input: "x", dimensions: value }),
    ]);
  });

  it("in problems", async () => {
    const good = {
      models: ["a", "b"],
      cost: [[1, 2]],
      successProbability: [[0.5, 0.9]],
      target: { knee: true },
    };
    const fields =
      "models cost successProbability allowed weight minProbability target refine constraints columns groups";
    const inside: ((value: unknown) => object)[] = [
      (value) => ({ ...good, cost: [value] }),
      (value) => ({ ...good, cost: [[value, 1]] }),
      (value) => ({ ...good, models: [value, "b"] }),
      (value) => ({ ...good, constraints: [value] }),
      ...["name", "measure", "models", "group", "as", "atMost", "atLeast"].map(
        (field) => (value: unknown) => ({ ...good, constraints: [{ atMost: 1, [field]: value }] }),
      ),
      (value) => ({ ...good, constraints: [{ atMost: 1, measure: { perModel: value } }] }),
      (value) => ({ ...good, constraints: [{ atMost: 1, measure: { column: value } }] }),
      (value) => ({ ...good, constraints: [{ atMost: 1, group: { column: value, ids: [1] } }] }),
      (value) => ({ ...good, constraints: [{ atMost: 1 }], groups: { g: value } }),
      (value) => ({ ...good, constraints: [{ atMost: 1 }], groups: { g: [value] } }),
      (value) => ({ ...good, constraints: [{ atMost: 1, measure: { column: "c" } }], columns: { c: value } }),
      ...["limit", "share", "spend", "group-budget", "group-floor", "latency", "latency-of"].flatMap(
        (key) => [
          (value: unknown) => ({ ...good, constraints: { [key]: value }, groups: { g: ["x"] } }),
          (value: unknown) => ({ ...good, constraints: { [key]: [value] } }),
          (value: unknown) => ({ ...good, constraints: { [key]: { g: value } }, groups: { g: ["x"] } }),
        ],
      ),
    ];
    const places = fields.split(" ").map((field) => (value: unknown) => ({ ...good, [field]: value }));
    await never500("/v1/solve", [...places, ...inside]);
  });
});

it("a key of the prototype reaches the upstream as it came, and nobody else", async () => {
  const text = `{"model":"large","messages":[{"role":"user","content":"x"}],"__proto__":{"n":2},"constructor":{"x":1}}`;
  expect((await f.post("/v1/chat/completions", text)).status).toBe(200);
  const { body } = mock.seen.at(-1)!;
  expect(Object.keys(body)).toEqual(["model", "messages", "__proto__", "constructor"]);
  expect(({} as { n?: unknown }).n).toBeUndefined();
});

it("bodies that are too long, too deep, compressed, of another type, or no text are refused in OpenAI's form", async () => {
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    fetch(`${f.url}/v1/chat/completions`, {
      method: "POST",
      body,
      headers: {
        authorization: "Bearer test-key-of-the-client",
        "content-type": "application/json",
        ...headers,
      },
    });
  const { length } = mock.seen;
  for (const [body, headers, status] of [
    [JSON.stringify({ ...HELLO, x: "y".repeat(100_000) }), {}, 413],
    ["[".repeat(99_000), {}, 400],
    [`{"a":`.repeat(15_000), {}, 400],
    [`{"a":"${'\\"'.repeat(40_000)}`, {}, 400],
    [new Uint8Array([0x1f, 0x8b, 8, 0]), { "content-encoding": "gzip" }, 400],
    [new Uint8Array([0xff, 0xfe, 0x7b, 0]), {}, 400],
    [JSON.stringify(HELLO), { "content-type": "application/x-www-form-urlencoded" }, 415],
    [JSON.stringify(HELLO), { "content-type": "multipart/form-data; boundary=x" }, 415],
    [JSON.stringify(HELLO), { "content-type": "application/jsonp" }, 415],
  ] as [BodyInit, Record<string, string>, number][]) {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(Object.keys(((await answer.json()) as { error: object }).error)).toHaveLength(4);
  }
  expect(mock.seen).toHaveLength(length);
});
