import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { inline, type Dispatcher } from "../../src/cluster/dispatch.js";
import { finishRun } from "../../src/cluster/plan.js";
import { createRun } from "../../src/cluster/run.js";
import { cancelRun, reopenRun } from "../../src/cluster/status.js";
import { untilAborted } from "../../src/pool/pool.js";
import { madeProblem, testFolder, writeParts } from "./made.js";

const at = testFolder("cancelled");

it("a run that is cancelled ends, whoever does its tasks, and goes on when it is resumed", async () => {
  const problem = madeProblem(40, 3, true);
  const folder = at("run");
  const inputs = writeParts(problem, [20], at);
  await createRun(folder, { inputs, models: problem.models, target: { knee: true } });
  /** Takes longer for a step than this test may. */
  const slow: Dispatcher = {
    ...inline,
    run: async (tasks, options) => {
      await cancelRun(folder);
      await untilAborted(sleep(600_000, undefined, { ref: false }), options.signal);
      await inline.run(tasks, options);
    },
  };
  const cancelled = /the run was cancelled; `optllm cluster resume` goes on/;
  await expect(finishRun(folder, slow)).rejects.toThrow(cancelled);
  await expect(finishRun(folder, inline)).rejects.toThrow(cancelled);
  expect(existsSync(`${folder}/manifest.json`)).toBe(false);
  await reopenRun(folder);
  expect((await finishRun(folder, inline)).status).toBe("chosen");
});
