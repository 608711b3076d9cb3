import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { Pool } from "../../src/pool/pool.js";
import { solveFront } from "../../src/solve/front.js";
import { evaluate, evaluateAll } from "../../src/solve/objective.js";
import { isAllowed, matricesOf } from "../../src/solve/problem.js";
import { pick, searchFront, type SearchedFront } from "../../src/solve/search.js";
import { supportedAllocations } from "../../src/solve/supported.js";
import type { Problem } from "../../src/types.js";
import { enumerate, nondominatedSlowly } from "../oracle.js";
import { processorMs } from "../processor.js";
import { constrained, golden, problemOf, problems, small } from "../problems.js";
import { runs } from "../runs.js";

const tiny = golden("tiny-");
const exactly = { stepLimit: 0 };
const searching = { exactStates: 0, stepLimit: 2000, restarts: 2 };

function pairs({ totalCost, expectedAccuracy }: SearchedFront): [number, number][] {
  return Array.from(totalCost, (cost, k) => [cost, expectedAccuracy[k]]);
}

/** All nondominated points by enumeration, by rising cost. */
function allPoints(problem: Problem): [number, number][] {
  return nondominatedSlowly(enumerate(small(problem)))
    .map(({ cost, accuracy }): [number, number] => [cost, accuracy])
    .sort((a, b) => a[0] - b[0]);
}

function expectSound(problem: Problem, searched: SearchedFront): void {
  const mayAnswer = isAllowed(matricesOf(problem));
  pairs(searched).forEach(([cost, accuracy], k) => {
    const allocation = searched.allocationAt(k);
    expect(evaluate(problem, allocation)).toEqual({ totalCost: cost, expectedAccuracy: accuracy });
    allocation.forEach((model, q) => expect(mayAnswer(q, model)).toBe(true));
    if (k === 0) return;
    expect(cost).toBeGreaterThan(searched.totalCost[k - 1]);
    expect(accuracy).toBeGreaterThan(searched.expectedAccuracy[k - 1]);
  });
}

/** The vertices are those of the front, to the rounding of running sums. */
async function expectSupported(problem: Problem, searched: SearchedFront): Promise<void> {
  const front = await solveFront(problem, { resolution: "full" });
  const vertices = pairs(searched).filter((_, k) => searched.isSupported[k] === 1);
  expect(vertices.length).toBe(front.totalCost.length);
  vertices.forEach(([cost, accuracy], k) => {
    expect(Math.abs(cost - front.totalCost[k])).toBeLessThanOrEqual(1e-9 * cost);
    expect(Math.abs(accuracy - front.expectedAccuracy[k])).toBeLessThanOrEqual(1e-9);
  });
  const lambda = searched.lambda.filter((_, k) => searched.isSupported[k] === 1);
  expect([...lambda]).toEqual([...front.lambda]);
  searched.lambda.forEach((price, k) => expect(Number.isNaN(price)).toBe(searched.isSupported[k] === 0));
}

describe.each(tiny)("$name, every allocation enumerated", ({ problem, nondominated }) => {
  it.each([
    ["exactly", {}],
    ["by search alone", { exactStates: 0, stepLimit: 8000 }],
  ])("has every nondominated point, %s", async (_, options) => {
    const searched = await searchFront(problem, options);
    expect(pairs(searched)).toEqual(nondominated);
    expectSound(problem, searched);
    await expectSupported(problem, searched);
    if (!("exactStates" in options)) expect(searched.isComplete).toBe(true);
  });
});

