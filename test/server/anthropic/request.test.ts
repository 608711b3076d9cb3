import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { messagesBody, untranslatable } from "../../../src/server/anthropic/request.js";

const model = "claude-opus-4-5";
const messages = [{ role: "user", content: "hello" }];
const bodyOf = (more: object): Record<string, unknown> => ({ model, messages, ...more });
const tool = (name: string, more = {}) => ({
  type: "function",
  function: { name, description: "d", parameters: { type: "object", properties: {} }, ...more },
});

describe("a request", () => {
  it("is that of the Messages API, with all that it says", () => {
    const call = { id: "call_1", type: "function", function: { name: "f", arguments: '{"a":1}' } };
    const body = {
      model,
      stream: true,
      max_completion_tokens: 50,
      stop: "END",
      temperature: 0.5,
      user: "u1",
      tools: [tool("f"), tool("g", { strict: true })],
      tool_choice: "required",
      parallel_tool_calls: false,
      reasoning_effort: "low",
      response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } },
      messages: [
        { role: "developer", content: "be brief" },
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "auto" } },
            { type: "image_url", image_url: { url: "https://example.org/a.png" } },
          ],
        },
        {
          role: "assistant",
          content: null,
          refusal: null,
          annotations: [],
          tool_calls: [call, { ...call, id: "call_2" }],
        },
        { role: "tool", tool_call_id: "call_1", content: "one" },
        { role: "tool", tool_call_id: "call_2", content: "two" },
      ],
    };
    expect(untranslatable(body)).toEqual([]);
    const schema = { type: "object", properties: {} };
    expect(messagesBody(body, 4_096)).toEqual({
      model,
      stream: true,
      max_tokens: 50,
      stop_sequences: ["END"],
      temperature: 0.5,
      metadata: { user_id: "u1" },
      system: "be brief",
      tools: [
        { name: "f", description: "d", input_schema: schema },
        { name: "g", description: "d", input_schema: schema, strict: true },
      ],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      output_config: { format: { type: "json_schema", schema: { type: "object" } }, effort: "low" },
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
            { type: "image", source: { type: "url", url: "https://example.org/a.png" } },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "tool_use", id: "call_1", name: "f", input: { a: 1 } },
            { type: "tool_use", id: "call_2", name: "f", input: { a: 1 } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "call_1", content: "one" },
            { type: "tool_result", tool_use_id: "call_2", content: "two" },
          ],
        },
      ],
    });
  });

  it("has the given longest answer where it sets none, and ignores what means nothing to the answer", () => {
    const beside = {
      metadata: { tag: "x" },
      stream_options: { include_usage: true },
      prompt_cache_key: "k",
      n: 1,
      logprobs: false,
      presence_penalty: 0,
      logit_bias: {},
      modalities: ["text"],
      service_tier: "auto",
      stop: null,
      seed: null,
    };
    expect(untranslatable(bodyOf(beside))).toEqual([]);
    expect(messagesBody(bodyOf(beside), 4_096)).toEqual({ model, max_tokens: 4_096, messages });
  });

  it.each<[object, string]>([
    [{ n: 2 }, "n = 2"],
    [{ logprobs: true }, '"logprobs"'],
    [{ top_logprobs: 3 }, '"top_logprobs"'],
    [{ logit_bias: { 50: 1 } }, '"logit_bias"'],
    [{ audio: { voice: "x" } }, '"audio"'],
    [{ modalities: ["text", "audio"] }, '"modalities"'],
    [{ functions: [] }, '"functions"'],
    [{ web_search_options: {} }, '"web_search_options"'],
    [{ something_new: 1 }, '"something_new"'],
    [{ seed: 7 }, "seed"],
    [{ frequency_penalty: 0.5 }, "frequency_penalty"],
    [{ store: true }, "store"],
    [{ service_tier: "flex" }, "service_tier"],
    [{ temperature: 1.5 }, "temperature 1.5, outside 0 … 1,"],
    [{ temperature: 0.5, top_p: 0.5 }, "top_p: the model takes one of temperature and top_p"],
    [{ reasoning_effort: "minimal" }, "reasoning_effort minimal"],
    [{ reasoning_effort: "xhigh" }, "reasoning_effort xhigh"],
    [{ reasoning_effort: "low", model: "claude-3-haiku" }, "reasoning_effort low"],
    [{ temperature: 0.5, model: "claude-opus-4-8" }, "temperature: the model takes none"],
    [{ response_format: { type: "json_object" } }, '"response_format" of type json_object'],
    [{ stop: [" "] }, "a blank stop text"],
    [{ tools: [tool("a.b")] }, "the tool name a.b"],
    [{ tools: [tool("f", { strict: true })], model: "claude-3-haiku" }, "a strict tool"],
    [{ tools: [{ type: "custom" }] }, "a tool of type custom"],
    [{ messages: [{ role: "user", content: "" }] }, "a message without text"],
    [{ messages: [{ role: "user", name: "ann", content: "x" }] }, "the name of a message's author"],
    [
      { messages: [...messages, { role: "assistant", content: "so" }] },
      "a chat that ends with the assistant's message",
    ],
    [{ messages: [...messages, { role: "system", content: "x" }] }, "a system message after others"],
    [
      { messages: [{ role: "user", content: [{ type: "input_audio" }] }] },
      "a content part of type input_audio",
    ],
    [
      {
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "https://a", detail: "low" } }] },
        ],
      },
      "an image at low detail",
    ],
    [{ messages: undefined }, "a body without messages"],
    [{ messages: [null] }, "a message of role undefined"],
  ])("%j is not translated, and the reason is told", (more, reason) => {
    expect(untranslatable(bodyOf(more))).toContain(reason);
    expect(() => messagesBody(bodyOf(more), 100)).toThrow(InputError);
    expect(() => messagesBody(bodyOf(more), 100)).toThrow(reason);
  });

  it("names every reason, and none twice", () => {
    const reasons = untranslatable(bodyOf({ seed: 1, n: 3, reasoning_effort: "none" }));
    expect(reasons).toHaveLength(new Set(reasons).size);
    expect(reasons).toEqual(expect.arrayContaining(["reasoning_effort none", "seed", "n = 3"]));
  });

  it("of any shape is translated or refused, and nothing else", () => {
    const value = fc.jsonValue();
    const any = fc.record(
      {
        messages: fc.oneof(
          value,
          fc.array(
            fc.record(
              {
                role: fc.constantFrom("user", "assistant", "tool", "system"),
                content: value,
                tool_calls: value,
              },
              { requiredKeys: [] },
            ),
          ),
        ),
        tools: value,
        tool_choice: value,
        stop: value,
        response_format: value,
        reasoning_effort: value,
        __proto__: value,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (more) => {
        const body = { model, ...more };
        const reasons = untranslatable(body);
        if (reasons.length > 0) expect(() => messagesBody(body, 10)).toThrow(InputError);
        else expect(messagesBody(body, 10)).toMatchObject({ model, max_tokens: 10 });
      }),
    );
  });
});
