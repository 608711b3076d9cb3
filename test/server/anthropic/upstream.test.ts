import OpenAI from "openai";
import { beforeEach, describe, expect, it } from "vitest";
import { cuts, event, fails, json, stalls, streams, type Behaviour } from "../mockUpstream.js";
import { HELLO, KEY, running, until, UPSTREAM_KEY, wait, type Fixture } from "../running.js";

/** Dollars per million tokens of large: all four differ, so that a mix-up shows. */
const PRICE = { input: 3, output: 12, cachedInput: 0.3, cacheWrite: 3.75 };

const withClaude = (name: string, times: { idleSeconds?: number } = {}) =>
  running(name, (config) => ({
    ...config,
    upstreams: {
      ...config.upstreams,
      claude: { ...config.upstreams.one, kind: "anthropic", responses: false, ...times },
    },
    models: {
      ...config.models,
      large: {
        upstream: "claude",
        id: "claude-opus-4-5",
        price: PRICE,
        can: ["tools", "images", "json", "reasoning"],
      },
    },
  }));
const f = await withClaude("anthropic-upstream");
const impatient = await withClaude("impatient-for-anthropic", { idleSeconds: 0.3 });
const { mock } = f;
const well = mock.usually;
const clientOf = ({ url }: Fixture) => new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 });
const client = clientOf(f);
const { messages } = HELLO as { messages: { role: "user"; content: string }[] };
const ask = { model: "auto", messages, max_completion_tokens: 50 };

const USAGE = {
  input_tokens: 10,
  output_tokens: 7,
  cache_read_input_tokens: 400,
  cache_creation_input_tokens: 200,
};
const COST = (10 * 3 + 7 * 12 + 400 * 0.3 + 200 * 3.75) / 1e6;
const TOKENS = { prompt_tokens: 610, completion_tokens: 7, total_tokens: 617 };

const message = (content: object[], reason = "end_turn") => ({
  ...{ id: "msg_1", type: "message", role: "assistant", model: "claude-opus-4-5" },
  ...{ content, stop_reason: reason, stop_sequence: null, usage: USAGE },
});
const says =
  (...content: object[]): Behaviour =>
  (response) =>
    json(response, message(content, content.some((block) => "input" in block) ? "tool_use" : "end_turn"));
const named = (value: { type: string }): string => `event: ${value.type}\n${event(value)}`;
const START = named({
  type: "message_start",
  ...{ message: { ...message([]), stop_reason: null, usage: { ...USAGE, output_tokens: 1 } } },
});
const PING = named({ type: "ping" });
const text = (piece: string): string =>
  named({ type: "content_block_delta", ...{ index: 0, delta: { type: "text_delta", text: piece } } });
const BEGIN = named({
  type: "content_block_start",
  ...{ index: 0, content_block: { type: "text", text: "" } },
});
const CLOSE = named({ type: "content_block_stop", ...{ index: 0 } });
const end = (reason: string): string =>
  named({ type: "message_delta", ...{ delta: { stop_reason: reason }, usage: { output_tokens: 7 } } }) +
  named({ type: "message_stop" });
const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
const STREAM = START + PING + BEGIN + text("Grüße ") + PING + text("aus 東京") + CLOSE + end("end_turn");

const call = { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } };
const tools = [{ type: "function" as const, function: call }];

const large = { ...ask, model: "large" };
const streamed = (of = f) =>
  clientOf(of).chat.completions.create({ ...large, stream: true, stream_options: { include_usage: true } });
async function read(stream: Awaited<ReturnType<typeof streamed>>) {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { chunks, content: chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("") };
}
const lastOutcome = () => f.outcomes.at(-1)!;
const spent = async () => (await f.money()).spent;

beforeEach(async () => {
  mock.next = [];
  mock.usually = (response, seen) =>
    seen.path === "/v1/messages"
      ? says({ type: "text", text: "Good day" })(response, seen)
      : well(response, seen);
  // Fills the allowance of retries, and ends a row of failures.
  for (let k = 0; k < 12; k++) await client.chat.completions.create(large);
  mock.seen.length = 0;
});

