import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backtest } from "../../src/backtest/backtest.js";
import { Pool } from "../../src/pool/pool.js";
import type { Backtest } from "../../src/backtest/backtestTypes.js";
import type { Dataset } from "../../src/types.js";
import { isLong, runs } from "../runs.js";
import { simulated } from "../simulated.js";

/** Rows of three models that are told apart by one word: "easy" is answered by all, "hard" by the dear one, mostly. */
function tellable(rows: number): Dataset {
  const isHard = (q: number) => q % 2 === 1;
  const options = (value: (q: number, m: number) => number) =>
    Float32Array.from({ length: rows * 3 }, (_, i) => value(Math.floor(i / 3), i % 3));
  return {
    ids: Array.from({ length: rows }, (_, q) => `${q}`),
    queries: Array.from({ length: rows }, (_, q) => `${isHard(q) ? "hard" : "easy"} question ${q}`),
    models: ["cheap", "middle", "dear"],
    cost: options((_, m) => [1, 2, 8][m]),
    outcome: options((q, m) => ((m === 2 && q % 10 !== 7) || !isHard(q) ? 1 : 0)),
  };
}

/** Every query alike, so that no router can know more than a mix: the dear model is right 3 of 4 times. */
function untellable(rows: number): Dataset {
  const dataset = tellable(rows);
  return {
    ...dataset,
    queries: dataset.queries.map(() => "the same question"),
    outcome: Float32Array.from({ length: rows * 3 }, (_, i) => {
      const q = Math.floor(i / 3);
      return (q * [7, 11, 13][i % 3]) % 16 < [4, 8, 12][i % 3] ? 1 : 0;
    }),
  };
}

const options = { train: { count: 60 }, validation: { count: 20 }, seed: 1 };
/** For tests of what no predictor changes. */
const quick = isLong ? "knn" : "base-rate";

