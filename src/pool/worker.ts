import { workerData } from "node:worker_threads";
import { move, transferableSymbol, valueSymbol } from "piscina";
import { Core } from "../core/core.js";
import { runJob, type Job } from "./jobs.js";
import { buffersOf, reply } from "./reply.js";

// Only calls `runJob`, which the tests run in process.
const core = new Core((workerData as { module: WebAssembly.Module }).module);

/** The answer; its arrays are moved to the caller, not copied. */
export default function work(job: Job): unknown {
  const answer = reply(() => runJob(core, job));
  return move({ [valueSymbol]: answer, [transferableSymbol]: buffersOf(answer) });
}
