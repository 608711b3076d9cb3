import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { billOf } from "../../src/prices/bill.js";
import { RATES, type Price } from "../../src/prices/price.js";
import { PriceTable, readPrices } from "../../src/prices/table.js";
import { checkUsage, readUsage } from "../../src/prices/usage.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-prices-"));
afterAll(() => rmSync(folder, { recursive: true }));
const PRICE: Price = {
  model: "test",
  input: 2,
  output: 8,
  asOf: "2026-01-01",
  source: "test",
  tiers: [],
  aliases: [],
};

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

  it("refuses an unknown price instead of using 0", () => {
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

  it("asks for the provider when hosts differ in price", () => {
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
        expect(bill.lines.reduce((sum, line) => sum + line.dollars, 0)).toBeCloseTo(bill.total, 12);
        expect(billOf(of, usage, "batch").total).toBeCloseTo(bill.total * (of.batch?.input ?? NaN), 6);
      }),
      { seed: 1 },
    );
  });
});
