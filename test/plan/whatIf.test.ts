import { describe, expect, it } from "vitest";
import { backtest } from "../../src/backtest/backtest.js";
import { changeDataset, changeProblem, hypervolumes } from "../../src/plan/whatIf.js";
import { planAllocation } from "../../src/plan/plan.js";
import { solveFront } from "../../src/solve/front.js";
import { problemOf } from "../problems.js";
import { simulated } from "../simulated.js";

const problem = {
  ...problemOf(
    [
      [1, 2, 4],
      [8, Infinity, 2],
    ],
    [
      [0.5, 0.75, 1],
      [0, 0.5, 0.25],
    ],
    ["a", "b", "c"],
  ),
  ids: ["x", "y"],
};

describe("a changed world", () => {
  it("scales a model's costs and leaves what it must not answer", () => {
    const changed = changeProblem(problem, {
      scaleCost: [
        ["b", 0],
        ["c", 0.5],
      ],
    });
    expect([...changed.cost]).toEqual([1, 0, 2, 8, Infinity, 1]);
    expect([...changed.successProbability]).toEqual([...problem.successProbability]);
    expect([...problem.cost]).toEqual([1, 2, 4, 8, Infinity, 2]);
    expect(changed.ids).toEqual(["x", "y"]);
  });

  it("drops models with all that belongs to them", () => {
    const allowed = Uint8Array.of(1, 0, 1, 1, 1, 0);
    const changed = changeProblem({ ...problem, allowed }, { without: ["a"] });
    expect(changed.models).toEqual(["b", "c"]);
    expect([...changed.cost]).toEqual([2, 4, Infinity, 2]);
    expect([...changed.successProbability]).toEqual([0.75, 1, 0.5, 0.25]);
    expect([...changed.allowed!]).toEqual([0, 1, 1, 0]);
    expect(changeProblem(problem, { only: ["c", "a"], without: ["c"] }).models).toEqual(["a"]);
  });

  it("changes recorded rows alike", () => {
    const { models, cost, ids } = problem;
    const dataset = { ids, models, cost, queries: ["", ""], outcome: Float32Array.of(0, 1, 1, 1, NaN, 0) };
    const changed = changeDataset(dataset, { scaleCost: [["c", 2]], without: ["b"] });
    expect(changed.models).toEqual(["a", "c"]);
    expect([...changed.cost]).toEqual([1, 8, 8, 4]);
    expect([...changed.outcome]).toEqual([0, 1, 1, 0]);
  });

  it("computes costs of another price from tokens, before factors, wherever the model may answer", () => {
    const { models, cost, ids } = problem;
    const tokens = {
      input: Float32Array.of(NaN, 1000, 100, NaN, NaN, 200),
      output: Float32Array.of(NaN, 50, 10, NaN, NaN, 0),
    };
    const dataset = { ids, models, cost, tokens, queries: ["", ""], outcome: new Float32Array(6) };
    const changes = {
      price: [
        ["c", { input: 10_000, output: 500_000 }],
        ["b", { input: 2000, output: 0 }],
      ] as [string, { input: number; output: number }][],
      scaleCost: [["c", 0.5]] as [string, number][],
    };
    // c: (100 · 0.01 + 10 · 0.5) / 2 and (200 · 0.01) / 2; b: 1000 · 0.002.
    expect([...changeProblem(problem, changes, dataset).cost]).toEqual([1, 2, 3, 8, Infinity, 1]);
    expect([...changeDataset(dataset, { ...changes, without: ["a"] }).cost]).toEqual([2, 3, Infinity, 1]);
    // The work may have its models in another order, or fewer of them.
    const of = (columns: number[]) => (matrix: Float32Array) =>
      Float32Array.from([0, 1].flatMap((q) => columns.map((m) => matrix[q * 3 + m])));
    const [input, output] = [tokens.input, tokens.output].map(of([2, 1]));
    const other = { ids, models: ["c", "b"], tokens: { input, output } };
    expect([...changeProblem(problem, changes, other).cost]).toEqual([1, 2, 3, 8, Infinity, 1]);
    const price = [["a", { input: 1, output: 1 }]] as [string, { input: number; output: number }][];
    expect(() => changeProblem(problem, { price }, dataset)).toThrow(/query "x" has no tokens of model "a"/);
    expect(() => changeProblem(problem, { price }, other)).toThrow(/the rows have no tokens of model "a"/);
    expect(() => changeProblem(problem, { price })).toThrow(/needs a__input_tokens and a__output_tokens/);
    expect(() => changeProblem(problem, { price: [...price, ...price] }, dataset)).toThrow(/priced twice/);
  });

  it.each([
    [{ without: ["z"] }, /no model "z" to change; there are a, b, c/],
    [{ only: ["__proto__"] }, /no model "__proto__"/],
    [{ without: ["a", "b", "c"] }, /no model is left/],
    [{ scaleCost: [["a", -1]] as [string, number][] }, /cost factor of "a" is -1/],
    [
      {
        scaleCost: [
          ["a", 1],
          ["a", 2],
        ] as [string, number][],
      },
      /scaled twice/,
    ],
  ])("refuses %j", (changes, message) => {
    expect(() => changeProblem(problem, changes)).toThrow(message);
  });

  it("is measured on one scale: cheaper is never worse, and the same front the same", async () => {
    const before = await solveFront(problem);
    const after = await solveFront(changeProblem(problem, { scaleCost: [["c", 0.5]] }));
    const [old, changed] = hypervolumes([before, after]);
    expect(changed).toBeGreaterThan(old);
    const [one, other] = hypervolumes([before, before]);
    expect(one).toBe(other);
  });
});

describe("unknown models in changes", () => {
  it("are refused before anything is learned", async () => {
    const rows = simulated({ queries: 60, models: 3, seed: 1 });
    let learning = 0;
    const options = { changes: { without: ["nobody"] }, onProgress: () => learning++ };
    const half = { train: { share: 0.3 }, validation: { share: 0.2 } };
    await expect(backtest(rows, { ...half, ...options })).rejects.toThrow(/no model "nobody" to change/);
    await expect(planAllocation(rows, rows, { knee: true }, options)).rejects.toThrow(
      /no model "nobody" to change/,
    );
    expect(learning).toBe(0);
  });
});
