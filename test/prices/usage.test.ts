import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { readUsage } from "../../src/prices/usage.js";

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
  ];
  it.each(reports)("%s", (_, report, expected) => {
    const { input, output, cachedInput, cacheWrite, cacheWrite1h, reasoning } = readUsage(report);
    expect([input, output, cachedInput, cacheWrite, cacheWrite1h, reasoning]).toEqual(expected);
  });

  it.each([
    [null, "not an object"],
    [{ tokens: 3 }, "none of prompt_tokens"],
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
