import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { calcPrice } from "@pydantic/genai-prices";
import { afterAll, describe, expect, it } from "vitest";
import { billOf } from "../../src/prices/bill.js";
import { armOf, readPrices } from "../../src/prices/table.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-prices-"));
afterAll(() => rmSync(folder, { recursive: true }));

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

  it("has batch prices for exactly the models with one on the providers' pages", () => {
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

describe("names as other tools write them", async () => {
  const prices = await readPrices();
  it.each([
    ["grok/grok-3-mini", "x-ai/grok-3-mini"],
    ["xai:grok-4.5", "x-ai/grok-4.5"],
    ["vertex_ai/gemini-2.5-flash", "google/gemini-2.5-flash"],
    ["gemini/gemini-2.0-flash-lite", "google/gemini-2.0-flash-lite"],
    ["bedrock:converse:eu.anthropic.claude-haiku-4-5-20251001-v1:0", "regional.anthropic.claude-haiku-4-5"],
    ["bedrock/global.anthropic.claude-opus-4-5-v1:0", "aws/global.anthropic.claude-opus-4-5-v1:0"],
    ["amazon-bedrock/us.meta.llama3-3-70b-instruct-v1:0", "aws/meta.llama3-3-70b-instruct-v1:0"],
    ["bedrock/us-east-1/amazon.nova-lite-v1:0", "aws/amazon.nova-lite-v1:0"],
    ["us.anthropic.claude-haiku-4-5-20251001-v1:0", "regional.anthropic.claude-haiku-4-5"],
    ["meta.llama3-3-70b-instruct-v1:0", "meta.llama3-3-70b-instruct-v1:0"],
    ["models/gemini-2.5-flash", "google/gemini-2.5-flash"],
    ["projects/p/locations/l/publishers/google/models/gemini-2.5-flash", "google/gemini-2.5-flash"],
    ["litellm_proxy/gpt-4o-mini", "openai/gpt-4o-mini"],
    ["openai-api/deepseek/deepseek-chat", "deepseek/deepseek-chat"],
    ["litellm:anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"],
    ["together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo", "together/meta-llama/Llama-3.3-70B"],
    ["fireworks_ai/accounts/fireworks/models/kimi-k2p5", "fireworks/kimi-k2p5"],
  ])("%s is %s", (name, expected) => expect(prices.find(name).price.model).toContain(expected));

  it.each([
    [
      "azure/gpt-4.1-mini",
      "its maker's is openai/gpt-4.1-mini: if that holds, give --price 'azure/gpt-4.1-mini=",
    ],
    [
      "bedrock/us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "its maker's is anthropic/claude-sonnet-4-5",
    ],
    ["qwertyuiop", "nearest names: none"],
  ])("%s has no price, and a hint: %s", (name, message) => expect(() => prices.find(name)).toThrow(message));
});

it("reads arms from names", () => {
  expect(armOf("gpt-4o@batch")).toEqual({ model: "gpt-4o", mode: "batch" });
  expect(armOf("claude@20250929@flex")).toEqual({ model: "claude@20250929", mode: "flex" });
  expect(armOf("claude@20250929")).toEqual({ model: "claude@20250929", mode: "standard" });
  expect(armOf("@batch")).toEqual({ model: "@batch", mode: "standard" });
});
