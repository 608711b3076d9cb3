import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { Pool } from "../../src/pool/pool.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront, type Front } from "../../src/solve/front.js";
import { hypervolume } from "../../src/solve/metrics/indicator.js";
import { countShares, traceFront } from "../../src/solve/trace.js";
import {
  allocationAt,
  cheapest,
  evaluateSlowly,
  nondominatedSlowly,
  sweepSlowly,
  type Point,
  type Small,
} from "../oracle.js";
import { constrained, golden, problemOf, problems, small } from "../problems.js";

const algorithm = "optllm" as const;
const limits = { queries: 12, models: 5 };
const gridNumbers = fc.integer({ min: 1, max: 12 });

const setOf = ({ totalCost, expectedAccuracy }: Front) => ({ cost: totalCost, accuracy: expectedAccuracy });

describe.each(golden("front-"))("$name", ({ problem, optllm }) => {
  it("has the points that the published algorithm returns, and no others", async () => {
    const { gridNumber, points } = optllm!;
    const front = await solveFront(problem, { algorithm, gridNumber });
    expect(front.totalCost.length).toBe(points.length);
    points.forEach(([cost, accuracy], k) => {
      expect(Math.abs(front.totalCost[k] / cost - 1)).toBeLessThanOrEqual(1e-6);
      expect(Math.abs(front.expectedAccuracy[k] / accuracy - 1)).toBeLessThanOrEqual(1e-6);
    });
  });

  it("has points of the exact front only, which dominates no less", async () => {
    const exact = await solveFront(problem, { resolution: "full" });
    const front = await solveFront(problem, { algorithm });
    const reference = { cost: exact.totalCost[exact.totalCost.length - 1] * 1.1, accuracy: 0 };
    expect(hypervolume(setOf(exact), reference)).toBeGreaterThanOrEqual(hypervolume(setOf(front), reference));
    front.lambda.forEach((lambda, k) => {
      const same = exact.lambda.indexOf(lambda);
      expect([exact.totalCost[same], exact.expectedAccuracy[same]]).toEqual([
        front.totalCost[k],
        front.expectedAccuracy[k],
      ]);
    });
  });
});

