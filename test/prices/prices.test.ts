import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { calcPrice } from "@pydantic/genai-prices";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { billOf } from "../../src/prices/bill.js";
import { parsePriceFile } from "../../src/prices/file.js";
import { RATES, type Price } from "../../src/prices/price.js";
import { armOf, PriceTable, readPrices } from "../../src/prices/table.js";
import { checkUsage, readUsage } from "../../src/prices/usage.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-prices-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, value: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
};
const PRICE: Price = {
  model: "test",
  input: 2,
  output: 8,
  asOf: "2026-01-01",
  source: "test",
  tiers: [],
  aliases: [],
};

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

describe("bills, by hand, at the shipped prices", async () => {
  const prices = await readPrices();
  const cost = (model: string, report: object, mode?: "batch" | "flex") =>
    billOf(prices.find(model).price, readUsage(report), mode).total;

  it("OpenAI: 400 fresh, 600 cached, 300 out of gpt-4o at 2.50, 1.25, 10", () => {
    const usage = {
      prompt_tokens: 1000,
      completion_tokens: 300,
      prompt_tokens_details: { cached_tokens: 600 },
    };
    expect(cost("gpt-4o", usage)).toBeCloseTo((400 * 2.5 + 600 * 1.25 + 300 * 10) / 1e6, 12);
    expect(cost("gpt-4o", usage, "batch")).toBeCloseTo((400 * 1.25 + 600 * 1.25 + 300 * 5) / 1e6, 12);
    // gpt-5 costs 1.25, 0.125 and 10, and half of each in a batch or with flex.
    const half = (400 * 1.25 + 600 * 0.125 + 300 * 10) / 2e6;
    expect(cost("gpt-5", usage, "batch")).toBeCloseTo(half, 12);
    expect(cost("gpt-5", usage, "flex")).toBeCloseTo(half, 12);
  });

  it("Anthropic: 300 fresh, 600 read, 60 written, 40 written for an hour, 300 out of claude-sonnet-4-5", () => {
    const usage = {
      input_tokens: 300,
      cache_read_input_tokens: 600,
      cache_creation_input_tokens: 100,
      cache_creation: { ephemeral_1h_input_tokens: 40 },
      output_tokens: 300,
    };
    const expected = (300 * 3 + 600 * 0.3 + 60 * 3.75 + 40 * 6 + 300 * 15) / 1e6;
    expect(cost("claude-sonnet-4-5", usage)).toBeCloseTo(expected, 12);
    expect(cost("claude-sonnet-4-5-20250929", usage)).toBeCloseTo(expected, 12);
    expect(cost("anthropic:messages:claude-sonnet-4-5", usage, "batch")).toBeCloseTo(expected / 2, 12);
  });

  it("Gemini 2.5 Pro: thoughts are output; above 200,000 of input all is dearer; cached not halved in a batch", () => {
    const usage = { candidatesTokenCount: 100, thoughtsTokenCount: 200, cachedContentTokenCount: 150_000 };
    const below = { ...usage, promptTokenCount: 200_000 };
    const above = { ...usage, promptTokenCount: 200_001 };
    expect(cost("gemini-2.5-pro", below)).toBeCloseTo((50_000 * 1.25 + 150_000 * 0.125 + 300 * 10) / 1e6, 12);
    expect(cost("gemini-2.5-pro", above)).toBeCloseTo((50_001 * 2.5 + 150_000 * 0.25 + 300 * 15) / 1e6, 12);
    expect(cost("gemini-2.5-pro", below, "batch")).toBeCloseTo(
      (50_000 * 0.625 + 150_000 * 0.125 + 300 * 5) / 1e6,
      12,
    );
  });

  it("Perplexity: a fee for each request", () => {
    expect(cost("sonar", { prompt_tokens: 100, completion_tokens: 100 })).toBeCloseTo(0.0002 + 0.012, 12);
  });

  it("charges cache writes and reasoning as input and output where no price is listed", () => {
    const usage = { input: 100, output: 100, cachedInput: 20, cacheWrite: 30, reasoning: 40 };
    expect(billOf(PRICE, usage).total).toBeCloseTo((100 * 2 + 100 * 8) / 1e6, 15);
    const priced = { ...PRICE, cacheWrite: 3, reasoning: 10, cachedInput: 1 };
    expect(billOf(priced, usage).total).toBeCloseTo((50 * 2 + 20 + 30 * 3 + 60 * 8 + 40 * 10) / 1e6, 15);
  });

  it("knows no price rather than a price of 0", () => {
    expect(() => cost("text-embedding-3-small", { prompt_tokens: 1, completion_tokens: 1 })).toThrow(
      /no output price/,
    );
    expect(() => billOf(PRICE, { input: 1, output: 1 }, "batch")).toThrow(/no batch price of test is known/);
    expect(() => prices.find("gpt-44o")).toThrow(
      /no price of model gpt-44o is known; nearest names: gpt-4o,/,
    );
    expect(() => prices.find("x".repeat(1e6))).toThrow(InputError);
    expect(() => prices.find("constructor")).toThrow(InputError);
  });

  it("asks which provider is meant when hosts differ", () => {
    const hosts = (input: number, provider: string): Price => ({
      ...PRICE,
      input,
      model: `${provider}/llama`,
    });
    const table = new PriceTable([hosts(1, "here"), hosts(2, "there")]);
    expect(() => table.find("llama")).toThrow("name one: here/llama, there/llama");
    expect(table.find("there/llama").price.input).toBe(2);
    expect(new PriceTable([hosts(1, "here"), hosts(1, "there")]).find("llama").price.model).toBe(
      "here/llama",
    );
    expect(new PriceTable([hosts(1, "here"), hosts(2, "openai")]).find("llama").price.input).toBe(2);
  });
});