describe("a backtest of queries that can be told apart", () => {
  let result: Backtest;
  beforeAll(async () => {
    result = await backtest(tellable(480), { ...options, repeats: 2 });
  });

  it("says route, and shows every comparator as recorded", () => {
    expect(result.verdict).toMatchObject({ decision: "route", model: "dear", moreLabels: 0 });
    const [repeat] = result.repeats;
    const [hard, , dear] = repeat.comparators.singles.map(({ accuracy }) => accuracy);
    expect(repeat.comparators.singles.map(({ model, cost }) => [model, cost])).toEqual([
      ["cheap", 400],
      ["middle", 800],
      ["dear", 3200],
    ]);
    expect(repeat.comparators.alwaysCheapest).toMatchObject({ model: "cheap", cost: 400, accuracy: hard });
    expect(repeat.comparators.alwaysBest).toMatchObject({ model: "dear", cost: 3200, accuracy: dear });
    expect(repeat.comparators.randomMix.cost).toBeCloseTo(4400 / 3, 9);
    expect(repeat.comparators.randomMix.accuracy).toBeCloseTo((dear + 2 * hard) / 3, 12);
    const { hindsight, trained } = repeat.comparators.zeroRouter;
    expect([hindsight, trained].map((corners) => corners.map(({ model }) => model))).toEqual([
      ["cheap", "dear"],
      ["cheap", "dear"],
    ]);
    // The oracle: hard queries to the dear model, 7 dollars more each.
    const hardQueries = Math.round((dear - hard) * 400);
    expect(repeat.fronts.oracle.at(-1)).toEqual({
      cost: 400 + 7 * hardQueries,
      expectedAccuracy: dear,
      realisedAccuracy: dear,
    });
    expect(repeat.metrics.oracle).toMatchObject({ igd: 0, igdNormalised: 0 });
    expect(repeat.metrics.oracle.hypervolume).toBeGreaterThanOrEqual(repeat.metrics.front.hypervolume);
    expect(repeat.metrics.front.aiq).toBeGreaterThan(repeat.metrics.zeroRouter.aiq);
  });

  it("leaves out rows without any record, and only those", async () => {
    const [rows, more] = [tellable(480), tellable(490)];
    const outcome = more.outcome.map((y, option) => (option >= 480 * 3 ? NaN : y));
    const knn = { ...options, predictor: "knn" } as const;
    const { dataset, repeats } = await backtest({ ...more, outcome }, knn);
    expect(dataset).toEqual({ queries: 480, models: 3, leftOut: 10, missing: [], notAlone: [] });
    const { repeats: whole, dataset: all } = await backtest(rows, knn);
    expect(all.leftOut).toBe(0);
    expect(repeats).toEqual(whole);
    // A cost without a score is no record, but the row has others.
    const cheap = more.outcome.map((y, option) => (option >= 480 * 3 && option % 3 < 2 ? NaN : y));
    const rates = { ...options, predictor: quick } as const;
    expect((await backtest({ ...more, outcome: cheap }, rates)).dataset).toMatchObject({
      queries: 490,
      missing: [
        { model: "cheap", rows: 10 },
        { model: "middle", rows: 10 },
      ],
    });
  });

  it("judges predictions by what is labelled, not by answers that must not be given", async () => {
    const { cost, outcome, ...rows } = tellable(480);
    const isForbidden = (option: number): boolean => option % 3 === 1 && option % 2 === 0;
    const forbidden = {
      ...rows,
      cost: cost.map((dollars, option) => (isForbidden(option) ? Infinity : dollars)),
      outcome: outcome.map((y, option) => (isForbidden(option) ? NaN : y)),
    };
    const { reliability, mean, dataset, plans, repeats } = await backtest(forbidden, {
      ...options,
      predictor: quick,
    });
    expect(dataset.leftOut).toBe(0);
    expect(reliability.perModel.map(({ labels }) => labels)[0]).toBe(400);
    expect(reliability.perModel[1].labels).toBeLessThan(250);
    expect(mean.prediction.logLoss).toBeCloseTo(reliability.mean.logLoss, 12);
    expect(mean.prediction.ece).toBeCloseTo(reliability.mean.ece, 12);
    const { savingAtEqualAccuracy: count = repeats.length } = mean.partial;
    expect(count).toBe(mean.savingRepeats);
    expect(mean.savingRepeats).toBe(
      repeats.filter(({ savingAtEqualAccuracy }) => savingAtEqualAccuracy !== null).length,
    );
    plans.forEach(({ feasible, overpromised, promised, realised }) => {
      expect([overpromised.count, promised.cost.count]).toEqual([feasible, feasible]);
      if (feasible > 0)
        expect(overpromised.mean).toBeCloseTo(promised.accuracy.mean! - realised.accuracy.mean!, 12);
    });
    repeats
      .flatMap((repeat) => repeat.plans)
      .forEach((plan) => {
        if (plan.status === "chosen")
          expect(plan.promised.accuracy).toBeCloseTo(
            (plan.predicted + (plan.heldOutCheck?.accuracy.estimate ?? plan.predicted)) / 2,
            12,
          );
      });
    expect(reliability.perModel[1].bins.reduce((sum, { labels }) => sum + labels, 0)).toBe(
      reliability.perModel[1].labels,
    );
  });

  it("says route where only the dear model itself is predicted to match its accuracy", async () => {
    const dataset = tellable(480);
    const outcome = dataset.outcome!.map((right, i) => (i % 3 === 2 ? 1 : right));
    const { verdict, plans, mean } = await backtest({ ...dataset, outcome }, options);
    expect(plans[0].soleModel).toBe("dear");
    expect(verdict).toMatchObject({ decision: "route", model: "dear", moreLabels: 0 });
    expect(verdict.sentence).toMatch(/ but only dear itself is predicted to be that accurate/);
    expect(mean.bestSingle.model).toBe("dear");
  });

  it("judges the plans it is asked for on predictions, and says when nothing promises one", async () => {
    const targets = [{ budget: 900 }, { accuracy: 1 }, { knee: true }] as const;
    const { plans, repeats } = await backtest(tellable(480), { ...options, targets });
    expect(plans.map(({ target }) => target)).toEqual(targets);
    const [budget, accuracy] = repeats[0].plans;
    if (budget.status !== "chosen") throw new Error("infeasible");
    expect(budget.promised.cost).toBeLessThanOrEqual(900);
    expect(budget.realised.cost).toBe(budget.promised.cost);
    expect(budget.realised.accuracy * 400).toBeCloseTo(Math.round(budget.realised.accuracy * 400), 9);
    expect(accuracy.status).toBe("infeasible");
    expect(plans[1]).toMatchObject({ feasible: 0, verdict: { decision: "unsure" } });
    expect(plans[1].againstZeroRouter.accuracyAtEqualCost.estimate).toBe(null);
  });

  it("puts the changed world beside the unchanged one", async () => {
    const changes = { scaleCost: [["dear", 0.25]], without: ["middle"] } as const;
    const { repeats } = await backtest(tellable(480), { ...options, predictor: "logistic", changes });
    const [{ whatIf, comparators, twoModels }] = repeats;
    expect(comparators.singles.map(({ model, cost }) => [model, cost])).toEqual([
      ["cheap", 400],
      ["dear", 800],
    ]);
    expect(whatIf!.after.hypervolume).toBeGreaterThan(whatIf!.before.hypervolume);
    expect(whatIf!.after.plans[0]!.realised.cost).toBeLessThan(whatIf!.before.plans[0]!.realised.cost);
    expect(twoModels).toMatchObject({ strong: "dear" });
    expect(result.repeats[0].whatIf).toBe(undefined);
  });

  it("keeps the figures of the front in the interval they belong to", () => {
    const { frontAgainstBestSingle, plans } = result;
    for (const { estimate, low, high } of [
      frontAgainstBestSingle.accuracyAtEqualCost,
      frontAgainstBestSingle.savingAtEqualAccuracy,
      plans[0].againstZeroRouter.accuracyAtEqualCost,
      plans[0].againstBestSingle.saving,
    ]) {
      expect(low).toBeLessThanOrEqual(estimate!);
      expect(high).toBeGreaterThanOrEqual(estimate!);
    }
  });
});

