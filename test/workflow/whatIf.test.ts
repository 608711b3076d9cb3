import { describe, expect, it } from "vitest";
import { changeDataset, changeProblem, hypervolumes, solveFront } from "../../src/index.js";
import { problemOf } from "../problems.js";

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
