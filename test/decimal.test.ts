import { describe, expect, it } from "vitest";
import { placesOf, tidy } from "../src/decimal.js";
import { billOf } from "../src/prices/bill.js";
import { leastAbove } from "../src/solve/exact/total.js";
import { hypervolume } from "../src/solve/metrics/indicator.js";
import { choose } from "../src/solve/choose.js";
import { solveFront } from "../src/solve/front.js";
import type { Block } from "../src/types.js";

describe("decimals", () => {
  it.each([
    [0, 0],
    [0.1, 1],
    [0.25, 2],
    [1e-7, 7],
    [5e-12, 12],
    [0.1 + 0.2, -1],
    [1 / 3, -1],
    [Infinity, -1],
  ])("%s has %s places", (value, places) => expect(placesOf(value)).toBe(places));

  it("tidies what float64 products leave", () => {
    expect(3 * 0.1).not.toBe(0.3);
    expect(tidy(3 * 0.1)).toBe(0.3);
    expect(tidy(0.0030849999999999996)).toBe(0.003085);
    expect(tidy(1 / 3)).toBe(1 / 3);
  });

  it("rounds a sum of too many digits up, never down", () => {
    const third = leastAbove(1n, 3n);
    expect([third - 2 ** -54 <= 1 / 3, third >= 1 / 3]).toEqual([true, true]);
    expect(leastAbove(10n ** 17n + 1n, 10n ** 17n)).toBeGreaterThan(1);
    expect(leastAbove(3n, 10n)).toBe(0.3);
  });

  it("bills decimals", () => {
    const price = {
      ...{ model: "m", asOf: "2026-01-01", source: "test", tiers: [], aliases: [] },
      ...{ input: 0.15, output: 0.6, batch: { input: 0.5, output: 0.5 } },
    };
    for (let tokens = 1; tokens < 400; tokens++) {
      const { total } = billOf(price, { input: 7 * tokens, output: tokens });
      expect(total).toBe(Number(`${105 * tokens + 60 * tokens}e-8`));
    }
  });
});

describe("indicators", () => {
  it.each([[{ cost: [1, 2], accuracy: [0.5, 0.6] }], [[{ cost: 1, accuracy: 0.5 }]], [undefined]])(
    "refuse plain arrays by name: %j",
    (points) => {
      expect(() => hypervolume(points as never, { cost: 3, accuracy: 0 })).toThrow(
        /cost of points is not a Float64Array/,
      );
    },
  );
});

describe("streams", () => {
  const costs = Float64Array.from({ length: 400 }, (_, i) => ((i * 7919) % 1000) / 1e4);
  const chances = Float32Array.from({ length: 400 }, (_, i) => ((i * 104_729) % 997) / 997);
  const weight = Float32Array.from({ length: 200 }, (_, i) => (i % 7) / 3);
  const problem = { models: ["a", "b"], cost: costs, successProbability: chances, weight };
  const source = (size: number) => ({
    models: ["a", "b"],
    *blocks(): Generator<Block> {
      for (let q = 0; q < 200; q += size) {
        yield { cost: new Float64Array(0), successProbability: new Float32Array(0) };
        yield {
          cost: costs.slice(2 * q, 2 * (q + size)),
          successProbability: chances.slice(2 * q, 2 * (q + size)),
          weight: weight.slice(q, q + size),
        };
      }
    },
  });

  it.each([1, 3, 64, 200])(
    "have the bytes of the problem in memory, in blocks of %s, blank ones among them",
    async (size) => {
      const memory = await solveFront(problem, { resolution: "buckets" });
      const stream = await solveFront(source(size));
      expect(stream.totalCost).toEqual(memory.totalCost);
      expect(stream.expectedAccuracy).toEqual(memory.expectedAccuracy);
      const budget = (memory.totalCost[0] + memory.totalCost.at(-1)!) / 2;
      const [one, other] = [await choose(memory, { budget }), await choose(stream, { budget })];
      if (one.status !== "chosen" || other.status !== "chosen") throw new Error("infeasible");
      expect(other.totalCost).toBeLessThanOrEqual(budget);
      expect(other.shares.a + other.shares.b).toBeCloseTo(1, 12);
    },
  );

  it("takes a target whose other keys are undefined, and shares by weight", async () => {
    const front = await solveFront({
      models: ["a", "b"],
      cost: Float32Array.of(1, 5, 9, 2),
      successProbability: Float32Array.of(0.9, 0.1, 0.1, 0.9),
      weight: Float32Array.of(0.5, 1.5),
    });
    const choice = await choose(front, { budget: undefined, accuracy: 0.5 } as never);
    expect(choice).toMatchObject({ status: "chosen", shares: { a: 0.25, b: 0.75 } });
  });
});
