// Plan a batch from promptfoo results: learn which model answers what, meet an accuracy for the least money, and
// write one OpenAI Batch input file per model.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportAllocation, planAllocation, readDataset, readPrices } from "optllm";

const data = (name) => fileURLToPath(new URL(`data/${name}`, import.meta.url));
const requests = data("requests.jsonl"); // OpenAI Batch input; the model in each body is replaced
const results = await readDataset(data("promptfoo.jsonl"));
const work = await readDataset(requests);

// Every request goes to a batch: costs are those of batches, by the price table.
const options = { priceTable: await readPrices(), batch: { every: true, models: new Map() } };
const plan = await planAllocation(work, results, { accuracy: 0.8 }, options);
if (plan.choice.status === "infeasible") throw new Error("no plan is that accurate");
const { models, ids, cost } = plan.problem;
const { allocation, totalCost, expectedAccuracy } = plan.choice;
console.log(`$${totalCost.toFixed(3)} for an expected accuracy of ${(100 * expectedAccuracy).toFixed(1)} %`);
console.log(`${plan.bestSingle.model} alone: $${plan.bestSingle.totalCost.toFixed(3)}`);

const folder = process.argv[2] ?? join(mkdtempSync(join(tmpdir(), "optllm-")), "batches");
const costs = Float64Array.from(allocation, (m, q) => cost[q * models.length + m]);
const { manifest } = await exportAllocation(
  "openai-batch",
  { ids, models, allocation, cost: costs },
  requests,
  folder,
);
for (const { file, sentAs, requests } of manifest.files) {
  console.log(`${file}: ${requests} requests to ${sentAs}`);
}

// Prints:
//   $0.028 for an expected accuracy of 80.0 %
//   openai:chat:gpt-4o alone: $0.055
//   gpt-4o-mini-001.jsonl: 18 requests to gpt-4o-mini
//   gpt-4o-001.jsonl: 42 requests to gpt-4o
