import { workerData } from "node:worker_threads";
import { move, transferableSymbol, valueSymbol } from "piscina";
import { Core } from "../core/core.js";
import { runJob, type Job } from "./jobs.js";
import { buffersOf, reply } from "./reply.js";

// Only calls `runJob`, which the tests run in process.
/** Made with the first job, so that its failure is the job's answer. */
let core: Core | undefined;

function runHere(job: Job): unknown {
  core ??= new Core((workerData as { module: WebAssembly.Module }).module);
  return runJob(core, job);
}

/** The answer; its arrays are moved to the caller, not copied. */
export default function work(job: Job): unknown {
  const answer = reply(() => runHere(job));
  return move({ [valueSymbol]: answer, [transferableSymbol]: buffersOf(answer) });
}
