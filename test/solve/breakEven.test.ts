import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocateAt } from "../../src/solve/allocate.js";
import { breakEvens } from "../../src/solve/breakEven.js";
import { changeProblem } from "../../src/plan/whatIf.js";
import { solveFront } from "../../src/solve/front.js";
import { problemOf, problems } from "../problems.js";

describe("break-even prices", () => {
  // At λ = 0.1 the scores are 0.4 and 0.6, at λ = 0.25 they are 0.25 and 0.15.
  const one = problemOf([[1, 3]], [[0.5, 0.9]]);

  it("are the multiple of its costs at which a model's score meets the best of the others, by hand", async () => {
    const [cheap, good] = await breakEvens(one, 0.1);
    expect(cheap).toEqual({ model: "model-0", costFactor: 0, shareAtHalf: 0, shareAtDouble: 0 });
    expect(good.costFactor).toBeCloseTo(0.5 / 0.3, 6);
    expect([good.shareAtHalf, good.shareAtDouble]).toEqual([1, 0]);
    const [first, second] = await breakEvens(one, 0.25);
    expect(first.costFactor).toBeCloseTo((0.5 - 0.15) / 0.25, 6);
    expect(second.costFactor).toBeCloseTo((0.9 - 0.25) / 0.75, 6);
  });

  it("compare costs alone at the cheapest allocation", async () => {
    const factors = await breakEvens(problemOf([[1, 4, 8]], [[0.5, 0.9, 1]]), Infinity);
    expect(factors.map(({ costFactor }) => costFactor)).toEqual([4, 0.25, 0.125]);
  });

  it("are infinite for a free model that is best and for the only one that may answer", async () => {
    const factors = await breakEvens(problemOf([[0, 1, Infinity]], [[1, 0.5, 1]]), 1);
    expect(factors.map(({ costFactor }) => costFactor)).toEqual([Infinity, 0, 0]);
    const [only] = await breakEvens(problemOf([[5, Infinity]], [[0, 1]]), 1);
    expect(only.costFactor).toBe(Infinity);
  });

  it("count shares by weight", async () => {
    const weighted = {
      ...problemOf(
        [
          [1, 3],
          [1, 3],
        ],
        [
          [0.5, 0.9],
          [0.5, 0.5],
        ],
      ),
      weight: Float32Array.of(3, 1),
    };
    const [, good] = await breakEvens(weighted, 0.1);
    expect([good.shareAtHalf, good.shareAtDouble]).toEqual([0.75, 0]);
  });

  it("predict when a model answers if the problem is solved again at the scaled cost", async () => {
    await fc.assert(
      fc.asyncProperty(problems({ queries: 8, models: 4 }), fc.nat(100), async (problem, draw) => {
        const { lambda } = await solveFront(problem);
        const price = lambda[1 + (draw % Math.max(1, lambda.length - 1))];
        if (price === undefined) return;
        for (const { model, costFactor } of await breakEvens(problem, price)) {
          const used = async (factor: number) => {
            const scaled = changeProblem(problem, { scaleCost: [[model, factor]] });
            return (await allocateAt(scaled, price)).includes(problem.models.indexOf(model));
          };
          if (costFactor > 0 && costFactor < Infinity) {
            expect(await used(costFactor * 0.999)).toBe(true);
            expect(await used(costFactor * 1.001)).toBe(false);
          } else if (costFactor === 0) expect(await used(0.001)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});
