import { workerData } from "node:worker_threads";
import { move, transferableSymbol, valueSymbol } from "piscina";
import { useModules, type loadedModules } from "../core/module.js";
import { loadConstraints } from "../core/solve/constraints/module.js";
import { sharedCore } from "./cores.js";
import { isConstrained, runJob, type Job } from "./jobs.js";
import { buffersOf, reply } from "./reply.js";

// Only calls `runJob`, which the tests run in process.
useModules((workerData as { modules: ReturnType<typeof loadedModules> }).modules);

/** The answers to jobs of one kind; their arrays are moved to the caller, not copied. */
export default async function work(jobs: readonly Job[]): Promise<unknown> {
  if (isConstrained(jobs[0])) await loadConstraints();
  // The core is made with the first job, so that its failure is the job's answer.
  const answer = reply(() => jobs.map((job) => runJob(sharedCore(), job)));
  return move({ [valueSymbol]: answer, [transferableSymbol]: buffersOf(answer) });
}
