import { expect, it } from "vitest";
import { hindsight } from "../../bench/month/hindsight.js";
import { POLICIES } from "../../bench/month/policies.js";
import { SCENARIOS, trafficOf, withBudget } from "../../bench/month/traffic.js";

const REQUESTS = 3_000;

it.each(["steady", "first", "more", "less", "surge", "costs"])(
  "a month of traffic (%s) uses its budget, never more, and comes near the optimum in hindsight",
  async (name) => {
    const scenario = SCENARIOS.find((one) => one.name === name)!;
    const traffic = await withBudget(trafficOf(scenario, REQUESTS, 5), REQUESTS, 5);
    const best = await hindsight(traffic);
    const { spent, probability } = POLICIES.get("re-solve")!(traffic);
    expect(spent).toBeLessThanOrEqual(traffic.budget);
    expect(spent).toBeGreaterThan(0.97 * Math.min(traffic.budget, best.most));
    expect((probability - best.cheapest) / (best.probability - best.cheapest)).toBeGreaterThan(0.9);
  },
);
