import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { Pool } from "../../src/pool/pool.js";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { allocateAt } from "../../src/solve/allocate.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { evaluate } from "../../src/solve/objective.js";
import { allocationAt, cheapest } from "../oracle.js";
import { problemOf, problems, small } from "../problems.js";

const pool = new Pool({ threads: 2 });
afterAll(() => pool.close());

it("takes the increments worth the price", async () => {
  await fc.assert(
    fc.asyncProperty(
      problems({ queries: 12, models: 5 }),
      fc.double({ min: 1e-3, max: 10, noNaN: true }),
      async (problem, lambda) => {
        const found = evaluate(problem, await allocateAt(problem, lambda));
        const expected = evaluate(problem, Uint8Array.from(allocationAt(small(problem), lambda)));
        // At a price equal to an efficiency, rounding decides: compare what both optimise.
        const queries = problem.cost.length / problem.models.length;
        const value = (at: typeof found) => at.expectedAccuracy * queries - lambda * at.totalCost;
        expect(value(found)).toBeCloseTo(value(expected), 9);
      },
    ),
  );
});

it("gives every query its cheapest model at ∞ and its most probable at 0", async () => {
  const problem = problemOf(
    [
      [1, 2, 3],
      [5, 4, 4],
    ],
    [
      [0.5, 0.75, 0.75],
      [0.25, 0.5, 0.75],
    ],
  );
  expect([...(await allocateAt(problem, Infinity))]).toEqual(cheapest(small(problem)));
  expect([...(await allocateAt(problem, 0))]).toEqual([1, 2]);
});

it.each([1, 4, 5, 17])("takes no dominated and no forbidden model of %i at any price", async (more) => {
  const forbidden = Array.from({ length: more }, () => [Infinity, 1] as const);
  const options = [...forbidden, [1e11, 0.75], [1e-3, 0.75], [1e-4, 0.75], [1e-4, 0.75]] as const;
  const problem = problemOf([options.map(([cost]) => cost)], [options.map(([, p]) => p)]);
  for (const lambda of [0, 5e-324, 1e-31, 1e-30, 1e-15, 1, 1e30, 1e31, 2 ** 150, 2 ** 151, 1e300, Infinity])
    expect([...(await allocateAt(problem, lambda))], String(lambda)).toEqual([more + 2]);
});

it("gives the allocation of a choice at its price, and the same bytes on threads", async () => {
  const problem = simulateProblem({ queries: 300_000, models: 9, seed: 3 });
  const front = await solveFront(problem, { resolution: "buckets" });
  const knee = await choose(front, { knee: true });
  if (knee.status !== "chosen") throw new Error("feasible by construction");
  const found = await allocateAt(problem, knee.lambda);
  expect(Buffer.compare(found, knee.allocation)).toBe(0);
  expect(Buffer.compare(await allocateAt(problem, knee.lambda, { pool }), found)).toBe(0);
});

it("refuses an invalid price and an invalid problem", async () => {
  const problem = problemOf([[1, 2]], [[0.5, 1]]);
  await expect(allocateAt(problem, -1)).rejects.toThrow(/lambda is -1; expected probability per dollar ≥ 0/);
  await expect(allocateAt(problem, NaN)).rejects.toThrow(/lambda is NaN/);
  await expect(allocateAt(problemOf([[1, -2]], [[0.5, 1]]), 1)).rejects.toThrow(
    /cost of query 0, model "model-1" is -2/,
  );
});
