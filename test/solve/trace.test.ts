import fc from "fast-check";
import { expect, it } from "vitest";
import { solveFront } from "../../src/solve/front.js";
import { traceFront, traceBlocks } from "../../src/solve/trace.js";
import { problems } from "../problems.js";

it("separates a trace by block: each block is the trace with the other queries' values set to 0", async () => {
  await fc.assert(
    fc.asyncProperty(
      problems({ queries: 12, models: 4 }),
      fc.integer({ min: 1, max: 4 }),
      async (problem, count) => {
        const models = problem.models.length;
        const front = await solveFront(problem);
        const value = problem.cost.map((c, i) => (c === Infinity ? 0 : (i * 7) % 5));
        const of = Uint32Array.from({ length: front.queries }, (_, q) => (q * 3) % count);
        const points = Uint32Array.from(front.totalCost.keys(), (k) => k).filter(
          (k) => k % 2 === 0 || k === front.totalCost.length - 1,
        );
        const sums = await traceBlocks(front, value, points, { of, count });
        for (let block = 0; block < count; block++) {
          const own = value.map((v, i) => (of[Math.floor(i / models)] === block ? v : 0));
          const traced = await traceFront(front, own);
          points.forEach((k, p) => expect(sums[block * points.length + p]).toBe(traced[k]));
        }
      },
    ),
    { numRuns: 100 },
  );
});
