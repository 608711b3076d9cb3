import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readDecisions } from "../../../src/online/log/reader.js";
import { logDecisions } from "../../../src/online/log/writer.js";
import { refit } from "../../../src/online/offPolicy/refit.js";
import { createRouter } from "../../../src/online/router.js";
import { loadScorer } from "../../../src/online/scorer.js";
import { fitPredictor } from "../../../src/plan/predictProblem.js";
import { Random } from "../../../src/random.js";
import type { Dataset } from "../../../src/types.js";

const random = new Random(5);
const TASKS = ["verse", "law"];

function labelled(rows: number): Dataset {
  const tasks = Array.from({ length: rows }, () => TASKS[random.below(2)]);
  return {
    ids: tasks.map((_, q) => String(q)),
    models: ["a", "b"],
    queries: tasks.map(() => `${random.below(1e6)}`),
    outcome: Float32Array.from(tasks.flatMap((task) => [+(task === "verse"), +(task === "law")])),
    cost: new Float32Array(2 * rows).fill(0.001),
    columns: new Map([["task", tasks]]),
  };
}

it("a predictor with feature columns is fitted again to what the log knows of them", async () => {
  const sample = labelled(60);
  const options = { predictor: "logistic", featureColumns: ["task"] } as const;
  const before = await fitPredictor(sample, [], options);
  const path = join(mkdtempSync(join(tmpdir(), "optllm-refit-")), "log.jsonl");
  const log = logDecisions(path, { texts: true });
  const price = { input: 1, output: 1 };
  const scorer = await loadScorer(before);
  const router = createRouter({ scorer, models: { a: { price }, b: { price } }, lambda: 0, explore: 1, log });
  for (let k = 0; k < 240; k++) {
    // Of a third task the sample knows nothing.
    const task = [...TASKS, "sums"][k % 3];
    const decision = router.route({ text: `${random.below(1e6)}`, maxTokens: 5, features: { task } });
    if (decision.status === "refused") throw new Error(decision.cause);
    router.settle(decision, { cost: 0.001 });
    router.feedback(decision, task === "law" ? +(decision.model === "b") : +(decision.model === "a"));
  }
  await log.close();
  const found = await refit(sample, await readDecisions(path), before, { predictor: "logistic" });
  expect(found.promoted).toBe(true);
  expect(found.logLoss.after).toBeLessThan(found.logLoss.before);
  const { predictor } = found;
  expect(predictor!.featureColumns).toEqual(["task"]);
  const [a, b] = await predictor!.predict(["7"], { columns: new Map([["task", ["sums"]]]) });
  expect([a > 0.6, b < 0.4]).toEqual([true, true]);
});
