import { expect, it } from "vitest";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { bestSingle, singles } from "../../src/solve/single.js";

/** 40 queries of three models; the last and best one has no cost for some. */
function problem(missing: number) {
  const cost = new Float32Array(120);
  const successProbability = new Float32Array(120);
  for (let q = 0; q < 40; q++) {
    const easy = q % 2 === 0 ? 0.25 : 0;
    cost.set([1, 2, q < missing ? Infinity : 8], 3 * q);
    successProbability.set([0.25 + easy, 0.375 + easy, 0.5 + easy], 3 * q);
  }
  return { models: ["small", "middle", "large"], cost, successProbability };
}

it("compares a model without a few costs on the queries that it shares", async () => {
  const [small, middle, large] = await singles(problem(3));
  expect(small).toEqual({ totalCost: 40, expectedAccuracy: 0.375 });
  expect(middle).toEqual({ totalCost: 80, expectedAccuracy: 0.5 });
  expect(large).toEqual({ totalCost: 320, expectedAccuracy: 0.625, answered: 37 / 40 });
  expect(await bestSingle(problem(3))).toMatchObject({ model: 2 });
});

it("leaves out a model that must not answer many", async () => {
  expect((await singles(problem(5)))[2]).toBeUndefined();
  expect(await bestSingle(problem(5))).toMatchObject({ model: 1 });
});

it("matches such a model as far as the other queries allow", async () => {
  const front = await solveFront(problem(3));
  const choice = await choose(front, { matchBest: true });
  if (choice.status !== "chosen") throw new Error("infeasible");
  expect([...choice.allocation.subarray(0, 4)]).toEqual([1, 1, 1, 2]);
  expect(choice.expectedAccuracy).toBe(front.expectedAccuracy.at(-1));
});
