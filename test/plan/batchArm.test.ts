import fc from "fast-check";
import { expect, describe, it } from "vitest";
import { withBatchArm } from "../../src/plan/batchArm.js";
import { InputError } from "../../src/errors.js";
import { evaluate } from "../../src/solve/objective.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import type { Dataset, Problem } from "../../src/types.js";

const problem: Problem = {
  models: ["small", "large"],
  ids: ["a", "b", "c"],
  cost: Float32Array.of(1, 8, 2, 16, Infinity, 32),
  successProbability: Float32Array.of(0.25, 0.5, 0.5, 0.75, 0.125, 1),
  allowed: Uint8Array.of(1, 1, 1, 0, 1, 1),
  weight: Float32Array.of(1, 2, 3),
};

describe("a batch arm", () => {
  it("costs its part, succeeds as often, and is forbidden where a query cannot wait", () => {
    const wide = withBatchArm(problem, "large", { deadlineHours: [23.9, NaN, 24], part: 0.25 });
    expect(wide.models).toEqual(["small", "large", "large@batch"]);
    expect([...wide.cost]).toEqual([1, 8, Infinity, 2, 16, 4, Infinity, 32, 8]);
    expect([...wide.successProbability]).toEqual([0.25, 0.5, 0.5, 0.5, 0.75, 0.75, 0.125, 1, 1]);
    expect([...(wide.allowed ?? [])]).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 1]);
    expect([...(wide.weight ?? [])]).toEqual([1, 2, 3]);
    expect(wide.ids).toEqual(problem.ids);
    expect([...problem.cost]).toEqual([1, 8, 2, 16, Infinity, 32]);
  });

  it("is half price within 24 hours by default, and stays forbidden where the model is", () => {
    const wide = withBatchArm(problem, "small");
    expect([...wide.cost]).toEqual([1, 8, 0.5, 2, 16, 1, Infinity, 32, Infinity]);
  });

  it("may be added to a data set", () => {
    const dataset: Dataset = {
      ids: ["a"],
      queries: ["text"],
      models: ["m"],
      cost: Float32Array.of(2),
      outcome: Float32Array.of(NaN),
    };
    expect(withBatchArm(dataset, "m")).toEqual({
      ...dataset,
      models: ["m", "m@batch"],
      cost: Float32Array.of(2, 1),
      outcome: Float32Array.of(NaN, NaN),
    });
  });

  it("makes a plan that mixes live and batch, never dearer at the same accuracy", async () => {
    const small: Problem = { ...problem, allowed: undefined, weight: undefined };
    const wide = withBatchArm(small, "large", { deadlineHours: [1, 48, 48] });
    const choice = await choose(await solveFront(wide), { accuracy: 0.75 });
    if (choice.status !== "chosen") throw new Error(choice.status);
    expect([...choice.allocation].map((m) => wide.models[m])).toEqual([
      "large",
      "large@batch",
      "large@batch",
    ]);
    expect(choice.totalCost).toBe(8 + 8 + 16);
    expect(evaluate(wide, choice.allocation).totalCost).toBe(32);
  });

  it("changes nothing of the other columns, whatever the deadlines", () => {
    const hours = fc.array(fc.oneof(fc.constant(NaN), fc.double({ min: 0, max: 100, noNaN: true })), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(hours, fc.double({ min: 0, max: 100, noNaN: true }), (deadlineHours, windowHours) => {
        const wide = withBatchArm(problem, "large", { deadlineHours, windowHours });
        for (let q = 0; q < 3; q++) {
          expect([...wide.cost.subarray(3 * q, 3 * q + 2)]).toEqual([
            ...problem.cost.subarray(2 * q, 2 * q + 2),
          ]);
          const mayWait = !(deadlineHours[q] < windowHours);
          expect(wide.cost[3 * q + 2]).toBe(mayWait ? problem.cost[2 * q + 1] / 2 : Infinity);
        }
      }),
      { seed: 1 },
    );
  });

  it.each([
    [{}, "larg", "no model larg; nearest: large"],
    [{ part: 1.5 }, "large", "part is 1.5"],
    [{ windowHours: NaN }, "large", "windowHours is NaN"],
    [{ deadlineHours: [1] }, "large", "1 deadlines for 3 queries"],
    [{ deadlineHours: [1, -1, 2] }, "large", "deadline of query 1 is -1"],
  ])("refuses %j of %s", (options, model, message) => {
    expect(() => withBatchArm(problem, model, options)).toThrow(InputError);
    expect(() => withBatchArm(problem, model, options)).toThrow(message);
  });

  it("refuses to be added twice", () => {
    expect(() => withBatchArm(withBatchArm(problem, "large"), "large")).toThrow(
      "large@batch is there already",
    );
  });
});
