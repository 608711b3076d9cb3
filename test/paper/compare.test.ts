import { describe, expect, it } from "vitest";
import { BASELINES } from "../../paper/baselines/index.js";
import { simulate } from "../../src/simulate/simulate.js";
import { InputError } from "../../src/errors.js";
import { backtest } from "../../src/backtest/backtest.js";
import { compare, type CompareOptions } from "../../paper/compare.js";
import type { Dataset } from "../../src/types.js";

function simulated(queries: number, models: number, seed: number): Dataset {
  const workload = simulate({ queries, models, seed });
  const rows = [...workload.rows()];
  return {
    ids: rows.map(({ id }) => id),
    queries: rows.map(({ query }) => query),
    models: workload.models,
    cost: Float32Array.from(rows.flatMap(({ cost }) => [...cost])),
    outcome: Float32Array.from(rows.flatMap(({ score }) => [...score])),
  };
}

const dataset = simulated(400, 4, 3);
const parts = { train: { share: 0.1 }, validation: { share: 0.1 } };
const run = (options: Partial<CompareOptions> = {}, rows = dataset) =>
  compare(rows, { ...parts, generations: 20, population: 20, ...options });
/** Where predictions do not matter. */
const predictor = "base-rate";

describe("a comparison", () => {
  it("learns and judges as a backtest of the same seed does", async () => {
    const [compared, tested] = [
      await run({ seed: 5, predictor: "knn" }),
      await backtest(dataset, { ...parts, seed: 5, predictor: "knn" }),
    ];
    const [a, b] = [compared.repeats[0], tested.repeats[0]];
    expect(a.bestSingle).toEqual(b.bestSingle);
    const exact = a.methods.find(({ method }) => method === "exact")!;
    expect(exact.highestAccuracy).toBe(b.highestAccuracy);
    expect(exact.savingAtEqualAccuracy).toBe(b.savingAtEqualAccuracy);
    expect([a.trainQueries, a.validationQueries, a.testQueries]).toEqual([40, 40, 320]);
  });

  it("gives the same figures every time, but for times", async () => {
    const timeless = async () => {
      const { repeats } = await run({ predictor });
      return repeats[0].methods.map(({ timeMs, ...rest }) => (expect(timeMs).toBeGreaterThan(0), rest));
    };
    expect(await timeless()).toEqual(await timeless());
  });

  it("has every method once, our front first, and figures that fit their points", async () => {
    const { repeats, summary, singles, ranks, settings } = await run({
      repeats: 2,
      seed: 7,
      predictor: "knn",
    });
    const names = ["exact", "optllm", ...BASELINES];
    expect(settings).toEqual({
      population: 20,
      generations: 20,
      asPublished: false,
      baselines: [...BASELINES],
    });
    expect(repeats.map(({ seed }) => seed)).toEqual([7, 8]);
    expect(summary.map(({ method }) => method)).toEqual(names);
    for (const { methods, bestSingle, reference, singles } of repeats) {
      expect(methods.map(({ method }) => method)).toEqual(names);
      expect(singles.map(({ accuracy }) => accuracy)).toContain(bestSingle.accuracy);
      for (const result of methods) {
        // Few points, so that the thinned front has all of them.
        if (result.points > 200) continue;
        expect(result.front.length).toBe(result.points);
        const best = Math.max(...result.front.map(({ realisedAccuracy }) => realisedAccuracy));
        expect(result.highestAccuracy).toBe(best);
        const reached = result.front.find(({ realisedAccuracy }) => realisedAccuracy >= best)!;
        expect(result.highestAccuracyCost).toBe(reached.cost);
        expect(best).toBeLessThanOrEqual(reference.ideal.accuracy);
        const match = result.front.find(({ realisedAccuracy }) => realisedAccuracy >= bestSingle.accuracy);
        expect(result.savingAtEqualAccuracy).toBe(match ? 1 - match.cost / bestSingle.cost : null);
      }
    }
    names.forEach((_, k) => {
      const { mean, deviation } = summary[k].figures.hypervolume;
      const [a, b] = repeats.map(({ methods }) => methods[k].hypervolume);
      expect(mean).toBeCloseTo((a + b) / 2, 12);
      expect(deviation).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 12);
    });
    expect(singles.map(({ model }) => model)).toEqual(dataset.models);
    singles.forEach(({ accuracy, cost }, m) => {
      const [a, b] = repeats.map((repeat) => repeat.singles[m]);
      expect(accuracy.mean).toBeCloseTo((a.accuracy + b.accuracy) / 2, 12);
      expect(cost.deviation).toBeCloseTo(Math.abs(a.cost - b.cost) / Math.SQRT2, 12);
    });
    const sum = ranks.hypervolume.averageRanks.reduce((total, rank) => total + rank, 0);
    expect(sum).toBeCloseTo((names.length * (names.length + 1)) / 2, 12);
  });

  it("seeds the extremes, unless as published", async () => {
    const endsOf = async (asPublished: boolean) => {
      const { repeats } = await run({ predictor, asPublished, algorithms: ["nsga2"], generations: 1 });
      return repeats[0].methods.map(({ front }) => front[0].cost);
    };
    const [exact, , seeded] = await endsOf(false);
    expect(seeded).toBeCloseTo(exact, 9);
    expect((await endsOf(true))[2]).toBeGreaterThan(1.05 * exact);
  });

  it("runs the baselines asked for", async () => {
    const { summary } = await run({ predictor, algorithms: ["mopso", "moead"], generations: 1 });
    expect(summary.map(({ method }) => method)).toEqual(["exact", "optllm", "moead", "mopso"]);
    await expect(run({ algorithms: ["nsga3"] })).rejects.toThrow(/"nsga3" is no baseline/);
  });

  it("judges rows in which some models must not answer", async () => {
    const cost = dataset.cost.map((c, i) => (i % 11 === 3 ? Infinity : c));
    const outcome = dataset.outcome.map((y, i) => (i % 11 === 3 ? NaN : y));
    const open = { ...dataset, models: [...dataset.models, "spare"] };
    // One more model that may answer everything, so that a single model exists.
    const widen = (matrix: ArrayLike<number>, spare: number): Float32Array =>
      Float32Array.from({ length: 5 * dataset.ids.length }, (_, i) =>
        i % 5 === 4 ? spare : matrix[Math.floor(i / 5) * 4 + (i % 5)],
      );
    const rows = { ...open, cost: widen(cost, 0.01), outcome: widen(outcome, 1) };
    const { repeats } = await run({ predictor, algorithms: ["nsga2", "mopso"], generations: 3 }, rows);
    expect(repeats[0].bestSingle.model).toBe("spare");
    expect(repeats[0].singles.map(({ model }) => model)).toEqual(open.models);
    repeats[0].methods.forEach(({ front }) =>
      front.forEach(({ cost }) => expect(cost).toBeLessThan(Infinity)),
    );
  });

  it("leaves out rows without any record, and refuses a file that has no others", async () => {
    const outcome = dataset.outcome.map((y, option) => (option >= 4 && option < 8 ? NaN : y));
    const { dataset: judged } = await run(
      { predictor, algorithms: ["nsga2"], generations: 1 },
      { ...dataset, outcome },
    );
    expect(judged).toMatchObject({ queries: dataset.ids.length - 1, models: 4, leftOut: 1, missing: [] });
    const cost = dataset.cost.map((c, option) => (Number.isNaN(outcome[option]) ? c : Infinity));
    await expect(run({}, { ...dataset, outcome, cost })).rejects.toThrow(InputError);
    await expect(run({}, { ...dataset, outcome, cost })).rejects.toThrow(
      /no row has a score of a model where it has a cost of it/,
    );
    await expect(run({}, { ...dataset, outcome: outcome.fill(NaN) })).rejects.toThrow(/no scores/);
    await expect(run({ repeats: 0 })).rejects.toThrow(/repeats is 0/);
  });

  it("stops when told to, within a baseline", async () => {
    const controller = new AbortController();
    const running = run({
      predictor,
      signal: controller.signal,
      onProgress: ({ phase, done }) => {
        if (phase === "repeat 1 of 1: moead" && done === 2) controller.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
  });
});
