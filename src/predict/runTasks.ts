import { packageFile } from "../package.js";
import { breathe } from "../pool/breathe.js";
import type { RunningOptions } from "../pool/running.js";
import type { Task } from "./tasks.js";

/** The same work in two forms; only the one that is used is prepared. */
export interface Work<Result> {
  /** Task k as data for a thread. */
  pooled(): (k: number) => Task;
  /** Task k on this thread; yields where the event loop may run. */
  here(): (k: number) => Generator<undefined, Result>;
}

/** The worker module of a pool that runs these tasks. */
const WORKER = packageFile("dist/src/predict/worker.js");

/** Results of tasks 0 … count − 1, over the pool when there is one. `onDone`: how many are done, from 0 on. */
export async function runTasks<Result>(
  count: number,
  work: Work<Result>,
  { pool, signal }: RunningOptions,
  onDone: (done: number) => void,
): Promise<Result[]> {
  onDone(0);
  if (pool !== undefined && pool.threads > 1) {
    return pool.runTasks<Result>(WORKER, count, work.pooled(), { signal, onDone });
  }
  const start = work.here();
  const results: Result[] = [];
  for (let k = 0; k < count; k++) {
    const steps = start(k);
    let step = steps.next();
    while (!step.done) {
      await breathe(signal);
      step = steps.next();
    }
    results.push(step.value);
    onDone(k + 1);
  }
  return results;
}
