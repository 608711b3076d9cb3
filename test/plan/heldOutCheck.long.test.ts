import { expect, it } from "vitest";
import { backtest } from "../../src/backtest/backtest.js";
import { planAllocation } from "../../src/plan/plan.js";
import { simulated } from "../simulated.js";

it("holds what a simulated workload turns out to give, and is less hopeful than the promise", async () => {
  const [sample, work] = [
    simulated({ queries: 400, models: 4, seed: 5 }),
    simulated({ queries: 20, models: 4, seed: 5 }),
  ];
  const plan = await planAllocation(work, sample, { knee: true }, { predictor: "rank-one" });
  expect(plan.heldOutCheck?.queries).toBe(400);

  const result = await backtest(simulated({ queries: 3000, models: 6, seed: 3 }), {
    train: { count: 150 },
    validation: { count: 50 },
    repeats: 3,
    predictor: "rank-one",
  });
  const plans = result.repeats.flatMap((repeat) => repeat.plans.filter((one) => one.status === "chosen"));
  const isInside = plans.map(({ heldOutCheck, realised: { accuracy } }) => {
    const { low, high } = heldOutCheck!.accuracy;
    return low <= accuracy && accuracy <= high;
  });
  expect(isInside.filter(Boolean).length).toBeGreaterThanOrEqual(5);
  for (const { promised, predicted } of result.plans)
    expect(promised.accuracy.mean).toBeLessThan(predicted.mean!);
});
