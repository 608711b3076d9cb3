import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, stepCountIs, streamText, tool, jsonSchema } from "ai";
import { beforeEach, describe, expect, it } from "vitest";
import { chunk, completion, DONE, event, fails, json, ROLE, streams, USAGE_CHUNK } from "./mockUpstream.js";
import { KEY, running } from "./running.js";

const f = await running("ai-client");
const { mock } = f;
const optllm = createOpenAICompatible({
  name: "optllm",
  apiKey: KEY,
  baseURL: `${f.url}/v1`,
  includeUsage: true,
});
const ask = { model: optllm("auto"), prompt: "Translate: good morning", maxRetries: 0, maxOutputTokens: 50 };

const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Ghent"}' } };
const message = { role: "assistant", content: null, tool_calls: [call] };
const calls = { choices: [{ index: 0, message, finish_reason: "tool_calls" }] };
const cities: string[] = [];
const weather = tool({
  inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
  execute: ({ city }) => {
    cities.push(city);
    return "rain";
  },
});
const looped = { ...ask, tools: { weather }, stopWhen: stepCountIs(3) };

beforeEach(() => {
  mock.next = [];
  mock.seen.length = 0;
  cities.length = 0;
});

describe("the openai-compatible provider of the package ai", () => {
  it("generates text, with usage and the model that answered", async () => {
    const { text, usage, response } = await generateText(ask);
    expect(text).toBe("Good day to you");
    expect(usage).toMatchObject({ inputTokens: 12, outputTokens: 3 });
    expect(response.modelId).toBe("large-2026");
    expect(response.headers!["x-optllm-model"]).toBe("large");
  });

  it("streams text, with usage", async () => {
    const result = streamText(ask);
    let text = "";
    for await (const piece of result.textStream) text += piece;
    expect(text).toBe("Good day");
    expect(await result.usage).toMatchObject({ inputTokens: 12, outputTokens: 3 });
  });

  it("runs a loop of tools, which stays with its model", async () => {
    mock.next.push((response, { body }) => json(response, completion(body.model, "", calls)));
    const { text, steps } = await generateText(looped);
    expect([text, steps.length, cities]).toEqual(["Good day to you", 2, ["Ghent"]]);
    expect(mock.seen.map(({ body }) => body.model)).toEqual(["large-2026", "large-2026"]);
  });

  it("runs the loop from a stream", async () => {
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
    const result = streamText(looped);
    expect([await result.text, cities]).toEqual(["Good day", ["Ghent"]]);
  });

  it("throws the server's errors", async () => {
    mock.next.push(fails(400, { error: { message: "temperature is wrong", type: "invalid_request_error" } }));
    await expect(generateText(ask)).rejects.toMatchObject({
      statusCode: 400,
      message: "temperature is wrong",
    });
    await expect(generateText({ ...ask, model: optllm("gpt-9") })).rejects.toMatchObject({ statusCode: 404 });
  });
});
