import type { Command } from "commander";
import type { Io } from "../../io.js";
import { addCancel } from "./cancel.js";
import { addPlan } from "./plan.js";
import { addResume } from "./resume.js";
import { addStatus } from "./status.js";
import { addWorker } from "./worker.js";

/** Commands for work that outgrows one machine. */
export function addCluster(
  program: Command,
  io: Io,
  argv: readonly string[],
  setExitCode: (code: number) => void,
): void {
  const cluster = program
    .command("cluster")
    .description("plan a workload on several processes or machines, with the answer of one")
    .addHelpText(
      "after",
      "\nEvery worker sees the inputs and the run's folder under the same paths. Workers take their tasks from Redis or" +
        "\nPostgreSQL through BullMQ: npm install bullmq ioredis, or npm install bullmq pg." +
        "\n\nExample:\n  $ optllm cluster plan parts --predictor-file predictor.optllm --budget 5 -o run1",
    );
  addPlan(cluster, io, argv, setExitCode);
  addWorker(cluster, io);
  addStatus(cluster, io);
  addResume(cluster, io, setExitCode);
  addCancel(cluster, io);
}
