import { workerData } from "node:worker_threads";
import { Core } from "../core/core.js";
import { runJob, type Job } from "./jobs.js";
import { reply, type Reply } from "./reply.js";

// A shell: everything it does is `runJob`, which the tests run in process.
const core = new Core((workerData as { module: WebAssembly.Module }).module);

export default function work(job: Job): Reply<unknown> {
  return reply(() => runJob(core, job));
}
