import { describe, expect, it } from "vitest";
import { BASELINES, checkBaselines, runBaseline, type Baseline } from "../../paper/baselines/index.js";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { InputError } from "../../src/errors.js";
import { solveFront } from "../../src/solve/front.js";
import { normalisedHypervolume } from "../../src/solve/metrics/indicator.js";
import { evaluate } from "../../src/solve/objective.js";
import { idealNadir } from "../../src/solve/metrics/pointSet.js";
import type { Problem } from "../../src/types.js";
import { golden } from "../problems.js";

const run = (name: Baseline, problem: Problem, options: Partial<Parameters<typeof runBaseline>[2]> = {}) =>
  runBaseline(
    name,
    { ...problem, models: problem.models.length, cost: Float32Array.from(problem.cost) },
    { seed: 1, ...options },
  );
const tiny = golden("tiny-");
const medium = simulateProblem({ queries: 60, models: 5, seed: 2 });

/** Least share of the nondominated points of tiny problems that each finds. */
const SHARE_FOUND: Record<Baseline, number> = {
  nsga2: 0.98,
  rnsga2: 0.98,
  "sms-emoa": 0.98,
  moead: 0.85,
  "moead-gen": 0.95,
  mopso: 0.65,
};

/** Least share of the exact front's hypervolume that each covers; R-NSGA-II clears what is not near an extreme. */
const SHARE_COVERED: Record<Baseline, number> = {
  nsga2: 0.95,
  rnsga2: 0.55,
  "sms-emoa": 0.88,
  moead: 0.93,
  "moead-gen": 0.96,
  mopso: 0.87,
};

/** Of 60 queries: the hypervolume of a baseline as a share of the exact front's. */
async function shareOfFront(name: Baseline, isSeeded: boolean): Promise<number> {
  const front = await solveFront(medium, { resolution: "full" });
  const exact = { cost: front.totalCost, accuracy: front.expectedAccuracy };
  const bounds = idealNadir(exact);
  const found = await run(name, medium, { isSeeded });
  return normalisedHypervolume(found, bounds) / normalisedHypervolume(exact, bounds);
}

describe.each(BASELINES)("%s", (name) => {
  it("finds only points that exist, most nondominated ones of tiny problems, and both ends", async () => {
    let found = 0;
    let existing = 0;
    for (const { problem, nondominated } of tiny) {
      const front = await run(name, problem);
      const known = nondominated!;
      const at = Array.from(front.cost, (cost, k) =>
        known.findIndex(([c, a]) => Math.abs(c - cost) < 1e-9 && Math.abs(a - front.accuracy[k]) < 1e-9),
      );
      existing += known.length;
      found += at.filter((k) => k >= 0).length;
      expect([at[0], at.at(-1)]).toEqual([0, known.length - 1]);
    }
    expect(found / existing).toBeGreaterThan(SHARE_FOUND[name]);
  });

  it("covers much of the exact front of 60 queries from seeded extremes", async () => {
    expect(await shareOfFront(name, true)).toBeGreaterThan(SHARE_COVERED[name]);
  });

  it("returns what its allocations are worth, rising in both objectives, and keeps the seeded extremes", async () => {
    const front = await run(name, medium, { generations: 15 });
    const exact = await solveFront(medium, { resolution: "full" });
    const queries = exact.queries;
    front.cost.forEach((cost, k) => {
      const genes = front.genes.subarray(k * queries, (k + 1) * queries);
      expect(evaluate(medium, genes)).toEqual({ totalCost: cost, expectedAccuracy: front.accuracy[k] });
      if (k > 0) {
        expect(cost).toBeGreaterThan(front.cost[k - 1]);
        expect(front.accuracy[k]).toBeGreaterThan(front.accuracy[k - 1]);
      }
    });
    expect(front.cost[0]).toBeCloseTo(exact.totalCost[0], 9);
    expect(front.accuracy.at(-1)).toBeCloseTo(exact.expectedAccuracy.at(-1)!, 9);
  });

  it("gives the same bytes for the same seed and others for another", async () => {
    const options = { generations: 10, population: 21 };
    const first = await run(name, medium, options);
    expect(await run(name, medium, options)).toEqual(first);
    expect((await run(name, medium, { ...options, seed: 2 })).genes).not.toEqual(first.genes);
    expect((await run(name, medium, { ...options, isSeeded: false })).genes).not.toEqual(first.genes);
  });

  it("never gives a query to a model that must not answer it", async () => {
    const models = medium.models.length;
    const cost = medium.cost.map((c, i) => ((i * 7) % 3 === 0 && i % models !== 2 ? Infinity : c));
    for (const isSeeded of [true, false]) {
      const front = await run(name, { ...medium, cost }, { generations: 10, isSeeded });
      expect(front.cost.every((total) => total < Infinity)).toBe(true);
    }
  });

  it("uses every model, the first and the last among them", async () => {
    // Every model is best for its own share of the queries, and free.
    const [queries, models] = [40, 5];
    const problem = {
      models: Array.from({ length: models }, (_, m) => `model-${m}`),
      cost: new Float32Array(queries * models).fill(1),
      successProbability: Float32Array.from({ length: queries * models }, (_, i) =>
        Math.floor(i / models) % models === i % models ? 1 : 0,
      ),
    };
    const front = await run(name, problem);
    expect(front.accuracy.at(-1)).toBe(1);
    expect(new Set(front.genes).size).toBe(models);
  });

  it("copes with one query and with one model", async () => {
    const one = {
      models: ["a", "b"],
      cost: Float32Array.of(1, 2),
      successProbability: Float32Array.of(0.5, 1),
    };
    const front = await run(name, one, { generations: 5, population: 4 });
    expect([...front.cost]).toEqual([1, 2]);
    const single = {
      models: ["a"],
      cost: Float32Array.of(1, 3),
      successProbability: Float32Array.of(0.5, 1),
    };
    expect([...(await run(name, single, { generations: 5 })).cost]).toEqual([4]);
  });

  it("stops between two generations when told to, and reports them", async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const running = run(name, medium, {
      signal: controller.signal,
      onProgress: ({ phase, done, total }) => {
        expect([phase, total]).toEqual([name, 100]);
        seen.push(done);
        if (done === 3) controller.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
    expect(seen).toEqual([1, 2, 3]);
  });
});

it("gains from the seeds", async () => {
  expect(await shareOfFront("nsga2", true)).toBeGreaterThan(await shareOfFront("nsga2", false));
});

it("refuses unknown names, small populations and too many genes", async () => {
  expect(() => checkBaselines(["nsga2", "constructor"])).toThrow(InputError);
  expect(() => checkBaselines(["constructor"])).toThrow(
    /"constructor" is no baseline; expected nsga2, rnsga2/,
  );
  expect(checkBaselines(["mopso", "nsga2", "mopso"])).toEqual(["nsga2", "mopso"]);
  for (const population of [3, 10_001, 4.5, NaN]) {
    await expect(run("nsga2", medium, { population })).rejects.toThrow(
      /expected a whole number from 4 to 10,000/,
    );
  }
  for (const generations of [0, 1.5, Infinity]) {
    await expect(run("nsga2", medium, { generations })).rejects.toThrow(/generations is/);
  }
  const long = { models: ["a"], cost: new Float32Array(7000), successProbability: new Float32Array(7000) };
  await expect(run("nsga2", long, { population: 10_000 })).rejects.toThrow(/are 70000000 genes/);
});
