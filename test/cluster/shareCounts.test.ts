import fc from "fast-check";
import { expect, it } from "vitest";
import { ShareCounts } from "../../src/cluster/shareCounts.js";
import { bracketAll, solveFront } from "../../src/solve/front.js";
import { countShares } from "../../src/solve/trace.js";
import { problems } from "../problems.js";

it("counts, part by part, what a search of the prices for each increment counts, at any points", async () => {
  await fc.assert(
    fc.asyncProperty(problems({ queries: 12, models: 5 }), fc.integer(), async (problem, pick) => {
      const unweighted = { ...problem, weight: undefined };
      const front = await solveFront(unweighted, { resolution: "buckets" });
      const points = Uint32Array.from(front.lambda.keys()).filter((k) => (pick >> (k % 31)) & 1);
      const lambda = Float64Array.from(points, (k) => front.lambda[k]);
      const width = problem.models.length;
      const counts = new ShareCounts(lambda, width);
      const { allocation, steps } = await bracketAll(unweighted, Infinity, 0, {});
      // The increments are one part, the cheapest models another.
      const other = new ShareCounts(lambda, width);
      counts.add(allocation, []);
      other.add(new Uint8Array(0), [steps]);
      counts.join(other.changes);
      expect(counts.totals()).toEqual(await countShares(front, points));
    }),
    { numRuns: 300 },
  );
});
