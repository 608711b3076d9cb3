// Log what a router decides and how good its answers were, then ask the log what another λ would have reached.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fitPredictor, readDataset } from "optllm";
import { createRouter, estimatePolicy, loadScorer, logDecisions, readDecisions } from "optllm/online";

const labelled = fileURLToPath(new URL("data/labelled.csv", import.meta.url));
const sample = await readDataset(labelled);
const folder = mkdtempSync(join(tmpdir(), "optllm-replay-"));
const log = logDecisions(join(folder, "decisions.jsonl"));
const router = createRouter({
  scorer: await loadScorer(await fitPredictor(sample, [], { predictor: "knn" })),
  models: {
    small: { price: { input: 0.1, output: 0.4 } }, // dollars per million tokens
    medium: { price: { input: 0.8, output: 3.2 } },
    large: { price: { input: 3, output: 12 } },
  },
  lambda: 300,
  explore: 0.5, // so that the log knows other models too; a service with many requests needs 0.01 to 0.05
  log,
});

// Requests come. Here the models' answers have been judged before, so their scores are looked up.
sample.queries.forEach((text, q) => {
  const decision = router.route({ text, maxTokens: 400 });
  if (decision.status === "refused") return;
  router.settle(decision, { inputTokens: decision.inputTokens, outputTokens: 120 });
  router.feedback(decision, sample.outcome[q * 3 + sample.models.indexOf(decision.model)]);
});
await log.close();

const decisions = await readDecisions(join(folder, "decisions.jsonl"));
for (const [name, target] of Object.entries({ "as it was": "logged", "λ = 0": { lambda: 0 } })) {
  const { score } = estimatePolicy(decisions, target);
  if (score.status !== "estimated") throw new Error(score.why);
  const { estimate, low, high } = score.doublyRobust;
  console.log(
    `${name}: mean score ${estimate.toFixed(2)}, 95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}`,
  );
}
rmSync(folder, { recursive: true });

// Prints:
//   as it was: mean score 0.77, 95 % interval 0.72 to 0.82
//   λ = 0: mean score 0.95, 95 % interval 0.80 to 1.00
