import { describe, expect, it } from "vitest";
import { PriceTable } from "../../src/prices/table.js";
import { InputError } from "../../src/errors.js";
import type { Dataset, Problem } from "../../src/types.js";
import { withBatchArms } from "../../src/plan/batchArms.js";
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

describe("batches", () => {
  const waits = (texts: string[], name = "deadline_hours"): Dataset => ({
    ...work,
    columns: new Map([[name, texts]]),
  });

  it("are models at the table's part, or a given one, for queries that can wait a day", () => {
    const models = new Map([
      ["small", undefined],
      ["large", 0.125],
    ]);
    const wide = withBatchArms(problem, waits(["23.9", "24", ""]), { models }, prices);
    expect(wide.models).toEqual(["small", "large", "other", "small@batch", "large@batch"]);
    // The larger of input's and output's parts, so that a plan never promises too much.
    expect([...wide.cost]).toEqual([1, 4, 2, inf, inf, 1, 4, 2, 0.5, 0.5, 1, 4, 2, 0.5, 0.5]);
    expect([...wide.successProbability.subarray(3, 5)]).toEqual([0.5, Math.fround(0.9)]);
  });

  it("take the deadlines from the column that is named", () => {
    const batch = { models: new Map([["small", 0.5]]), deadlineColumn: "hours" };
    const wide = withBatchArms(problem, waits(["1", "", "48"], "hours"), batch);
    expect([3, 7, 11].map((option) => wide.cost[option])).toEqual([inf, 0.5, 0.5]);
  });

  it.each([
    ["an unknown model", new Map([["nobody", 0.5]]), undefined, waits(["1", "2", "3"]), /nobody/],
    [
      "a model without batch price",
      new Map([["large", undefined]]),
      undefined,
      work,
      /no batch price of model large/,
    ],
    ["a wrong deadline", new Map([["small", 0.5]]), undefined, waits(["1", "soon", ""]), /q2 is soon/],
    ["a negative deadline", new Map([["small", 0.5]]), undefined, waits(["1", "-1", ""]), /q2 is -1/],
    [
      "a column that is not there",
      new Map([["small", 0.5]]),
      "hours",
      waits(["1", "2", "3"]),
      /column hours/,
    ],
  ])("refuse %s", (_, models: Map<string, number | undefined>, deadlineColumn, rows, message) => {
    const run = (): Problem => withBatchArms(problem, rows, { models, deadlineColumn }, prices);
    expect(run).toThrow(InputError);
    expect(run).toThrow(message);
  });
});