describe("the optllm front", () => {
  const keptSlowly = (table: Small, gridNumber: number): Point[] => {
    const states = [...sweepSlowly(table, gridNumber, "up"), ...sweepSlowly(table, gridNumber, "down")].map(
      ({ allocation, price, isSplit }) => (isSplit ? allocationAt(table, price) : allocation),
    );
    const kept = [cheapest(table), allocationAt(table, 0), ...states].map((allocation) =>
      evaluateSlowly(table, allocation),
    );
    return nondominatedSlowly(kept).sort((a, b) => a.cost - b.cost);
  };
  const expectPoints = (front: Front, kept: readonly Point[], gridNumber: number) => {
    expect(front.algorithm).toBe("optllm");
    expect(front.totalCost.length).toBe(kept.length);
    expect(kept.length).toBeLessThanOrEqual(2 * gridNumber);
    kept.forEach(({ cost, accuracy }, k) => {
      expect(front.totalCost[k]).toBeCloseTo(cost, 9);
      expect(front.expectedAccuracy[k]).toBeCloseTo(accuracy, 9);
    });
  };

  it("has those points of the published loop that a price identifies", async () => {
    await fc.assert(
      fc.asyncProperty(problems(limits), gridNumbers, async (problem, gridNumber) => {
        const front = await solveFront(problem, { algorithm, gridNumber });
        expectPoints(front, keptSlowly(small(problem), gridNumber), gridNumber);
      }),
    );
  });

  it("does the same with weights, masks and minimum probabilities", async () => {
    await fc.assert(
      fc.asyncProperty(constrained(limits), gridNumbers, async ({ full, plain, isFeasible }, gridNumber) => {
        fc.pre(isFeasible);
        const front = await solveFront(full, { algorithm, gridNumber });
        expectPoints(front, keptSlowly(small(plain), gridNumber), gridNumber);
      }),
    );
  });

  it("lies on the exact front to the byte, with falling prices, and dominates no more than it", async () => {
    await fc.assert(
      fc.asyncProperty(problems({ queries: 25, models: 6 }), gridNumbers, async (problem, gridNumber) => {
        const exact = await solveFront(problem, { resolution: "full" });
        const front = await solveFront(problem, { algorithm, gridNumber });
        const last = exact.totalCost.length - 1;
        expect(front.lambda[0]).toBe(Infinity);
        front.lambda.forEach((lambda, k) => {
          const same = exact.lambda.indexOf(lambda);
          expect(front.totalCost[k]).toBe(exact.totalCost[same]);
          expect(front.expectedAccuracy[k]).toBe(exact.expectedAccuracy[same]);
          if (k > 0) expect(lambda).toBeLessThan(front.lambda[k - 1]);
        });
        expect(front.lambda[front.lambda.length - 1]).toBe(exact.lambda[last]);
        const reference = { cost: exact.totalCost[last] + 1, accuracy: -0.1 };
        expect(hypervolume(setOf(exact), reference)).toBeGreaterThanOrEqual(
          hypervolume(setOf(front), reference),
        );
      }),
    );
  });

  it("leads to the same choices as the exact front", async () => {
    await fc.assert(
      fc.asyncProperty(
        problems({ queries: 20, models: 5 }),
        gridNumbers,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (problem, gridNumber, t) => {
          const exact = await solveFront(problem, { resolution: "full" });
          const front = await solveFront(problem, { algorithm, gridNumber });
          const last = exact.totalCost.length - 1;
          const budget = exact.totalCost[0] + t * (exact.totalCost[last] - exact.totalCost[0]);
          for (const target of [{ budget }, { accuracy: t }, { knee: true as const }]) {
            expect(await choose(front, target)).toEqual(await choose(exact, target));
          }
        },
      ),
    );
  });

  it("traces any matrix and counts shares at its points", async () => {
    await fc.assert(
      fc.asyncProperty(problems(limits), gridNumbers, async (problem, gridNumber) => {
        const models = problem.models.length;
        const outcome = problem.cost.map((_, i) => ((i * 7) % 3 === 0 ? 1 : 0));
        const front = await solveFront(problem, { algorithm, gridNumber });
        const sums = await traceFront(front, outcome);
        const shares = await countShares(
          front,
          Uint32Array.from(front.lambda, (_, k) => k),
        );
        front.lambda.forEach((lambda, k) => {
          const allocation = allocationAt(small(problem), lambda);
          expect(sums[k]).toBe(allocation.reduce((sum, m, q) => sum + outcome[q * models + m], 0));
          const counts = problem.models.map((_, m) => allocation.filter((chosen) => chosen === m).length);
          expect([...shares.slice(k * models, (k + 1) * models)]).toEqual(counts);
        });
      }),
    );
  });

  it("has only the two ends at grid number 1, and one point if there is no choice", async () => {
    const problem = problemOf(
      [
        [1, 2, 4],
        [1, 3, 8],
      ],
      [
        [0.25, 0.5, 0.75],
        [0.125, 0.5, 0.625],
      ],
    );
    const ends = await solveFront(problem, { algorithm, gridNumber: 1 });
    expect([...ends.totalCost]).toEqual([2, 12]);
    const single = await solveFront(problemOf([[1], [2]], [[0.5], [0.5]]), { algorithm });
    expect([...single.totalCost]).toEqual([3]);
    expect([...single.lambda]).toEqual([Infinity]);
  });

  it("has the same bytes on threads, and takes a grid number of 50 when none is given", async () => {
    const problem = simulateProblem({ queries: 5000, models: 5, seed: 1 });
    const pool = new Pool({ threads: 2 });
    const threaded = await solveFront(problem, { algorithm, gridNumber: 50, pool });
    await pool.close();
    const front = await solveFront(problem, { algorithm });
    expect(front.lambda.length).toBeGreaterThan(80);
    expect([threaded.totalCost, threaded.expectedAccuracy, threaded.lambda]).toEqual([
      front.totalCost,
      front.expectedAccuracy,
      front.lambda,
    ]);
  });

  it("is the same for a problem in blocks", async () => {
    const problem = simulateProblem({ queries: 500, models: 4, seed: 2 });
    const part = (matrix: Float32Array, from: number) => matrix.slice(from * 4, (from + 130) * 4);
    const source = {
      models: problem.models,
      async *blocks() {
        for (let q = 0; q < 500; q += 130) {
          yield { cost: part(problem.cost, q), successProbability: part(problem.successProbability, q) };
        }
      },
    };
    const whole = await solveFront(problem, { algorithm, gridNumber: 20 });
    const front = await solveFront(source, { algorithm, gridNumber: 20 });
    expect(front.lambda).toEqual(whole.lambda);
    front.totalCost.forEach((cost, k) => expect(Math.abs(cost / whole.totalCost[k] - 1)).toBeLessThan(1e-12));
  });

  it("reports progress and stops between two steps when its signal fires", async () => {
    const problem = simulateProblem({ queries: 200, models: 4, seed: 1 });
    const reason = new Error("enough");
    const abort = new AbortController();
    const told: string[] = [];
    const work = solveFront(problem, {
      algorithm,
      signal: abort.signal,
      onProgress: ({ phase, done, total }) => {
        told.push(`${phase} ${done}/${total}`);
        if (phase === "sweeping down" && done === 3) abort.abort(reason);
      },
    });
    await expect(work).rejects.toBe(reason);
    expect(told).toContain("sweeping up 49/49");
    expect(told.slice(-3)).toEqual(["sweeping down 1/49", "sweeping down 2/49", "sweeping down 3/49"]);
  });

  it.each([
    [{ algorithm: "greedy" }, /algorithm is "greedy"; expected exact or optllm/],
    [{ algorithm, gridNumber: 0 }, /gridNumber is 0; expected a whole number ≥ 1/],
    [{ algorithm, gridNumber: 2.5 }, /gridNumber is 2\.5; expected a whole number ≥ 1/],
    [{ gridNumber: NaN }, /gridNumber is NaN/],
    [{ algorithm, resolution: "buckets" }, /resolution is "buckets"; expected auto or full/],
  ])("refuses the options %j", async (options, message) => {
    const work = solveFront(problemOf([[1, 2]], [[0.25, 0.5]]), options as never);
    await expect(work).rejects.toThrow(message);
  });
});
