import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { billOf } from "../../src/prices/bill.js";
import { parsePriceFile } from "../../src/prices/file.js";
import { type Price } from "../../src/prices/price.js";
import { PriceTable, readPrices } from "../../src/prices/table.js";

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

describe("the user's prices", () => {
  it("override the shipped ones, under all names of the model", async () => {
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

  it("read LiteLLM's ranges by the size of the request, and no context from max_tokens", async () => {
    const range = (from: number, to: number, input: number, more: object = {}) => ({
      range: [from, to],
      input_cost_per_token: input,
      output_cost_per_token: 4 * input,
      ...more,
    });
    const path = write("ranges.json", {
      "volc/long": {
        max_tokens: 4096,
        tiered_pricing: [
          range(32e3, 64e3, 2e-6),
          range(0, 32e3, 1e-6, { cache_read_input_token_cost: 1e-7 }),
        ],
      },
      "volc/gap": { tiered_pricing: [range(0, 10, 1e-6), range(20, 30, 1e-6)] },
    });
    const prices = await readPrices(path);
    const { price } = prices.find("volc/long");
    expect(price).toMatchObject({
      input: 1,
      output: 4,
      cachedInput: 0.1,
      tiers: [{ above: 32000, input: 2 }],
    });
    expect(price.context).toBeUndefined();
    expect(billOf(price, { input: 32_000, output: 10 }).total).toBeCloseTo(0.032 + 0.00004, 12);
    // Cached tokens of the higher range are not charged at the lower one's rate.
    expect(billOf(price, { input: 40_000, output: 0, cachedInput: 40_000 }).total).toBeCloseTo(0.08, 12);
    expect(() => prices.find("volc/gap")).toThrow(
      "volc/gap: tiered_pricing has no range from 10, but one from 20",
    );
  });

  it("refuse one bad entry of a map only when it is asked for", async () => {
    const good = { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 };
    const path = write("one-bad.json", { good, text: { ...good, input_cost_per_token: "0.1" }, gone: 3 });
    const prices = await readPrices(path);
    expect(prices.find("good").price.input).toBe(1);
    expect(prices.bad.map(({ model }) => model)).toEqual(["text", "gone"]);
    const place = 'one-bad.json: text: input_cost_per_token is the text "0.1"';
    expect(() => prices.find("text")).toThrow(place);
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
      { x: { input_cost_per_token: 3 } },
      "input_cost_per_token is $3 a token; expected a number of dollars per token",
    ],
    [
      models({ input: 0.0000025, output: 0.00001 }),
      "x: input is 0.0000025, which looks like dollars per token",
    ],
    [
      { x: { input_cost_per_token: 1e-6, input_cost_per_token_batches: 2e-6 } },
      "discounted input price is above the standard",
    ],
  ])("refuses %j", async (content, message) => {
    const path = write("wrong.json", content);
    await expect(readPrices(path)).rejects.toThrow(InputError);
    await expect(readPrices(path)).rejects.toThrow(message);
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
