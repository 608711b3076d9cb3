import type OpenAI from "openai";
import fc from "fast-check";
import { ChatCompletionStream } from "openai/lib/ChatCompletionStream";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { completionOf, finishReason } from "../../../src/server/anthropic/answer.js";
import { chatError } from "../../../src/server/anthropic/errors.js";
import { messagesBody } from "../../../src/server/anthropic/request.js";
import { ChatChunks } from "../../../src/server/anthropic/stream.js";

type Block = { type: "text"; text: string } | { type: "tool_use"; id: string; name: string; input: object };
const USAGE = {
  input_tokens: 10,
  output_tokens: 7,
  cache_read_input_tokens: 4,
  cache_creation_input_tokens: 2,
};
const CHAT_USAGE = {
  prompt_tokens: 16,
  completion_tokens: 7,
  total_tokens: 23,
  prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
};

const messageOf = (content: object[], reason = "end_turn") => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-opus-4-5",
  content,
  stop_reason: reason,
  stop_sequence: null,
  usage: USAGE,
});

/** The events of a message, its texts and inputs cut into pieces of some characters. */
function eventsOf(content: Block[], reason: string, piece: number): object[] {
  const cut = (text: string): string[] => text.match(new RegExp(`[^]{1,${piece}}`, "gu")) ?? [];
  const start = { ...messageOf([], reason), stop_reason: null, usage: { ...USAGE, output_tokens: 1 } };
  const blocks = content.flatMap((block, index) => {
    const isText = block.type === "text";
    const empty = isText ? { ...block, text: "" } : { ...block, input: {} };
    const hasInput = !isText && Object.keys(block.input).length > 0;
    const pieces = isText ? cut(block.text) : ["", ...(hasInput ? cut(JSON.stringify(block.input)) : [])];
    return [
      { type: "content_block_start", index, content_block: empty },
      { type: "ping" },
      ...pieces.map((text) => ({
        type: "content_block_delta",
        index,
        delta: isText ? { type: "text_delta", text } : { type: "input_json_delta", partial_json: text },
      })),
      { type: "event_of_tomorrow", index },
      { type: "content_block_stop", index },
    ];
  });
  return [
    { type: "message_start", message: start },
    ...blocks,
    {
      type: "message_delta",
      delta: { stop_reason: reason },
      usage: { output_tokens: 7, input_tokens: null },
    },
    { type: "message_stop" },
  ];
}

const translated = (events: object[]): string[] => {
  const chunks = new ChatChunks(5);
  return events.flatMap((event) => chunks.push(JSON.stringify(event)));
};

/** What the official client makes of chunks. */
async function assembled(chunks: string[]): Promise<OpenAI.ChatCompletion> {
  const lines = chunks.filter((data) => data !== "[DONE]").join("\n");
  const stream = ChatCompletionStream.fromReadableStream(new Response(lines).body!);
  return stream.finalChatCompletion();
}

describe("an answer", () => {
  it("is a chat completion", () => {
    const content = [
      { type: "thinking", thinking: "hm", signature: "s" },
      { type: "text", text: "It " },
      { type: "text", text: "rains." },
      { type: "tool_use", id: "toolu_1", name: "f", input: { a: 1 } },
      { type: "block_of_tomorrow" },
    ];
    expect(completionOf(messageOf(content, "tool_use"), 5)).toEqual({
      id: "msg_1",
      object: "chat.completion",
      created: 5,
      model: "claude-opus-4-5",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "It rains.",
            refusal: null,
            tool_calls: [{ id: "toolu_1", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
          },
          logprobs: null,
          finish_reason: "tool_calls",
        },
      ],
      usage: CHAT_USAGE,
    });
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["pause_turn", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool_calls"],
    ["refusal", "content_filter"],
    ["reason_of_tomorrow", "stop"],
    ["constructor", "stop"],
  ])("that ends with %s ended with %s", (reason, ours) => expect(finishReason(reason)).toBe(ours));

  it("without usage has none, not 0", () => {
    expect(completionOf({ ...messageOf([]), usage: undefined }, 5).usage).toBeUndefined();
    expect(completionOf({ ...messageOf([]), usage: { input_tokens: 5 } }, 5).usage).toBeUndefined();
  });

  it.each([
    {},
    { type: "error" },
    { ...messageOf([]), stop_reason: null },
    { ...messageOf([]), content: "x" },
  ])("that is none is refused: %j", (message) => expect(() => completionOf(message, 5)).toThrow(InputError));
});

const text = fc.string({ minLength: 1, unit: "grapheme" });
const block = fc.oneof(
  text.map((value): Block => ({ type: "text", text: value })),
  fc
    .tuple(
      fc.dictionary(fc.string({ unit: fc.constantFrom("a", "b", "é", "\n") }), fc.jsonValue(), {
        maxKeys: 3,
      }),
    )
    .map(([input]): Block => ({ type: "tool_use", id: "", name: "f", input })),
);
const blocks = fc
  .array(block, { maxLength: 4 })
  .map((list) => list.map((one, k) => (one.type === "text" ? one : { ...one, id: `toolu_${k}` })));

