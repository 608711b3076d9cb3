import { describe, expect, it } from "vitest";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { traceFront } from "../../src/solve/trace.js";
import { simulateProblem } from "../../src/simulate/simulate.js";
import type { Block, BlockSource, Problem } from "../../src/types.js";

/** A source that hands out a problem in blocks of so many rows. */
function inBlocks(problem: Problem, rows: number): BlockSource {
  const models = problem.models.length;
  return {
    models: problem.models,
    async *blocks(): AsyncGenerator<Block> {
      for (let from = 0; from < problem.cost.length / models; from += rows) {
        yield {
          cost: problem.cost.slice(from * models, (from + rows) * models),
          successProbability: problem.successProbability.slice(from * models, (from + rows) * models),
          weight: problem.weight?.slice(from, from + rows),
        };
      }
    },
  };
}

const simulated = simulateProblem({ queries: 5_000, models: 7, seed: 9 });
const weighted = { ...simulated, weight: Float32Array.from({ length: 5_000 }, (_, q) => (q % 4) / 2) };

describe.each([
  ["without weights", simulated],
  ["with weights", weighted],
])("a problem in blocks, %s", (_, problem) => {
  it("has the front of the whole problem", async () => {
    const whole = await solveFront(problem, { resolution: "buckets" });
    const front = await solveFront(inBlocks(problem, 333));
    expect(front.queries).toBe(5_000);
    expect(front.lambda).toEqual(whole.lambda);
    front.totalCost.forEach((cost, k) => expect(Math.abs(cost / whole.totalCost[k] - 1)).toBeLessThan(1e-12));
  });

  it("gives the choices of the whole problem, evaluated to the same bytes", async () => {
    const whole = await solveFront(problem, { resolution: "buckets" });
    const front = await solveFront(inBlocks(problem, 1_234));
    const budget = (whole.totalCost[0] + whole.totalCost[whole.totalCost.length - 1]) / 3;
    for (const target of [{ budget }, { accuracy: 0.75 }, { knee: true }, { matchBest: true }] as const) {
      const options = { refine: false };
      expect(await choose(front, target, options)).toEqual(await choose(whole, target, options));
    }
  });

  it("is refined too, within the budget", async () => {
    const front = await solveFront(inBlocks(problem, 1_000));
    const budget = front.totalCost[0] * 2;
    const plain = await choose(front, { budget }, { refine: false });
    const refined = await choose(front, { budget });
    if (plain.status !== "chosen" || refined.status !== "chosen") throw new Error("feasible by construction");
    expect(refined.totalCost).toBeLessThanOrEqual(budget);
    expect(refined.expectedAccuracy).toBeGreaterThanOrEqual(plain.expectedAccuracy);
    expect(refined.gap).toBeLessThan(1e-5);
  });
});

describe("a source of blocks", () => {
  it("names the row of a wrong value in the whole input", async () => {
    const wrong = { ...simulated, cost: simulated.cost.slice() };
    wrong.cost[4_000 * 7 + 3] = NaN;
    await expect(solveFront(inBlocks(wrong, 300))).rejects.toThrow(
      /cost of query 4000, model "model-04" is NaN/,
    );
  });

  it("must have rows of the right shape", async () => {
    await expect(solveFront({ models: ["a"], blocks: () => [] })).rejects.toThrow(/no rows/);
    const ragged = { cost: new Float32Array(3), successProbability: new Float32Array(3) };
    await expect(solveFront({ models: ["a", "b"], blocks: () => [ragged] })).rejects.toThrow(
      /not a multiple of 2/,
    );
  });

  it("refuses what needs the whole problem in memory", async () => {
    const source = inBlocks(simulated, 1_000);
    await expect(solveFront(source, { resolution: "full" })).rejects.toThrow(/needs the problem in memory/);
    const front = await solveFront(source);
    await expect(traceFront(front, simulated.cost)).rejects.toThrow(/needs the problem in memory/);
  });

  it("can be stopped between blocks", async () => {
    const controller = new AbortController();
    const source: BlockSource = {
      models: ["a"],
      *blocks() {
        for (let k = 0; ; k++) {
          if (k === 5) controller.abort(new Error("enough"));
          yield { cost: Float32Array.of(1), successProbability: Float32Array.of(1) };
        }
      },
    };
    await expect(solveFront(source, { signal: controller.signal })).rejects.toThrow("enough");
  });
});
