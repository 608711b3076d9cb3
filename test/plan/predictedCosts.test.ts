import { describe, expect, it } from "vitest";
import { backtest } from "../../src/backtest/backtest.js";
import { InputError } from "../../src/errors.js";
import { predictProblem } from "../../src/plan/predictProblem.js";
import type { Dataset } from "../../src/types.js";
import { withPredictedCosts } from "../../src/plan/predictedCosts.js";
import { Random } from "../../src/random.js";

const PRICE = [1e-6, 3e-6, 2e-5];

/** Texts of 10 … 400 characters; each model charges a price for every character, and 200 more. */
function sampleOf(rows: number, seed: number): Dataset {
  const random = new Random(seed);
  const queries = Array.from({ length: rows }, () => "tell me more ".repeat(1 + random.below(30)));
  const each = (value: (q: number, m: number) => number) =>
    Float32Array.from({ length: rows * 3 }, (_, i) => value(Math.floor(i / 3), i % 3));
  return {
    ids: queries.map((_, q) => `s${q}`),
    queries,
    models: ["a", "b", "c"],
    cost: each((q, m) => PRICE[m] * (200 + queries[q].length)),
    outcome: each((_, m) => (random.uniform() < [0.3, 0.6, 0.9][m] ? 1 : 0)),
  };
}

const none = new Float32Array(0);
const workOf = (rows: number): Dataset => {
  const { ids, queries } = sampleOf(rows, 77);
  return { ids, queries, models: [], cost: none, outcome: none };
};

describe("work without costs", () => {
  const sample = sampleOf(200, 1);

  it("that has ids and texts only gets every cost from the sample", async () => {
    const work = workOf(50);
    const { problem, predictedCosts, notes } = await predictProblem(work, sample, { predictor: "base-rate" });
    expect(problem.models).toEqual(["a", "b", "c"]);
    problem.cost.forEach((dollars, i) => {
      const expected = PRICE[i % 3] * (200 + work.queries[Math.floor(i / 3)].length);
      expect(Math.abs(dollars / expected - 1)).toBeLessThan(0.01);
    });
    expect(predictedCosts.map(({ model, form, rows }) => [model, form, rows])).toEqual([
      ["a", "length", 200],
      ["b", "length", 200],
      ["c", "length", 200],
    ]);
    expect(notes).toContain(
      'costs of model "a" are predicted from 200 recorded ones by the prompt\'s length; ' +
        "cross-validated error of the total 0.0 %, of a row 0.0 %",
    );
  });

  it("keeps what is recorded: a blank cell of a model with other costs stays forbidden, unless asked", async () => {
    const work: Dataset = {
      ...workOf(4),
      models: ["b", "c"],
      // b: blank on the second row; c: blank altogether.
      cost: Float32Array.from([5, 0, Infinity, 0, 7, 0, 9, 0].map((x, i) => (i % 2 === 1 ? Infinity : x))),
      outcome: new Float32Array(8).fill(NaN),
    };
    const before = work.cost.slice();
    const { work: filled, predicted } = await withPredictedCosts(work, sample);
    expect(filled.models).toEqual(["b", "c", "a"]);
    expect(predicted.map(({ model }) => model)).toEqual(["a", "c"]);
    const column = (dataset: Dataset, m: number) =>
      Array.from({ length: 4 }, (_, q) => dataset.cost[q * 3 + m]);
    expect(column(filled, 0)).toEqual([5, Infinity, 7, 9]);
    for (const m of [1, 2]) expect(column(filled, m).every((x) => x > 0 && x < Infinity)).toBe(true);
    expect(work.cost).toEqual(before);
    const asked = await withPredictedCosts(work, sample, { predictCost: true });
    const [first, second, ...others] = column(asked.work, 0);
    expect([first, ...others]).toEqual([5, 7, 9]);
    expect(second).toBeLessThan(0.01);
  });

  it("leaves out a model whose cost is nowhere, with a note", async () => {
    const cost = sample.cost.map((dollars, i) => (i % 3 === 1 ? Infinity : dollars));
    const { problem, notes } = await predictProblem(
      workOf(5),
      { ...sample, cost },
      { predictor: "base-rate" },
    );
    expect(problem.models).toEqual(["a", "c"]);
    expect(notes).toContain('model "b" has no cost and is left out');
    const blank = { ...sample, cost: cost.map(() => Infinity) };
    await expect(predictProblem(workOf(5), blank)).rejects.toThrow(
      /neither the work nor the labelled sample/,
    );
  });

  it("is the dataset itself where nothing is missing", async () => {
    expect((await withPredictedCosts(sample, sample)).work).toBe(sample);
  });

  it("keeps forbidden what a row does not allow, and refuses an unknown name", async () => {
    const work = { ...workOf(2), allowedModels: [["a", "c"], undefined] };
    const { problem } = await predictProblem(work, sample, { predictor: "base-rate" });
    expect(Array.from(problem.cost, Number.isFinite)).toEqual([true, false, true, true, true, true]);
    await expect(withPredictedCosts({ ...work, allowedModels: [["d"], undefined] }, sample)).rejects.toThrow(
      /allowed_models of query "s0" names "d"/,
    );
    // A misspelt name beside a right one would forbid silently, recorded costs or not.
    await expect(withPredictedCosts({ ...sample, allowedModels: [["a", "d"]] }, sample)).rejects.toThrow(
      /names "d"/,
    );
    const limited = { ...work, allowedModels: [["a", "unread"], undefined] };
    expect((await withPredictedCosts(limited, sample, { models: ["a"] })).predicted.length).toBe(1);
  });

  it("refuses a row that no model may answer", async () => {
    const work = {
      ...sampleOf(3, 5),
      cost: Float32Array.from([1, 1, 1, Infinity, Infinity, Infinity, 1, 1, 1]),
    };
    await expect(predictProblem(work, sample, { predictor: "base-rate" })).rejects.toThrow(InputError);
    await expect(predictProblem(work, sample, { predictor: "base-rate" })).rejects.toThrow(/query "s1"/);
  });
});

