import { describe, expect, it } from "vitest";
import { PriceTable } from "../../src/prices/table.js";
import type { Dataset, Problem } from "../../src/types.js";
import { withinContexts } from "../../src/plan/contexts.js";

const priced = (model: string, rest: object) => ({
  ...{ model, input: 1, output: 2, asOf: "2026-01-01", source: "a test", tiers: [], aliases: [] },
  ...rest,
});
const prices = new PriceTable([], [
  priced("small", { context: 100, batch: { input: 0.25, output: 0.5 } }),
  priced("large", { context: 1000 }),
]); // prettier-ignore

const work: Dataset = {
  ids: ["q1", "q2", "q3"],
  queries: ["a ".repeat(10), "word ".repeat(300), "?"],
  models: ["small", "large", "other"],
  cost: Float32Array.of(1, 4, 2, 1, 4, 2, 1, 4, 2),
  outcome: new Float32Array(9).fill(NaN),
};
const problem: Problem = {
  models: work.models,
  cost: work.cost,
  successProbability: Float32Array.of(0.5, 0.9, 0.7, 0.5, 0.9, 0.7, 0.5, 0.9, 0.7),
};
const inf = Infinity;

describe("contexts", () => {
  it("forbid a model what is too long for it, by counted tokens", async () => {
    const limited = await withinContexts(problem, work, prices);
    expect([...limited.problem.cost]).toEqual([1, 4, 2, inf, 4, 2, 1, 4, 2]);
    expect(limited.notes).toEqual([
      'model "small" must not answer 1 of the queries: they are longer than its context of 100 tokens',
    ]);
    expect([...problem.cost]).toEqual([...work.cost]);
  });

  it("go by recorded tokens before counted ones", async () => {
    const input = Float32Array.of(100, 1001, 1e9, 10, 10, 10, 101, NaN, 10);
    const recorded = { ...work, tokens: { input, output: input } };
    const limited = await withinContexts(problem, recorded, prices);
    expect([...limited.problem.cost]).toEqual([1, inf, 2, 1, 4, 2, inf, 4, 2]);
    expect(limited.notes).toHaveLength(2);
  });

  it("refuse a query that is too long for all", async () => {
    const few = { ...problem, cost: Float32Array.of(1, 4, inf, 1, inf, inf, 1, 4, inf) };
    await expect(withinContexts(few, work, prices)).rejects.toThrow(
      /q2 is longer than the context of every model/,
    );
  });

  it("leave everything where nothing is known", async () => {
    const limited = await withinContexts(problem, work, new PriceTable([]));
    expect(limited).toEqual({ problem, notes: [] });
  });
});
