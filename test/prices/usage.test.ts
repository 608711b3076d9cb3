import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { readUsage, settledUsage } from "../../src/prices/usage.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-prices-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("what providers report, by hand", () => {
  // Each row: the report, then our tokens (input, output, cached, written, written for 1 h, reasoning).
  const reports: [string, object, number[]][] = [
    [
      "OpenAI chat: prompt and completion include their parts",
      {
        prompt_tokens: 1000,
        completion_tokens: 300,
        total_tokens: 1300,
        prompt_tokens_details: { cached_tokens: 600, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 200 },
      },
      [1000, 300, 600, 0, 0, 200],
    ],
    [
      "OpenAI responses",
      {
        input_tokens: 1000,
        input_tokens_details: { cached_tokens: 600, cache_write_tokens: 100 },
        output_tokens: 300,
        output_tokens_details: { reasoning_tokens: 200 },
      },
      [1000, 300, 600, 100, 0, 200],
    ],
    [
      "Anthropic: input leaves out what the cache gave or took",
      {
        input_tokens: 300,
        cache_read_input_tokens: 600,
        cache_creation_input_tokens: 100,
        cache_creation: { ephemeral_5m_input_tokens: 60, ephemeral_1h_input_tokens: 40 },
        output_tokens: 300,
      },
      [1000, 300, 600, 100, 40, 0],
    ],
    ["Anthropic without a cache", { input_tokens: 300, output_tokens: 20 }, [300, 20, 0, 0, 0, 0]],
    [
      "Gemini: the prompt includes the cache, candidates leave out thoughts",
      {
        promptTokenCount: 950,
        cachedContentTokenCount: 600,
        toolUsePromptTokenCount: 50,
        candidatesTokenCount: 100,
        thoughtsTokenCount: 200,
        totalTokenCount: 1300,
      },
      [1000, 300, 600, 0, 0, 200],
    ],
    [
      "xAI: reasoning beside completion, as the total shows",
      {
        prompt_tokens: 10120,
        completion_tokens: 1499,
        total_tokens: 14428,
        prompt_tokens_details: { cached_tokens: 128 },
        completion_tokens_details: { reasoning_tokens: 2809 },
      },
      [10120, 4308, 128, 0, 0, 2809],
    ],
    [
      "DeepSeek",
      {
        prompt_tokens: 1000,
        prompt_cache_hit_tokens: 600,
        prompt_cache_miss_tokens: 400,
        completion_tokens: 300,
      },
      [1000, 300, 600, 0, 0, 0],
    ],
    [
      "Bedrock Converse",
      { inputTokens: 300, outputTokens: 300, cacheReadInputTokens: 600, cacheWriteInputTokens: 100 },
      [1000, 300, 600, 100, 0, 0],
    ],
    [
      "Vercel AI SDK 6",
      {
        inputTokens: 1000,
        inputTokenDetails: { noCacheTokens: 300, cacheReadTokens: 600, cacheWriteTokens: 100 },
        outputTokens: 300,
        outputTokenDetails: { textTokens: 100, reasoningTokens: 200 },
      },
      [1000, 300, 600, 100, 0, 200],
    ],
    [
      "Vercel AI SDK 5",
      { inputTokens: 1000, cachedInputTokens: 600, outputTokens: 300, reasoningTokens: 200 },
      [1000, 300, 600, 0, 0, 200],
    ],
    [
      "LiteLLM: the cache is in the prompt",
      {
        prompt_tokens: 1000,
        completion_tokens: 50,
        total_tokens: 1050,
        cache_read_input_tokens: 600,
        cache_creation_input_tokens: 100,
        prompt_tokens_details: { cached_tokens: 600 },
      },
      [1000, 50, 600, 100, 0, 0],
    ],
    [
      "LiteLLM, an older version: the cache is beside the prompt",
      { prompt_tokens: 30, completion_tokens: 50, total_tokens: 80, cache_read_input_tokens: 600 },
      [630, 50, 600, 0, 0, 0],
    ],
    [
      "a total of 0 is no total",
      { prompt_tokens: 30, completion_tokens: 50, total_tokens: 0 },
      [30, 50, 0, 0, 0, 0],
    ],
    [
      "Inspect, newer logs: the cache beside the input",
      { input_tokens: 70, input_tokens_cache_read: 400, output_tokens: 20, total_tokens: 490 },
      [470, 20, 400, 0, 0, 0],
    ],
    [
      "Inspect, older logs: the cache in the input",
      { input_tokens: 470, input_tokens_cache_read: 400, output_tokens: 20, total_tokens: 490 },
      [470, 20, 400, 0, 0, 0],
    ],
    [
      "Gemini whose candidates have the thoughts in them, as the total shows",
      { promptTokenCount: 10, candidatesTokenCount: 90, thoughtsTokenCount: 60, totalTokenCount: 100 },
      [10, 90, 0, 0, 0, 60],
    ],
    [
      "Bedrock with everything in the total",
      { inputTokens: 3, outputTokens: 40, cacheReadInputTokens: 900, totalTokens: 943 },
      [903, 40, 900, 0, 0, 0],
    ],
    [
      "reasoning in the total alone",
      { prompt_tokens: 12, completion_tokens: 40, total_tokens: 300 },
      [12, 288, 0, 0, 0, 248],
    ],
    [
      "reasoning too large for the output, and in no total",
      { prompt_tokens: 12, completion_tokens: 40, total_tokens: 52, reasoning_tokens: 70 },
      [12, 110, 0, 0, 0, 70],
    ],
    [
      "LangChain",
      {
        input_tokens: 100,
        output_tokens: 50,
        total_tokens: 150,
        input_token_details: { cache_read: 80 },
        output_token_details: { reasoning: 30 },
      },
      [100, 50, 80, 0, 0, 30],
    ],
    [
      "Cohere: what is billed",
      {
        billed_units: { input_tokens: 5, output_tokens: 6 },
        tokens: { input_tokens: 75, output_tokens: 6 },
      },
      [5, 6, 0, 0, 0, 0],
    ],
    [
      "Llama on Bedrock",
      { generation: "x", prompt_token_count: 9, generation_token_count: 4 },
      [9, 4, 0, 0, 0, 0],
    ],
    ["Titan on Bedrock", { inputTextTokenCount: 8, results: [{ tokenCount: 3 }] }, [8, 3, 0, 0, 0, 0]],
  ];
  it("says so where the total decided against the usual reading", () => {
    const older = { input_tokens: 470, input_tokens_cache_read: 400, output_tokens: 20, total_tokens: 490 };
    expect(settledUsage(older).taken).toBe("the input includes the cached tokens, as the total shows");
    expect(settledUsage({ ...older, input_tokens: 70 }).taken).toBeUndefined();
    const more = { prompt_tokens: 12, completion_tokens: 40, total_tokens: 300 };
    expect(settledUsage(more).taken).toMatch(/only the total has/);
  });
  it.each(reports)("%s", (_, report, expected) => {
    const { input, output, cachedInput, cacheWrite, cacheWrite1h, reasoning } = readUsage(report);
    expect([input, output, cachedInput, cacheWrite, cacheWrite1h, reasoning]).toEqual(expected);
  });

  it.each([
    [null, "not an object"],
    [{ tokens: 3 }, "none of prompt_tokens"],
    [{ prompt_tokens: 50, completion_tokens: 9, total_tokens: 40 }, "the total of 40 tokens is neither 50"],
    [
      {
        prompt_tokens: 50,
        completion_tokens: 9,
        total_tokens: 90,
        completion_tokens_details: { reasoning_tokens: 3 },
      },
      "the total of 90 tokens",
    ],
    [{ prompt_tokens: -1 }, "prompt_tokens is -1"],
    [{ prompt_tokens: "7" }, "prompt_tokens is 7; expected a whole number"],
    [{ prompt_tokens: 5, prompt_tokens_details: { cached_tokens: 6 } }, "more than the input of 5"],
    [{ input_tokens: 5, output_tokens: 1, output_tokens_details: { reasoning_tokens: 2 } }, "reasoning of 2"],
  ])("refuses %j", (report, message) => {
    expect(() => readUsage(report)).toThrow(InputError);
    expect(() => readUsage(report)).toThrow(message);
  });
});

it("refuses any JSON as usage with an InputError, or reads it", () => {
  const fields = fc.constantFrom(
    ...["prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "input_tokens"],
    ...[
      "input_tokens_details",
      "cache_read_input_tokens",
      "promptTokenCount",
      "inputTokens",
      "inputTokenDetails",
    ],
  );
  const values = fc.oneof(fc.nat(10), fc.jsonValue(), fc.constant({ cached_tokens: 3 }));
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fields, values)), (report) => {
      try {
        const { input, output } = readUsage(report);
        expect(Number.isSafeInteger(input) && Number.isSafeInteger(output)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { seed: 3, numRuns: 5000 },
  );
});
