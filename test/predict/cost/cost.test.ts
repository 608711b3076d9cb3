import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { fitCosts, type CostSample } from "../../../src/predict/cost/cost.js";
import { predictCosts } from "../../../src/predict/cost/predictCosts.js";
import { Random } from "../../../src/random.js";
import { known, sum, textsOf } from "./texts.js";

function columnOf(matrix: Float64Array, models: number, m: number): Float64Array {
  return matrix.filter((_, option) => option % models === m);
}

describe("predicted costs", () => {
  it("recover a linear cost under noise and outliers, with the total of what was recorded", async () => {
    const random = new Random(1);
    const queries = textsOf(600, random);
    const cost = known(queries, random, 0.3, 0.03);
    const fit = await fitCosts({ models: ["a"], queries, cost });
    const work = textsOf(2_000, random);
    const predicted = await predictCosts(fit, work);
    // 3 % cost five times as much: on average 1.12 times the line.
    const line = work.map((text) => 1.12 * (1e-4 + 2e-6 * text.length));
    expect(fit.fits[0]!.form).toBe("length");
    predicted.forEach((dollars, q) => expect(Math.abs(dollars / line[q] - 1)).toBeLessThan(0.1));
    expect(Math.abs(sum(predicted) / sum(line) - 1)).toBeLessThan(0.04);
    expect(fit.fits[0]!.error!.total).toBeLessThan(0.1);
  });

  it("use the features that make an answer long", async () => {
    const random = new Random(4);
    const queries = textsOf(300, random).map(
      (text, q) => `${q % 3 === 0 ? "write an essay about" : "name"} ${text}`,
    );
    const costOf = (text: string): number => (text.startsWith("write") ? 0.01 : 0.001);
    const fit = await fitCosts({ models: ["a"], queries, cost: Float32Array.from(queries, costOf) });
    expect(fit.fits[0]!.form).toBe("ridge");
    const [long, short] = await predictCosts(fit, ["write an essay about green stone", "name green stone"]);
    expect(long / short).toBeGreaterThan(5);
  });

  it("find prices in tokens, and take those of a table instead", async () => {
    const random = new Random(6);
    const queries = textsOf(200, random);
    const input = Float32Array.from(queries, (text) => 30 + Math.round(text.length / 4));
    const output = Float32Array.from(queries, () => 20 + random.below(100));
    const cost = input.map((tokens, q) => 1e-6 * tokens + 4e-6 * output[q]);
    const sample: CostSample = { models: ["a"], queries, cost, tokens: { input, output } };
    const recorded = await predictCosts(await fitCosts(sample), queries);
    expect(Math.abs(sum(recorded) / sum(cost) - 1)).toBeLessThan(0.02);
    // Without a recorded cost the table's prices are enough.
    const prices = new Map([["a", { input: 2e-6, output: 8e-6 }]]);
    const blank = { ...sample, cost: cost.map(() => Infinity) };
    const doubled = await predictCosts(await fitCosts(blank, { prices }), queries);
    expect(Math.abs(sum(doubled) / (2 * sum(cost)) - 1)).toBeLessThan(0.02);
    expect((await fitCosts(blank)).fits).toEqual([undefined]);
  });

  it("use counted tokens if given, and then require them for predictions", async () => {
    const random = new Random(7);
    const queries = textsOf(100, random);
    const promptTokens = Float64Array.from(queries, () => 10 + random.below(1_000));
    const cost = Float32Array.from(promptTokens, (tokens) => 1e-3 + 1e-5 * tokens);
    const fit = await fitCosts({ models: ["a"], queries, cost, promptTokens });
    const predicted = await predictCosts(fit, queries, { promptTokens });
    predicted.forEach((dollars, q) => expect(dollars).toBeCloseTo(cost[q], 6));
    await expect(predictCosts(fit, queries)).rejects.toThrow(/expected promptTokens/);
    await expect(predictCosts(fit, queries, { promptTokens: [1] })).rejects.toThrow(/expected 100/);
  });

  it("are the same bytes for the same seed, and do not depend on the other queries", async () => {
    const random = new Random(8);
    const queries = textsOf(200, random);
    const sample = { models: ["a"], queries, cost: known(queries, random, 0.4, 0.1) };
    const work = textsOf(1_500, random);
    const [one, two] = [await fitCosts(sample, { seed: 3 }), await fitCosts(sample, { seed: 3 })];
    const predicted = await predictCosts(one, work);
    expect(await predictCosts(two, work)).toEqual(predicted);
    expect((await predictCosts(one, work.slice(1_400)))[0]).toBe(predicted[1_400]);
  });

  it("stay above 0, but for a free model, and finite for samples with little information", async () => {
    const texts = ["", "a", "the same", "the same", "x".repeat(100_000)];
    const many = (text: string) => Array.from({ length: 25 }, () => text);
    const samples: Record<string, CostSample> = {
      "one row": { models: ["a"], queries: ["text"], cost: Float32Array.of(0.5) },
      "identical rows": { models: ["a"], queries: many("text"), cost: new Float32Array(25).fill(2) },
      "blank texts": { models: ["a"], queries: many(""), cost: Float32Array.from(many(""), (_, r) => r) },
      "mostly free": { models: ["a"], queries: many("b"), cost: new Float32Array(25).fill(1e-30, 24) },
      huge: { models: ["a"], queries: many("b"), cost: new Float32Array(25).fill(3e38) },
      "no tokens at all": {
        models: ["a"],
        queries: many("b"),
        cost: new Float32Array(25).fill(1),
        tokens: { input: new Float32Array(25), output: new Float32Array(25) },
      },
    };
    for (const [name, sample] of Object.entries(samples)) {
      const predicted = await predictCosts(await fitCosts(sample), texts);
      for (const dollars of predicted) {
        expect(dollars, name).toBeGreaterThan(0);
        expect(dollars, name).toBeLessThan(Infinity);
      }
    }
    const free: CostSample = { models: ["a"], queries: many("text"), cost: new Float32Array(25) };
    expect([...(await predictCosts(await fitCosts(free), texts))]).toEqual([0, 0, 0, 0, 0]);
    const [dollars] = await predictCosts(await fitCosts(samples["one row"]), ["other"]);
    expect(dollars).toBe(0.5);
  });

  it("leave out a model without recorded costs, and rows where it is blank", async () => {
    const queries = textsOf(40, new Random(9));
    const cost = Float32Array.from({ length: 80 }, (_, i) => (i % 2 === 0 && i < 60 ? 0.25 : Infinity));
    const fit = await fitCosts({ models: ["a", "b"], queries, cost });
    expect(fit.fits[0]!.rows).toBe(30);
    expect(fit.fits[1]).toBeUndefined();
    const predicted = await predictCosts(fit, ["x"]);
    expect(columnOf(predicted, 2, 0)[0]).toBeCloseTo(0.25, 6);
    expect(columnOf(predicted, 2, 1)).toEqual(Float64Array.of(NaN));
  });

  it("refuse invalid samples, prices and numbers of tokens", async () => {
    const sample = { models: ["a"], queries: ["x"], cost: Float32Array.of(1) };
    await expect(fitCosts({ ...sample, cost: new Float32Array(2) })).rejects.toThrow(InputError);
    await expect(fitCosts({ ...sample, promptTokens: [-1] })).rejects.toThrow(
      /promptTokens of query 0 is -1/,
    );
    const prices = new Map([["a", { input: NaN, output: 1 }]]);
    await expect(fitCosts(sample, { prices })).rejects.toThrow(/price of model "a" is NaN/);
  });
});
