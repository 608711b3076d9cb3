import { expect, it } from "vitest";
import { costOf, costsOf } from "../../src/prices/cost.js";
import { readPrices } from "../../src/prices/table.js";
import { tokenCounter } from "../../src/prices/tokens/counter.js";

it("prices a text by its tokens and the expected answer, by hand", async () => {
  const prices = await readPrices();
  const pricing = { price: prices.find("gpt-4o").price, counter: await tokenCounter("gpt-4o") };
  // "Hello, world!" is 4 tokens; 7 for the chat; 20.5 expected tokens of output.
  const dollars = ((4 + 7) * 2.5 + 20.5 * 10) / 1e6;
  expect(costOf("Hello, world!", 20.5, pricing)).toBeCloseTo(dollars, 12);
  expect(costOf("Hello, world!", 20.5, { ...pricing, mode: "batch" })).toBeCloseTo(dollars / 2, 12);
  expect(costOf("Hello, world!", 0, pricing, 0)).toBeCloseTo(1e-5, 12);
  expect(() => costOf("Hello", NaN, pricing)).toThrow("output is NaN");
});

it("prices every text with every model", async () => {
  const prices = await readPrices();
  const names = ["gpt-4o", "claude-sonnet-4-5", "gpt-4o-mini"];
  const models = await Promise.all(
    names.map(async (name) => ({ price: prices.find(name).price, counter: await tokenCounter(name) })),
  );
  const texts = ["Hello, world!", "Why is the sky blue?", ""];
  const output = Float64Array.from({ length: 9 }, (_, k) => 10 * k);
  const cost = costsOf(texts, output, models);
  expect(cost.length).toBe(9);
  texts.forEach((text, q) =>
    models.forEach((pricing, m) => expect(cost[3 * q + m]).toBe(costOf(text, output[3 * q + m], pricing))),
  );
});