describe("all nondominated points", () => {
  it("are found exactly, whatever ties, zero costs and forbidden models there are", async () => {
    await fc.assert(
      fc.asyncProperty(problems({ queries: 6, models: 4 }), async (problem) => {
        const searched = await searchFront(problem, exactly);
        expect(pairs(searched)).toEqual(allPoints(problem));
        expect(searched.isComplete).toBe(true);
        expectSound(problem, searched);
        await expectSupported(problem, searched);
      }),
      { numRuns: runs(100, 0.4) },
    );
  });

  it("are found by search alone", async () => {
    await fc.assert(
      fc.asyncProperty(problems({ queries: 6, models: 4 }), async (problem) => {
        const searched = await searchFront(problem, searching);
        expect(pairs(searched)).toEqual(allPoints(problem));
        expectSound(problem, searched);
        await expectSupported(problem, searched);
      }),
      { numRuns: runs(100, 0.4) },
    );
  });

  it("are those of the problem with weights, masks and minimum probabilities", async () => {
    await fc.assert(
      fc.asyncProperty(constrained({ queries: 5, models: 4 }), async ({ full, plain, isFeasible }) => {
        for (const options of [exactly, searching]) {
          const run = searchFront(full, options);
          if (!isFeasible) {
            await expect(run).rejects.toThrow(/no model may answer query/);
            continue;
          }
          const searched = await run;
          expect(pairs(searched)).toEqual(allPoints(plain));
          expectSound(full, searched);
        }
      }),
      { numRuns: runs(50, 0.4) },
    );
  });

  it("of a larger problem: search alone finds what the exact method proves", async () => {
    const problem = simulateProblem({ queries: 20, models: 6, seed: 3 });
    const exact = await searchFront(problem, exactly);
    expect(exact).toMatchObject({ isComplete: true, steps: 0 });
    expectSound(problem, exact);
    const searched = await searchFront(problem, { exactStates: 0, stepLimit: 8000 });
    expect(searched.isComplete).toBe(false);
    expect(searched.steps).toBe(8 * 8000);
    expect(pairs(searched)).toEqual(pairs(exact));
  });
});