describe("an upstream of kind anthropic", () => {
  it("answers a chat: asked in its own protocol, with its own key, paid with its cache", async () => {
    const before = await spent();
    const { data, response } = await client.chat.completions
      .create({ ...ask, messages: [{ role: "system", content: "Be brief" }, ...messages], stop: ["END"] })
      .withResponse();
    expect(data.choices[0].message.content).toBe("Good day");
    expect(data.choices[0].finish_reason).toBe("stop");
    expect(data.usage).toMatchObject(TOKENS);
    expect(response.headers.get("x-optllm-model")).toBe("large");
    expect(Number(response.headers.get("x-optllm-cost"))).toBeCloseTo(COST, 10);
    expect((await spent()) - before).toBeCloseTo(COST, 6);
    const { path, headers, body } = mock.seen[0];
    expect(path).toBe("/v1/messages");
    expect(headers).toMatchObject({ "x-api-key": UPSTREAM_KEY, "anthropic-version": "2023-06-01" });
    expect(headers.authorization).toBeUndefined();
    expect(body).toMatchObject({ model: "claude-opus-4-5", max_tokens: 50, stop_sequences: ["END"] });
    expect(JSON.stringify(body.system)).toContain("Be brief");
    expect(body.messages).toHaveLength(1);
  });

  it("has a limit of the answer in every request", async () => {
    await client.chat.completions.create({ model: "large", messages });
    expect(mock.seen[0].body.max_tokens).toBe(4_096);
  });

  it("streams, with the bytes split anywhere, pings and usage; the cost is exact", async () => {
    const bytes = Buffer.from(STREAM);
    for (const size of [1, 7, 10_000]) {
      const pieces: Buffer[] = [];
      for (let k = 0; k < bytes.length; k += size) pieces.push(bytes.subarray(k, k + size));
      mock.next.push((response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        for (const piece of pieces) response.write(piece);
        response.end();
      });
      const { content, chunks } = await read(await streamed());
      expect(content).toBe("Grüße aus 東京");
      expect(chunks.at(-1)!.usage).toMatchObject(TOKENS);
      expect(chunks.at(-2)!.choices[0].finish_reason).toBe("stop");
      await until(() => lastOutcome().isStream, "the end of the stream");
      expect(lastOutcome()).toMatchObject({ isEstimated: false });
      expect(lastOutcome().cost).toBeCloseTo(COST, 10);
    }
  });

  it("calls tools, buffered and streamed, and takes their results", async () => {
    mock.next.push(says({ type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Ghent" } }));
    const first = await client.chat.completions.create({ ...large, tools });
    const wanted = { id: "toolu_1", function: { name: "weather", arguments: '{"city":"Ghent"}' } };
    expect(first.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { tool_calls: [wanted] },
    });
    const result = { role: "tool" as const, tool_call_id: "toolu_1", content: "rain" };
    await client.chat.completions.create({
      ...large,
      ...{ tools, messages: [...messages, first.choices[0].message, result] },
    });
    expect(mock.seen[1].body.tools).toMatchObject([{ name: "weather", input_schema: call.parameters }]);
    expect(JSON.stringify(mock.seen[1].body.messages)).toContain('"tool_use_id":"toolu_1"');
    const block = { type: "tool_use", id: "toolu_1", name: "weather", input: {} };
    const input = (json: string): string =>
      named({
        type: "content_block_delta",
        ...{ index: 0, delta: { type: "input_json_delta", partial_json: json } },
      });
    const begin = named({ type: "content_block_start", ...{ index: 0, content_block: block } });
    mock.next.push(streams(START, begin, input('{"city":'), input('"Ghent"}'), CLOSE, end("tool_use")));
    const whole = await client.chat.completions.stream({ ...large, tools }).finalChatCompletion();
    expect(whole.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { tool_calls: [wanted] },
    });
  });

  it.each([
    ["answers 529", false, fails(529, overloaded, { "retry-after-ms": "1" })],
    ["answers 529 to a stream", true, fails(529, overloaded, { "retry-after-ms": "1" })],
    ["streams an error first", true, streams(START, PING, event(overloaded))],
    ["is cut off before its first word", true, cuts(START, BEGIN)],
  ])("that %s gives way to the next model", async (_, stream, fault) => {
    mock.next.push(fault);
    const answer = await f.post("/v1/chat/completions", { ...ask, stream });
    expect(await answer.text()).toContain("Good day");
    expect(answer.headers.get("x-optllm-model")).toBe("medium");
    expect(mock.seen.map(({ path }) => path)).toEqual(["/v1/messages", "/v1/chat/completions"]);
    // The pause that the status asks for must be over.
    await wait(20);
  });

  const broken: [string, Behaviour, of?: Fixture][] = [
    ["is cut", cuts(START, BEGIN, text("Good"))],
    ["reports an error", streams(START, BEGIN, text("Good"), event(overloaded))],
    ["sends what is no JSON", streams(START, BEGIN, text("Good"), "data: {not json\n\n")],
    ["ends too early", streams(START, BEGIN, text("Good"))],
    ["stalls", stalls(START + BEGIN + text("Good")), impatient],
  ];
  it.each(broken)(
    "that %s in mid-stream is an error to the client, and what came is paid",
    async (_, fault, of = f) => {
      const { spent: before } = await of.money();
      of.mock.next.push(fault);
      let content = "";
      const reading = (async () => {
        for await (const chunk of await streamed(of)) content += chunk.choices[0]?.delta.content ?? "";
      })();
      await expect(reading).rejects.toThrow();
      expect(content).toBe("Good");
      await until(async () => (await of.money()).reserved === 0, "the settlement");
      expect((await of.money()).spent).toBeGreaterThan(before);
    },
  );

  it("hears of it when the client hangs up", async () => {
    mock.next.push(stalls(START, BEGIN, text("Good")));
    const stream = await streamed();
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    stream.controller.abort();
    await mock.seen[0].hungUp;
    await until(async () => (await f.money()).reserved === 0, "the settlement");
  });

  it("reports errors in OpenAI's form, without its key", async () => {
    const refuse = (status: number, type: string, text: string) =>
      fails(status, { type: "error", error: { type, message: text } });
    const one = async (status: number, type: string, text: string) => {
      await client.chat.completions.create(large);
      mock.next.push(refuse(status, type, text));
      return client.chat.completions.create(large).then(
        () => undefined,
        (error: unknown) => error as InstanceType<typeof OpenAI.APIError>,
      );
    };
    expect(await one(400, "invalid_request_error", "prompt is too long: 300000 tokens")).toMatchObject({
      ...{ status: 400, code: "context_length_exceeded", type: "invalid_request_error" },
    });
    expect(await one(400, "invalid_request_error", `no field x in ${UPSTREAM_KEY}`)).toMatchObject({
      ...{ status: 400, message: "400 no field x in [hidden]" },
    });
    const refused = await one(401, "authentication_error", `invalid x-api-key ${UPSTREAM_KEY}`);
    expect(refused).toMatchObject({ status: 502 });
    expect(refused!.message).not.toContain(UPSTREAM_KEY);
    expect(
      await one(400, "invalid_request_error", "Your credit balance is too low to access the API"),
    ).toMatchObject({
      ...{ status: 502, message: "502 upstream claude has no credit left" },
    });
    expect(await one(500, "api_error", "Internal server error")).toMatchObject({ status: 502 });
  });

  it("answers with something that is no finished message: charged as predicted, and an error", async () => {
    for (const odd of [
      { type: "message", content: [], usage: USAGE },
      { type: "x" },
      message([], null as never),
    ]) {
      await client.chat.completions.create(large);
      mock.next.push((response) => json(response, odd));
      await expect(client.chat.completions.create(large)).rejects.toMatchObject({ status: 502 });
    }
  });

  it("is not asked for what cannot be translated, and the decision and the error say why", async () => {
    const odd = { ...ask, logprobs: true, n: 2 };
    const decision = (await (await f.post("/v1/route", odd)).json()) as {
      model: string;
      excluded: { model: string; why: string; detail?: string }[];
      explanation: string;
    };
    expect(decision.model).toBe("medium");
    expect(decision.excluded).toEqual([
      { model: "large", why: "cannot do what is needed", detail: expect.stringMatching(/logprobs.*/) },
    ]);
    expect(decision.explanation).toMatch(/large \(the Messages API cannot express .*logprobs/);
    const answer = await f.post("/v1/chat/completions", { ...odd, model: "large" });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { code: "unsupported_parameter", message: expect.stringMatching(/logprobs/) },
    });
    const responses = await f.post("/v1/responses", { model: "large", input: "Hello" });
    expect(responses.status).toBe(400);
    expect(await responses.text()).toContain("the Messages API has no responses");
    expect(mock.seen).toHaveLength(0);
  });

  it("takes a reasoning effort that its model knows, and is not asked for another", async () => {
    await client.chat.completions.create({ ...large, reasoning_effort: "high" });
    expect(mock.seen[0].body.output_config).toEqual({ effort: "high" });
    await expect(
      client.chat.completions.create({ ...large, reasoning_effort: "minimal" }),
    ).rejects.toMatchObject({ status: 400, message: expect.stringMatching(/reasoning_effort.*minimal/) });
  });
});
