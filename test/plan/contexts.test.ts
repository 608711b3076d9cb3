import { describe, expect, it } from "vitest";
import { PriceTable } from "../../src/prices/table.js";
import { withinContexts } from "../../src/plan/contexts.js";
import { prices, problem, work } from "./priced.js";

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
