import OpenAI, { APIError, AuthenticationError, RateLimitError } from "openai";
import { beforeEach, describe, expect, it } from "vitest";
import {
  chunk,
  completion,
  cuts,
  DONE,
  event,
  fails,
  json,
  ROLE,
  silent,
  streams,
  USAGE,
  USAGE_CHUNK,
} from "./mockUpstream.js";
import { HELLO, KEY, running, sha256, until } from "./running.js";

const f = await running("openai-client", (config) => ({
  ...config,
  keys: [
    ...config.keys!,
    { name: "other", sha256: sha256("other-key"), policies: ["best"] },
    {
      name: "poor",
      sha256: sha256("poor-key"),
      policies: ["best"],
      budget: { dollars: 0.00001, period: "day", isPaced: false },
    },
  ],
  models: {
    ...config.models,
    words: { upstream: "one", id: "words-2026", serves: "embeddings", price: { input: 20 } },
  },
}));
const { mock } = f;
const clientOf = (apiKey: string, maxRetries = 0) =>
  new OpenAI({ apiKey, baseURL: `${f.url}/v1`, maxRetries });
const client = clientOf(KEY);
const { messages } = HELLO as { messages: { role: "user"; content: string }[] };
const ask = { model: "auto", messages, max_tokens: 50 };

beforeEach(async () => {
  mock.next = [];
  await client.chat.completions.create({ ...ask, model: "large" });
});

describe("the openai client", () => {
  it("chats", async () => {
    const { data, response } = await client.chat.completions.create(ask).withResponse();
    expect(data.choices[0].message.content).toBe("Good day to you");
    expect(data.usage).toEqual(USAGE);
    expect(data.model).toBe("large-2026");
    expect(response.headers.get("x-optllm-model")).toBe("large");
  });

  it("streams with usage, and without", async () => {
    for (const include_usage of [true, false]) {
      const stream = await client.chat.completions.create({
        ...ask,
        stream: true,
        stream_options: { include_usage },
      });
      const chunks = [];
      for await (const part of stream) chunks.push(part);
      expect(chunks.map((part) => part.choices[0]?.delta.content ?? "").join("")).toBe("Good day");
      expect(chunks.some((part) => part.usage)).toBe(include_usage);
    }
  });

  it("calls tools, buffered and streamed, and the loop stays with its model", async () => {
    const call = {
      id: "call_1",
      type: "function" as const,
      function: { name: "weather", arguments: '{"city":"Ghent"}' },
    };
    const tools = [{ type: "function" as const, function: { name: "weather", parameters: {} } }];
    mock.next.push((response, { body }) =>
      json(
        response,
        completion(body.model, "", {
          choices: [
            {
              index: 0,
              message: { role: "assistant", content: null, tool_calls: [call] },
              finish_reason: "tool_calls",
            },
          ],
        }),
      ),
    );
    const first = await client.chat.completions.create({ ...ask, tools });
    expect(first.choices[0].message.tool_calls).toEqual([call]);
    const loop = [
      ...messages,
      first.choices[0].message,
      { role: "tool" as const, tool_call_id: "call_1", content: "rain" },
    ];
    const second = await client.chat.completions.create({ ...ask, messages: loop, tools });
    expect(second.model).toBe(first.model);
    mock.next.push(
      streams(
        ROLE,
        chunk({ tool_calls: [{ index: 0, ...call, function: { name: "weather", arguments: "" } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: call.function.arguments } }] }),
        event({ choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] }),
        USAGE_CHUNK,
        DONE,
      ),
    );
    const streamed = await client.chat.completions.stream({ ...ask, tools }).finalChatCompletion();
    expect(streamed.choices[0].message.tool_calls![0]).toMatchObject(call);
  });

  it("throws its own errors", async () => {
    await expect(clientOf("wrong").chat.completions.create(ask)).rejects.toBeInstanceOf(AuthenticationError);
    await expect(client.chat.completions.create({ ...ask, model: "gpt-9" })).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
      param: "model",
    });
    mock.next.push(
      fails(400, { error: { message: "bad", type: "invalid_request_error", param: "messages", code: "x" } }),
    );
    await expect(client.chat.completions.create(ask)).rejects.toMatchObject({
      status: 400,
      code: "x",
      param: "messages",
    });
  });

  it("throws when a stream breaks off, and never takes it for a good end", async () => {
    mock.next.push(cuts(ROLE, chunk({ content: "half" })));
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    let text = "";
    const read = async (): Promise<void> => {
      for await (const part of stream) text += part.choices[0]?.delta.content ?? "";
    };
    await expect(read()).rejects.toBeInstanceOf(APIError);
    expect(text).toBe("half");
  });

  it("aborts, and the upstream with it", async () => {
    mock.next.push(silent);
    const { length } = mock.seen;
    const controller = new AbortController();
    const asked = client.chat.completions.create(ask, { signal: controller.signal });
    await until(() => mock.seen.length > length, "the request");
    controller.abort();
    await expect(asked).rejects.toThrow(/aborted/);
    await mock.seen.at(-1)!.hungUp;
    await until(async () => (await f.money()).reserved === 0, "the settlement");
  });

  it("does not multiply our attempts by its own, nor repeat what the budget refuses", async () => {
    const { length } = mock.seen;
    mock.next.push(fails(500), fails(500), fails(500));
    await expect(clientOf(KEY, 2).chat.completions.create(ask)).rejects.toMatchObject({ status: 502 });
    expect(mock.seen.length - length).toBe(3);
    const requests = f.outcomes.length;
    await expect(clientOf("poor-key", 2).chat.completions.create(ask)).rejects.toBeInstanceOf(RateLimitError);
    expect(f.outcomes.length - requests).toBe(1);
  });

  it("repeats what we leave to it", async () => {
    mock.next.push(fails(500));
    const answer = await clientOf(KEY, 1).chat.completions.create({ ...ask, model: "large" });
    expect(answer.model).toBe("large-2026");
  });

  it("lists models", async () => {
    const names = [];
    for await (const { id } of client.models.list()) names.push(id);
    expect(names).toEqual(["auto", "policy/best", "small", "medium", "large", "words"]);
  });
});

