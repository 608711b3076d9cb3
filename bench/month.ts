// A month of traffic under a budget: policies side by side with the optimum in hindsight; see README.md.
import { parseArgs } from "node:util";
import { hindsight } from "./month/hindsight.js";
import { POLICIES } from "./month/policies.js";
import { SCENARIOS, trafficOf, withBudget } from "./month/traffic.js";

const { values: given } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    requests: { type: "string", default: "12000" },
    scenario: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const [seeds, requests] = [Number(given.seeds), Number(given.requests)];

/** Figures of one policy in one scenario, one for each seed: shares of the budget and of hindsight's gain. */
interface Figures {
  scenario: string;
  policy: string;
  spent: number[];
  used: number[];
  gain: number[];
}

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const percent = (share: number): string => (100 * share).toFixed(1).padStart(7);

const all: Figures[] = [];
if (!given.json) {
  console.log(`a month of about ${requests} requests, ${seeds} seeds; means, in brackets the worst seed`);
  console.log("spent: of the budget; used: of what could have been spent; gain: of hindsight's\n");
}
for (const scenario of SCENARIOS.filter(
  ({ name }) => given.scenario === undefined || name === given.scenario,
)) {
  const figures = new Map<string, Figures>();
  for (let seed = 1; seed <= seeds; seed++) {
    const traffic = await withBudget(trafficOf(scenario, requests, seed), requests, seed);
    const best = await hindsight(traffic);
    for (const [policy, run] of POLICIES) {
      const { spent, probability } = run(traffic);
      const row = figures.get(policy) ?? { scenario: scenario.name, policy, spent: [], used: [], gain: [] };
      figures.set(policy, row);
      row.spent.push(spent / traffic.budget);
      row.used.push(spent / Math.min(traffic.budget, best.most));
      row.gain.push((probability - best.cheapest) / (best.probability - best.cheapest));
    }
  }
  all.push(...figures.values());
  if (given.json) continue;
  console.log(`${scenario.name}: ${scenario.what}`);
  for (const { policy, spent, used, gain } of figures.values()) {
    const worst = `[${percent(Math.max(...spent))}]  used${percent(mean(used))} [${percent(Math.min(...used))}]`;
    console.log(
      `  ${policy.padEnd(14)} spent${percent(mean(spent))} ${worst}  gain${percent(mean(gain))} [${percent(Math.min(...gain))}]`,
    );
  }
}
if (given.json) console.log(JSON.stringify({ requests, seeds, figures: all }));
