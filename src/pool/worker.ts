import { workerData } from "node:worker_threads";
import { move, transferableSymbol, valueSymbol } from "piscina";
import { Core } from "../core/core.js";
import { useModules, type loadedModules } from "../core/module.js";
import { loadConstraints } from "../core/solve/constraints/module.js";
import { solveModule } from "../core/solve/module.js";
import { isConstrained, runJob, type Job } from "./jobs.js";
import { buffersOf, reply } from "./reply.js";

// Only calls `runJob`, which the tests run in process.
useModules((workerData as { modules: ReturnType<typeof loadedModules> }).modules);
/** Made with the first job, so that its failure is the job's answer. */
let core: Core | undefined;

function runHere(job: Job): unknown {
  core ??= new Core(solveModule());
  return runJob(core, job);
}

/** The answer; its arrays are moved to the caller, not copied. */
export default async function work(job: Job): Promise<unknown> {
  if (isConstrained(job)) await loadConstraints();
  const answer = reply(() => runHere(job));
  return move({ [valueSymbol]: answer, [transferableSymbol]: buffersOf(answer) });
}