describe("a search", () => {
  const problem = simulateProblem({ queries: 60, models: 5, seed: 7 });
  const pools = [1, 4].map((threads) => new Pool({ threads }));
  afterAll(() => Promise.all(pools.map((pool) => pool.close())));

  it("gives the same bytes on 1 and 4 threads as inline, with a step limit", async () => {
    for (const exactStates of [0, 8_000_000]) {
      const options = { exactStates, stepLimit: 500, seed: 5 };
      const inline = await searchFront(problem, options);
      for (const pool of pools) {
        const pooled = await searchFront(problem, { ...options, pool });
        expect(pairs(pooled)).toEqual(pairs(inline));
        expect(pooled.hypervolumeGain).toBe(inline.hypervolumeGain);
        pooled.totalCost.forEach((_, k) =>
          expect(Buffer.compare(pooled.allocationAt(k), inline.allocationAt(k))).toBe(0),
        );
      }
    }
  });

  it("depends on the seed", async () => {
    const run = (seed: number) => searchFront(problem, { exactStates: 0, stepLimit: 20, seed });
    expect(pairs(await run(1))).not.toEqual(pairs(await run(2)));
  });

  it.each(["inline", "on threads"])(
    "%s stops within 100 ms of processor time when the signal fires, and works afterwards",
    async (where) => {
      const pool = where === "inline" ? undefined : pools[1];
      const large = simulateProblem({ queries: 2000, models: 6, seed: 1 });
      for (const options of [{ exactStates: 0 }, { exactStates: 2 ** 24 }]) {
        const reason = new Error("enough");
        const controller = new AbortController();
        let firedAt = 0;
        setTimeout(() => {
          firedAt = processorMs();
          controller.abort(reason);
        }, 700);
        const run = searchFront(large, { ...options, timeLimitMs: 60_000, signal: controller.signal, pool });
        await expect(run).rejects.toBe(reason);
        expect(processorMs() - firedAt).toBeLessThan(100);
        const after = await searchFront(problem, { stepLimit: 1, pool });
        expect(after.isComplete).toBe(true);
      }
    },
  );

  it("does not start if the signal has fired", async () => {
    const signal = AbortSignal.abort(new Error("no"));
    await expect(searchFront(problem, { signal })).rejects.toThrow("no");
  });

  it("keeps its time limit, and every supported point", async () => {
    const large = simulateProblem({ queries: 1000, models: 6, seed: 2 });
    let gain = 0;
    // In half a second a busy machine may find nothing.
    for (let timeLimitMs = 500; gain === 0 && timeLimitMs < 60_000; timeLimitMs *= 5) {
      const began = processorMs();
      const searched = await searchFront(large, { timeLimitMs });
      expect(processorMs() - began).toBeLessThan(timeLimitMs + 1500);
      expect(searched.isComplete).toBe(false);
      gain = searched.hypervolumeGain;
      await expectSupported(large, searched);
    }
    expect(gain).toBeGreaterThan(0);
  });

  it("holds no more points than asked, well spread, and is then not complete", async () => {
    const all = await searchFront(problem, exactly);
    for (const options of [
      { ...exactly, maxPoints: 500 },
      { exactStates: 0, stepLimit: 1000, maxPoints: 500 },
    ]) {
      const some = await searchFront(problem, options);
      expect(some.isComplete).toBe(false);
      expect(some.totalCost.length).toBeLessThanOrEqual(500);
      expect(some.totalCost.length).toBeGreaterThan(300);
      expect(some.hypervolumeGain).toBeGreaterThan(0.5 * all.hypervolumeGain);
      expectSound(problem, some);
      await expectSupported(problem, some);
    }
  });

  it("keeps more supported points than asked", async () => {
    const searched = await searchFront(problem, { maxPoints: 2, exactStates: 0, stepLimit: 10 });
    expect([...new Set(searched.isSupported)]).toEqual([1]);
    await expectSupported(problem, searched);
  });

  it("does not write to the problem", async () => {
    const before = { cost: problem.cost.slice(), successProbability: problem.successProbability.slice() };
    await searchFront(problem, { exactStates: 0, stepLimit: 10 });
    expect(problem.cost).toEqual(before.cost);
    expect(problem.successProbability).toEqual(before.successProbability);
  });

  it("takes one query, one model and 255 models", async () => {
    const one = await searchFront(problemOf([[2]], [[0.5]]), { exactStates: 0 });
    expect(one).toMatchObject({ isComplete: true, hypervolumeGain: 0 });
    expect(pairs(one)).toEqual([[2, 0.5]]);
    const wide = simulateProblem({ queries: 3, models: 255, seed: 1 });
    const exact = await searchFront(wide, exactly);
    expect(pairs(await searchFront(wide, { exactStates: 0, stepLimit: 8000 }))).toEqual(pairs(exact));
  });

  it.each([
    [{ seed: 0.5 }, /seed is 0.5; expected a whole number/],
    [{ restarts: 0 }, /restarts is 0; expected a whole number from 1 to 256/],
    [{ stepLimit: -1 }, /stepLimit is -1/],
    [{ timeLimitMs: NaN }, /timeLimitMs is NaN; expected milliseconds above 0/],
    [{ timeLimitMs: Infinity }, /timeLimitMs is Infinity; expected a finite time or step limit/],
    [{ exactStates: -1 }, /exactStates is -1/],
    [{ maxPoints: 1 }, /maxPoints is 1; expected a whole number from 2 to/],
  ])("refuses %j", async (options, message) => {
    await expect(searchFront(problem, options)).rejects.toThrow(message);
  });

  it("refuses many queries and a streamed problem", async () => {
    await expect(searchFront(simulateProblem({ queries: 2049, models: 2, seed: 1 }))).rejects.toThrow(
      /2049 queries are too many to search; expected at most 2048/,
    );
    await expect(searchFront({ models: ["a"], blocks: () => [] })).rejects.toThrow(
      /needs the problem in memory/,
    );
  });

  it("refuses a point that it does not have", async () => {
    const searched = await searchFront(problem, { stepLimit: 0 });
    expect(() => searched.allocationAt(-1)).toThrow(/point is -1; expected a whole number below/);
  });
});

describe("pick", () => {
  const front = { totalCost: Float64Array.of(1, 2, 4), expectedAccuracy: Float64Array.of(0.25, 0.5, 0.75) };

  it.each([
    [{ budget: 0.5 }, undefined],
    [{ budget: 1 }, 0],
    [{ budget: 3 }, 1],
    [{ budget: 9 }, 2],
    [{ accuracy: 0 }, 0],
    [{ accuracy: 0.5 }, 1],
    [{ accuracy: 0.6 }, 2],
    [{ accuracy: 0.8 }, undefined],
  ])("meets %j", (target, point) => {
    expect(pick(front, target)).toBe(point);
  });
});

it("evaluates many allocations as one by one, to the bit", async () => {
  await fc.assert(
    fc.asyncProperty(constrained({ queries: 8, models: 4 }), async ({ full, isFeasible }) => {
      fc.pre(isFeasible);
      const { allocations } = await supportedAllocations(full, {});
      const queries = full.weight!.length;
      evaluateAll(full, allocations).forEach((objective, k) =>
        expect(objective).toEqual(evaluate(full, allocations.slice(k * queries, (k + 1) * queries))),
      );
    }),
  );
});
