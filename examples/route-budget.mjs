// Route requests one by one within a monthly budget that is spent evenly and never exceeded.
import { fileURLToPath } from "node:url";
import { fitPredictor, readDataset } from "optllm";
import { createRouter, explain, loadScorer } from "optllm/online";

const data = (name) => fileURLToPath(new URL(`data/${name}`, import.meta.url));
const sample = await readDataset(data("labelled.csv"));
const predictor = await fitPredictor(sample, [], { predictor: "knn" });

let now = Date.UTC(2026, 10, 2, 9); // a clock of our own, so that this prints the same on any day
const router = createRouter({
  scorer: await loadScorer(predictor),
  models: {
    small: { price: { input: 0.1, output: 0.4 } }, // dollars per million tokens
    medium: { price: { input: 0.8, output: 3.2 } },
    large: { price: { input: 3, output: 12 } },
  },
  name: "support",
  budget: { dollars: 0.02, period: "month", timeZone: "Europe/Berlin", requests: 100 },
  now: () => now,
});

const { queries } = await readDataset(data("work.jsonl"), { blankCosts: true });
let first;
for (const text of queries) {
  now += 6 * 3_600_000;
  const decision = router.route({ text, maxTokens: 400 });
  if (decision.status === "refused") throw new Error(explain(decision));
  first ??= decision;
  // Here the model would be called; then its usage is settled.
  router.settle(decision, { inputTokens: decision.inputTokens, outputTokens: 120 });
}

console.log(first.model, first.status);
const [budget] = router.status();
console.log(`${budget.name}: ${budget.requestsSeen} requests, $${budget.spent.toFixed(4)} spent`);
console.log(budget.spent <= 0.02 && budget.reserved === 0);

// Prints:
//   small routed
//   policy:support: 100 requests, $0.0166 spent
//   true
