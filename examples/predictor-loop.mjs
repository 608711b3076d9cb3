// A saved predictor in a loop: learn once, then plan every new batch within its own budget.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fitPredictor, planAllocation, readDataset, readPredictor, savePredictor } from "optllm";

const data = (name) => fileURLToPath(new URL(`data/${name}`, import.meta.url));
const file = join(mkdtempSync(join(tmpdir(), "optllm-")), "predictor.optllm");

// Once: learn success and costs from the labelled sample. The second argument may hold texts to come.
const sample = await readDataset(data("labelled.csv"));
writeFileSync(file, savePredictor(await fitPredictor(sample, [], { predictor: "knn" })));

// Later, perhaps in another process: no sample is needed any more.
const predictor = await readPredictor(file);
for (const day of ["Monday", "Tuesday"]) {
  const batch = await readDataset(data("work.jsonl"), {
    blankCosts: true, // ids and texts; the predictor knows what answers cost
    where: [{ column: "day", operator: "=", value: day }],
  });
  const { choice } = await planAllocation(batch, predictor, { budget: 0.05 });
  if (choice.status === "infeasible") {
    console.log(`${day}: needs at least $${choice.closest.totalCost.toFixed(3)}`);
    continue;
  }
  const accuracy = (100 * choice.expectedAccuracy).toFixed(1);
  console.log(`${day}: ${batch.ids.length} queries, $${choice.totalCost.toFixed(4)}, accuracy ${accuracy} %`);
}

// Prints:
//   Monday: 50 queries, $0.0499, accuracy 77.2 %
//   Tuesday: 50 queries, $0.0499, accuracy 76.8 %