it("never says route where queries cannot be told apart", async () => {
  const result = await backtest(untellable(640), { ...options, repeats: 2 });
  expect(result.verdict.decision).not.toBe("route");
});

describe("the same seed", () => {
  const pool = new Pool({ threads: 2 });
  afterAll(() => pool.close());

  it("gives the same bytes again on several threads, and the same repeat whichever comes first", async () => {
    const dataset = simulated({ queries: runs(240, 0.5), models: 3, seed: 2 });
    const run = (more: object) =>
      backtest(dataset, { ...options, predictor: "logistic", repeats: 2, ...more });
    const once = await run({});
    expect(JSON.stringify(await run({ pool }))).toBe(JSON.stringify(once));
    const [first, second] = once.repeats;
    expect([first.seed, second.seed]).toEqual([1, 2]);
    expect(second.front).not.toEqual(first.front);
    const alone = await run({ seed: 2, repeats: 1 });
    expect(alone.repeats[0]).toEqual(second);
  });
});

it("finds the accuracy and the cost of the best single model where the front is that model", async () => {
  const dataset = simulated({ queries: 240, models: 2, seed: 2 });
  // Sums of such scores and costs round, in another way along the front than model by model.
  dataset.outcome.forEach((_, i) => {
    const part = (((i >> 1) * 37) % 101) / 101;
    dataset.outcome[i] = (i % 2) / 2 + (i % 3 === 0 ? 1e-9 * part : 0.4 * part);
    dataset.cost[i] = 1e-3 * (1 + 9 * (i % 2)) * (part + 0.01) * 10 ** ((i >> 1) % 9);
  });
  const { repeats } = await backtest(dataset, {
    train: { share: 0.1 },
    validation: { share: 0.1 },
    predictor: "base-rate",
    repeats: 8,
  });
  for (const { bestSingle, highestAccuracy, savingAtEqualAccuracy, metrics } of repeats) {
    expect(highestAccuracy).toBe(bestSingle.accuracy);
    expect(savingAtEqualAccuracy).toBeCloseTo(0, 9);
    expect([metrics.front.perfGain, metrics.front.costSave]).toEqual([0, expect.closeTo(0, 9)]);
  }
});
