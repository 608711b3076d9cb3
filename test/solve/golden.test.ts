import { describe, expect, it } from "vitest";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { evaluateSlowly } from "../oracle.js";
import { golden, small } from "../problems.js";

const tiny = golden("tiny-");
const large = golden("front-");

it("finds golden problems to test", () => {
  expect(tiny.length).toBeGreaterThanOrEqual(12);
  expect(large.length).toBeGreaterThanOrEqual(2);
});

describe.each(tiny)("$name, every allocation enumerated", ({ problem, supported, ...known }) => {
  it("has exactly the supported points at full resolution", async () => {
    const front = await solveFront(problem, { resolution: "full" });
    expect(front.totalCost.length).toBe(supported.length);
    supported.forEach(([cost, accuracy], k) => {
      expect(Math.abs(front.totalCost[k] - cost)).toBeLessThanOrEqual(1e-9);
      expect(Math.abs(front.expectedAccuracy[k] - accuracy)).toBeLessThanOrEqual(1e-9);
    });
  });

  it.each(["full", "buckets"] as const)(
    "finds the enumerated optimum of every budget at %s resolution",
    async (resolution) => {
      const front = await solveFront(problem, { resolution });
      for (const { budget, accuracy } of known.bestAccuracyWithinBudget!) {
        const choice = await choose(front, { budget });
        expect(choice.status).toBe(accuracy === null ? "infeasible" : "chosen");
        if (choice.status === "infeasible") continue;
        const again = evaluateSlowly(small(problem), choice.allocation);
        expect(choice.totalCost).toBe(again.cost);
        expect(choice.expectedAccuracy).toBe(again.accuracy);
        expect(again.cost).toBeLessThanOrEqual(budget);
        expect(choice.bound).toBeGreaterThanOrEqual(accuracy!);
        expect(choice.expectedAccuracy).toBe(accuracy);
        expect(choice.optimal).toBe(true);
        expect(choice.gap).toBe(choice.bound - choice.expectedAccuracy);
      }
    },
  );

  it.each(["full", "buckets"] as const)(
    "finds the enumerated optimum of every accuracy target at %s resolution",
    async (resolution) => {
      const front = await solveFront(problem, { resolution });
      for (const { target, cost } of known.leastCostReachingAccuracy!) {
        const choice = await choose(front, { accuracy: target });
        expect(choice.status).toBe(cost === null ? "infeasible" : "chosen");
        if (choice.status === "infeasible") continue;
        const again = evaluateSlowly(small(problem), choice.allocation);
        expect(again.accuracy).toBeGreaterThanOrEqual(target);
        expect(choice.costBound).toBeLessThanOrEqual(cost! + 1e-12);
        expect(again.cost).toBe(cost);
        expect(choice.optimal).toBe(true);
        expect(choice.bound).toBeGreaterThanOrEqual(choice.expectedAccuracy);
      }
    },
  );
});

describe.each(large)("$name, from float64 hulls and one sort", ({ problem, supported }) => {
  it("has exactly the supported points at full resolution", async () => {
    const front = await solveFront(problem, { resolution: "full" });
    expect(front.totalCost.length).toBe(supported.length);
    supported.forEach(([cost, accuracy], k) => {
      expect(Math.abs(front.totalCost[k] / cost - 1)).toBeLessThanOrEqual(1e-6);
      expect(Math.abs(front.expectedAccuracy[k] / accuracy - 1)).toBeLessThanOrEqual(1e-6);
    });
  });

  it("holds a part of them at buckets resolution", async () => {
    const front = await solveFront(problem, { resolution: "buckets" });
    expect(front.totalCost.length).toBeGreaterThan(supported.length / 10);
    let k = 0;
    front.totalCost.forEach((cost, i) => {
      while (k < supported.length && supported[k][0] < cost * (1 - 1e-9)) k++;
      expect(Math.abs(supported[k][0] / cost - 1)).toBeLessThanOrEqual(1e-9);
      expect(Math.abs(supported[k][1] / front.expectedAccuracy[i] - 1)).toBeLessThanOrEqual(1e-9);
    });
  });
});