describe("15. /v1/responses", () => {
  const usage = {
    input_tokens: 12,
    output_tokens: 3,
    total_tokens: 15,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  };
  const response = (id: string, status = "completed") => ({
    ...{ id, object: "response", created_at: 1, status, model: "large-2026", usage },
    output: [
      {
        type: "message",
        id: "m",
        role: "assistant",
        status,
        content: [{ type: "output_text", text: "Good day", annotations: [] }],
      },
    ],
  });
  const asked = { model: "auto", input: "Translate: good morning", max_output_tokens: 50 };
  const typed = (type: string, more: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

  it("answers and streams, and previous_response_id stays with the model that answered", async () => {
    mock.next.push((res) => json(res, response("resp_1")));
    const first = await client.responses.create({ ...asked, model: "medium" });
    expect(first.output_text).toBe("Good day");
    expect(mock.seen.at(-1)!.path).toBe("/v1/responses");
    mock.next.push(
      streams(
        typed("response.created", { response: { id: "resp_2" } }),
        typed("response.output_text.delta", {
          delta: "Good day",
          output_index: 0,
          content_index: 0,
          item_id: "m",
        }),
        typed("response.completed", { response: response("resp_2") }),
      ),
    );
    const stream = await client.responses.create({ ...asked, previous_response_id: "resp_1", stream: true });
    const types = [];
    for await (const { type } of stream) types.push(type);
    expect(types).toEqual(["response.created", "response.output_text.delta", "response.completed"]);
    expect(mock.seen.at(-1)!.body).toMatchObject({ model: "medium-2026", previous_response_id: "resp_1" });
    await until(() => f.outcomes.at(-1)!.api === "responses" && f.outcomes.at(-1)!.isStream, "the end");
    mock.next.push((res) => json(res, response("resp_3")));
    await client.responses.create({ ...asked, previous_response_id: "resp_2" });
    expect(mock.seen.at(-1)!.body.model).toBe("medium-2026");
  });

  it("refuses an answer to continue that is not known, or is another key's or model's", async () => {
    mock.next.push((res) => json(res, response("resp_9")));
    await client.responses.create(asked);
    const next = { ...asked, previous_response_id: "resp_9" };
    const refused = { status: 400, code: "previous_response_not_found" };
    await expect(clientOf("other-key").responses.create(next)).rejects.toMatchObject(refused);
    await expect(client.responses.create({ ...next, model: "small" })).rejects.toMatchObject(refused);
    await expect(client.responses.create({ ...next, previous_response_id: "resp_0" })).rejects.toMatchObject(
      refused,
    );
  });

  it("tells the client when a stream breaks off, and asks another model before that", async () => {
    const created = typed("response.created", { response: { id: "resp_4" } });
    const delta = typed("response.output_text.delta", { delta: "half" });
    mock.next.push(cuts(created, delta));
    const read = async (): Promise<number> => {
      let count = 0;
      for await (const { type } of await client.responses.create({ ...asked, stream: true }))
        count += type.length;
      return count;
    };
    await expect(read()).rejects.toBeInstanceOf(APIError);
    mock.next.push(
      cuts(created),
      streams(created, delta, typed("response.completed", { response: response("resp_5") })),
    );
    await read();
    expect(mock.seen.slice(-2).map(({ body }) => body.model)).not.toContain(undefined);
    expect(mock.seen.at(-2)!.body.model).toBe("large-2026");
    expect(mock.seen.at(-1)!.body.model).not.toBe("large-2026");
  });
});

describe("15. /v1/embeddings", () => {
  const embedded = {
    object: "list",
    data: [{ object: "embedding", index: 0, embedding: [0.5, 1] }],
    model: "w",
    usage: { prompt_tokens: 4, total_tokens: 4 },
  };

  it("pass through under the same budget", async () => {
    const before = await f.money();
    mock.next.push((res) => json(res, embedded));
    const { data, response } = await client.embeddings
      .create({ model: "words", input: "good day", encoding_format: "float" })
      .withResponse();
    expect(data.data[0].embedding).toEqual([0.5, 1]);
    expect(mock.seen.at(-1)!.body.model).toBe("words-2026");
    expect(response.headers.get("x-optllm-cost")).toBe("0.00008");
    const after = await f.money();
    expect(after.spent - before.spent).toBeCloseTo(0.00008, 9);
    expect(after.reserved).toBe(0);
  });

  it("are refused where the budget has no room, and charge nothing where they fail", async () => {
    await expect(
      clientOf("poor-key").embeddings.create({ model: "words", input: "x".repeat(100) }),
    ).rejects.toMatchObject({ status: 429, code: "insufficient_quota" });
    const before = await f.money();
    mock.next.push(fails(500));
    await expect(client.embeddings.create({ model: "words", input: "x" })).rejects.toMatchObject({
      status: 502,
    });
    expect(await f.money()).toMatchObject({ spent: before.spent, reserved: 0 });
  });
});

describe("/v1/route and /v1/feedback", () => {
  const json = async (path: string, body: object, key = KEY): Promise<Record<string, unknown>> => {
    const answer = await f.post(path, body, { headers: { authorization: `Bearer ${key}` } });
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
  };

  it("decide without asking a model or holding money", async () => {
    const { length } = mock.seen;
    const decision = await json("/v1/route", { messages, max_tokens: 50 });
    expect(decision).toMatchObject({
      status: 200,
      object: "decision",
      model: "large",
      policy: "best",
      propensity: 1,
    });
    expect((decision.alternatives as { model: string }[]).map(({ model }) => model).sort()).toEqual([
      "medium",
      "small",
    ]);
    expect(decision.explanation).toMatch(/^large: .* likely to answer well/);
    expect(await json("/v1/route", { input: "a text", model: "small" })).toMatchObject({ model: "small" });
    expect(mock.seen).toHaveLength(length);
    expect((await f.money()).reserved).toBe(0);
  });

  it("take a judgement of one's own decisions only", async () => {
    const answer = await f.post("/v1/chat/completions", HELLO);
    const decisionId = answer.headers.get("x-optllm-decision");
    expect(await json("/v1/feedback", { decisionId, score: 1 })).toMatchObject({
      status: 200,
      isCounted: true,
    });
    expect(await json("/v1/feedback", { decisionId, score: 0 })).toMatchObject({
      status: 200,
      isCounted: false,
    });
    expect(await json("/v1/feedback", { decisionId, score: 2 })).toMatchObject({ status: 400 });
    expect(await json("/v1/feedback", { decisionId: "x", score: 1 })).toMatchObject({ status: 404 });
    expect(await json("/v1/feedback", { decisionId, score: 1 }, "other-key")).toMatchObject({ status: 404 });
  });
});