describe("a backtest with predicted costs", () => {
  it("plans with predictions, charges records, and tells the errors", async () => {
    const dataset = sampleOf(300, 3);
    const random = new Random(11);
    dataset.cost.forEach((dollars, i) => (dataset.cost[i] = dollars * Math.exp(0.3 * random.normal())));
    dataset.cost[4] = Infinity;
    const options = {
      train: { count: 60 },
      validation: { count: 20 },
      predictor: "base-rate" as const,
      targets: [{ accuracy: 0.8 }],
    };
    const { costPrediction, repeats } = await backtest(dataset, { ...options, predictCost: true });
    const [repeat] = repeats;
    expect(costPrediction!.perModel.map(({ model }) => model)).toEqual(["a", "b", "c"]);
    for (const { totalErrorShare, rowErrorShare } of costPrediction!.perModel) {
      expect(totalErrorShare).toBeLessThan(0.15);
      expect(rowErrorShare).toBeGreaterThan(0.1);
      expect(rowErrorShare).toBeLessThan(0.5);
    }
    const plan = repeat.plans[0];
    expect(plan.status).toBe("chosen");
    if (plan.status !== "chosen") return;
    expect(repeat.costPrediction!.plans[0]).toBeCloseTo(plan.promised.cost / plan.realised.cost - 1, 12);
    // The dearest points answer nearly all with "c": what it was recorded to cost, not what was predicted.
    const recorded = repeat.comparators.singles.find(({ model }) => model === "c")!.cost;
    expect(repeat.front.at(-1)!.cost).toBeCloseTo(recorded, 9);
    const plain = await backtest(dataset, options);
    expect(plain.costPrediction).toBeUndefined();
    expect(plain.repeats[0].costPrediction).toBeUndefined();
  });
});