describe("a stream", () => {
  it("is the same answer as the whole, wherever its texts are cut, read by the official client", async () => {
    await fc.assert(
      fc.asyncProperty(
        blocks,
        fc.constantFrom("end_turn", "max_tokens"),
        fc.integer({ min: 1, max: 9 }),
        async (content, other, piece) => {
          const hasCalls = content.some(({ type }) => type === "tool_use");
          const reason = hasCalls ? "tool_use" : other;
          const whole = completionOf(messageOf(content, reason), 5) as unknown as OpenAI.ChatCompletion;
          const chunks = translated(eventsOf(content, reason, piece));
          expect(chunks.at(-1)).toBe("[DONE]");
          const read = await assembled(chunks);
          const { message, finish_reason } = read.choices[0];
          const expected = whole.choices[0];
          expect(finish_reason).toBe(expected.finish_reason);
          expect(message.content ?? "").toBe(expected.message.content ?? "");
          const calls = (one: OpenAI.ChatCompletionMessage) =>
            (one.tool_calls ?? []).map((call) =>
              call.type === "function"
                ? [call.id, call.function.name, JSON.parse(call.function.arguments)]
                : [],
            );
          expect(calls(message)).toEqual(calls(expected.message));
          expect(read.usage).toEqual(whole.usage);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("goes back as a request and says the same", () => {
    fc.assert(
      fc.property(blocks, (content) => {
        fc.pre(content.length > 0);
        const { message } = (
          completionOf(messageOf(content, "tool_use"), 5).choices as {
            message: OpenAI.ChatCompletionMessage;
          }[]
        )[0];
        const results = (message.tool_calls ?? []).map(({ id }) => ({
          role: "tool",
          tool_call_id: id,
          content: "r",
        }));
        const next = results.length > 0 ? results : [{ role: "user", content: "and?" }];
        const body = {
          model: "claude-opus-4-5",
          messages: [{ role: "user", content: "x" }, message, ...next],
        };
        const sent = (messagesBody(body, 10).messages as { content: string | Block[] }[])[1].content;
        const texts = content.flatMap((one) => (one.type === "text" ? [one.text] : [])).join("");
        const calls = content.filter(({ type }) => type === "tool_use");
        const expected = [...(texts === "" ? [] : [{ type: "text", text: texts }]), ...calls];
        expect(typeof sent === "string" ? [{ type: "text", text: sent }] : sent).toEqual(
          JSON.parse(JSON.stringify(expected)),
        );
      }),
    );
  });

  it("ends with an error where the upstream reports one, and with nothing after it", () => {
    const chunks = new ChatChunks(5);
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    expect(chunks.push(JSON.stringify(error))).toEqual([
      JSON.stringify({
        error: { message: "Overloaded", type: "server_error", param: null, code: "overloaded" },
      }),
    ]);
    expect(chunks.push(JSON.stringify({ type: "message_stop" }))).toEqual([]);
  });

  it.each(["", "{", "null", "[]", "5"])(
    "ends with an error at an event that is no JSON object: %j",
    (data) => {
      expect(JSON.parse(new ChatChunks(5).push(data)[0])).toHaveProperty("error.type", "server_error");
    },
  );

  it("that is cut before its end has no [DONE]", () => {
    const events = eventsOf([{ type: "text", text: "hello" }], "end_turn", 2);
    expect(translated(events.slice(0, -2)).at(-1)).not.toBe("[DONE]");
  });

  it("gives nothing for pings and for events, blocks and deltas of unknown types", () => {
    const chunks = new ChatChunks(5);
    for (const event of [
      { type: "ping" },
      {},
      { type: "constructor" },
      { type: "content_block_start", index: 0, content_block: { type: "server_tool_use" } },
      { type: "content_block_start", index: 1 },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } },
      { type: "content_block_delta", index: 9, delta: { type: "input_json_delta", partial_json: "{" } },
      { type: "content_block_stop", index: 0 },
    ])
      expect(chunks.push(JSON.stringify(event))).toEqual([]);
  });

  it("of any events gives chunks, an error or nothing", () => {
    const types = [
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
      "error",
      "ping",
    ];
    const event = fc.record(
      {
        type: fc.constantFrom(...types),
        index: fc.nat(3),
        delta: fc.jsonValue(),
        content_block: fc.jsonValue(),
        message: fc.jsonValue(),
        usage: fc.jsonValue(),
        error: fc.jsonValue(),
      },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        for (const data of translated(events)) if (data !== "[DONE]") JSON.parse(data);
      }),
    );
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("an error", () => {
  it.each([
    ["invalid_request_error", "x", "invalid_request_error", null],
    [
      "invalid_request_error",
      "prompt is too long: 9 tokens > 8 maximum",
      "invalid_request_error",
      "context_length_exceeded",
    ],
    ["authentication_error", "x", "authentication_error", "invalid_api_key"],
    ["not_found_error", "x", "invalid_request_error", "model_not_found"],
    ["rate_limit_error", "x", "rate_limit_error", "rate_limit_exceeded"],
    ["overloaded_error", "x", "server_error", "overloaded"],
    ["error_of_tomorrow", "x", "server_error", null],
    ["__proto__", "x", "server_error", null],
  ])("%s (%s) has OpenAI's shape", (type, message, ours, code) => {
    expect(chatError({ type: "error", error: { type, message } })).toEqual({
      message,
      type: ours,
      param: null,
      code,
    });
  });

  it.each([null, undefined, "text", {}, { error: 5 }])("of another shape has one too: %j", (body) => {
    expect(chatError(body)).toEqual({
      message: "the upstream reported an error",
      type: "server_error",
      param: null,
      code: null,
    });
  });
});