describe("the shipped file", async () => {
  const prices = await readPrices();
  const path = fileURLToPath(new URL("../../src/prices/prices.json", import.meta.url));

  it("names each model once, with day and source", () => {
    const lines = readFileSync(path, "utf8").match(/^ {4}"/gm) ?? [];
    expect(prices.shipped.length).toBe(lines.length);
    expect(prices.shipped.length).toBeGreaterThan(1000);
    for (const { asOf, source } of prices.shipped) {
      expect(asOf).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(source).not.toBe("");
    }
  });

  it("has batch prices of the models that the providers' pages give one, and no others", () => {
    const batchOf = (model: string) => prices.find(model).price.batch;
    const uncached = { input: 0.5, output: 0.5, reasoning: 0.5 };
    expect(batchOf("mistral/mistral-large-2512")).toEqual(uncached);
    expect(batchOf("fireworks/glm-5p1")).toEqual(uncached);
    expect(batchOf("fireworks/glm-5p1-fast")).toBeUndefined();
    expect(batchOf("groq/openai/gpt-oss-120b")).toEqual(uncached);
    expect(batchOf("groq/llama3-70b-8192")).toBeUndefined();
    expect(batchOf("moonshotai/kimi-k2.5")).toEqual({ input: 0.6, output: 0.6, reasoning: 0.6 });
    for (const { model, batch } of prices.shipped)
      if (batch !== undefined)
        expect(model).toMatch(/^(openai|anthropic|google|mistral|moonshotai|fireworks|groq)\//);
  });

  it("agrees with the package it comes from, tiers and caches included", () => {
    const timestamp = new Date("2026-09-23T03:00:00Z");
    const providers = ["openai", "anthropic", "google", "mistral", "groq"];
    const some = prices.shipped.filter(
      ({ model, output, note }) =>
        providers.includes(model.split("/")[0]) && output !== undefined && !note?.includes("time of day"),
    );
    let compared = 0;
    for (const price of some) {
      for (const input of [1000, 250_000, 300_000]) {
        const usage = { input, output: 500, cachedInput: 400, cacheWrite: price.cacheWrite ? 100 : 0 };
        const [providerId, id] = price.model.split(/\/(.*)/s);
        const theirs = calcPrice(
          {
            input_tokens: input,
            output_tokens: 500,
            cache_read_tokens: 400,
            cache_write_tokens: usage.cacheWrite,
          },
          id,
          { providerId, timestamp },
        );
        if (theirs?.model.id !== id) continue;
        // They charge cached input of a model without such a price as input too, so the sums agree.
        expect(billOf(price, usage).total, `${price.model} ${input}`).toBeCloseTo(theirs.total_price, 9);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(300);
  });
});

describe("the user's prices", () => {
  it("go before the shipped ones, under all names of the model", async () => {
    const path = write("own.json", {
      asOf: "2026-11-01",
      source: "our contract",
      models: { "gpt-4o": { input: 1, output: 4, batch: { input: 0.5 } }, mine: { input: 3, output: 3 } },
    });
    const prices = await readPrices(path);
    for (const name of ["gpt-4o", "GPT-4o", "openai/gpt-4o", "gpt-4o-2024-08-06", "openai:gpt-4o"])
      expect(prices.find(name).price).toMatchObject({ input: 1, source: "our contract", asOf: "2026-11-01" });
    expect(prices.find("gpt-4o-mini").price.model).toBe("openai/gpt-4o-mini");
    expect(prices.find("gpt-4o-2024-05-13").price.input).toBe(5);
    const bill = billOf(prices.find("gpt-4o").price, { input: 1e6, output: 1e6 }, "batch");
    expect(bill.total).toBe(0.5 + 4);
    expect(() => prices.find("miner")).toThrow("nearest names: mine");
  });

  it("are found by an entry's name first, then by an alias, then by a replaced model's names", () => {
    const own = (input: number, model: string, ...aliases: string[]): Price => ({
      ...PRICE,
      input,
      model,
      aliases,
    });
    const shipped = [own(1, "openai/a", "a-1", "a-2")];
    const table = new PriceTable(shipped, [
      own(2, "a"),
      own(3, "b", "a-1", "a"),
      own(4, "c", "twice"),
      own(5, "d", "twice"),
    ]);
    expect(["a", "openai/a", "a-1", "a-2"].map((name) => table.find(name).price.input)).toEqual([2, 2, 3, 2]);
    expect(() => table.find("twice")).toThrow("name one: c, d");
  });

  it("may be a LiteLLM price map", async () => {
    const path = write("litellm.json", {
      sample_spec: { input_cost_per_token: "dollars", mode: "chat" },
      "dall-e": { mode: "image_generation", input_cost_per_image: 0.04 },
      "my-gpt": {
        input_cost_per_token: 1e-7,
        output_cost_per_token: 0.0000004,
        cache_read_input_token_cost: 2.5e-8,
        cache_creation_input_token_cost: 1.25e-7,
        cache_creation_input_token_cost_above_1hr: 2e-7,
        output_cost_per_reasoning_token: 6e-7,
        input_cost_per_token_batches: 5e-8,
        output_cost_per_token_batches: 2e-7,
        input_cost_per_token_flex: 6e-8,
        input_cost_per_token_above_200k_tokens: 2e-7,
        output_cost_per_token_above_200k_tokens: 8e-7,
        max_input_tokens: 128000,
        litellm_provider: "openai",
        mode: "chat",
      },
    });
    const { price } = (await readPrices(path)).find("my-gpt");
    expect(price).toMatchObject({
      input: 0.1,
      output: 0.4,
      cachedInput: 0.025,
      cacheWrite: 0.125,
      cacheWrite1h: 0.2,
      reasoning: 0.6,
      batch: { input: 0.5, output: 0.5 },
      context: 128000,
      tiers: [{ above: 200000, input: 0.2, output: 0.8 }],
    });
    expect(price.flex?.input).toBeCloseTo(0.6, 12);
    expect(price.flex?.output).toBeUndefined();
    expect(billOf(price, { input: 1e5, output: 1e5 }, "batch").total).toBeCloseTo(0.005 + 0.02, 12);
  });

  const models = (entry: object) => ({ asOf: "2026-01-01", source: "s", models: { x: entry } });
  it.each([
    ["[]", "expected an object"],
    ["nonsense", "not valid JSON"],
    [{ a: 1 }, "neither a price file"],
    [{ models: [] }, "models is []; expected an object"],
    [models({ output: 1 }), "x has no input price"],
    [models({ input: -1 }), "x: input is -1; expected dollars"],
    [models({ input: 1, outptu: 2 }), "has a field outptu; expected output"],
    [models({ input: 1, batch: 2 }), "batch is 2; expected the part that is charged"],
    [models({ input: 1, tiers: [{ input: 2 }] }), "above is undefined"],
    [models({ input: 1, asOf: "yesterday" }), "asOf is yesterday; expected a day"],
    [{ models: { x: { input: 1 } } }, "asOf is undefined"],
    [{ x: { input_cost_per_token: -1 } }, "input_cost_per_token is -1"],
    [
      { x: { input_cost_per_token: 1, input_cost_per_token_batches: 2 } },
      "discounted input price is above the standard",
    ],
  ])("refuses %j", async (content, message) => {
    const path = write("wrong.json", content);
    await expect(readPrices(path)).rejects.toThrow(InputError);
    await expect(readPrices(path)).rejects.toThrow(message);
  });
});

it("reads arms from names", () => {
  expect(armOf("gpt-4o@batch")).toEqual({ model: "gpt-4o", mode: "batch" });
  expect(armOf("claude@20250929@flex")).toEqual({ model: "claude@20250929", mode: "flex" });
  expect(armOf("claude@20250929")).toEqual({ model: "claude@20250929", mode: "standard" });
  expect(armOf("@batch")).toEqual({ model: "@batch", mode: "standard" });
});

describe("bills in general", () => {
  const tokens = fc.integer({ min: 0, max: 1_000_000 });
  const usages = fc
    .record({ fresh: tokens, cachedInput: tokens, cacheWrite: tokens, text: tokens, reasoning: tokens })
    .map(({ fresh, cachedInput, cacheWrite, text, reasoning }) =>
      checkUsage({
        input: fresh + cachedInput + cacheWrite,
        output: text + reasoning,
        cachedInput,
        cacheWrite,
        reasoning,
      }),
    );
  const rate = fc.double({ min: 0, max: 100, noNaN: true });
  const price = fc
    .record({ input: rate, output: rate, cachedInput: rate, cacheWrite: rate, reasoning: rate, part: rate })
    .map(({ part, ...rates }): Price => ({
      ...PRICE,
      ...rates,
      batch: Object.fromEntries(RATES.map((kind) => [kind, part / 100])),
    }));

  it("are the sum of their lines, and the batch part of the whole", () => {
    fc.assert(
      fc.property(usages, price, (usage, of) => {
        const { cachedInput = 0, cacheWrite = 0, reasoning = 0 } = usage;
        const bill = billOf(of, usage);
        const byHand =
          (usage.input - cachedInput - cacheWrite) * of.input +
          cachedInput * (of.cachedInput ?? NaN) +
          cacheWrite * (of.cacheWrite ?? NaN) +
          (usage.output - reasoning) * (of.output ?? NaN) +
          reasoning * (of.reasoning ?? NaN);
        expect(bill.total).toBeCloseTo(byHand / 1e6, 6);
        expect(bill.lines.reduce((sum, line) => sum + line.dollars, 0)).toBe(bill.total);
        expect(billOf(of, usage, "batch").total).toBeCloseTo(bill.total * (of.batch?.input ?? NaN), 6);
      }),
      { seed: 1 },
    );
  });
});

it("refuses any JSON as a price file with an InputError, or reads it", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (models) => {
      try {
        parsePriceFile({ asOf: "2026-01-01", source: "s", models }, "file");
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { seed: 2, numRuns: 2000 },
  );
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
