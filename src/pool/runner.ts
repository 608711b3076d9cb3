import { breathe } from "./breathe.js";
import { sharedCore } from "./cores.js";
import { isSliced, runJob, slicesOf, type Job, type JobOf, type JobResults, type SlicedJob } from "./jobs.js";

/** Options of a run of jobs. */
export interface RunOptions {
  /** Stops between jobs; its reason is thrown. */
  signal?: AbortSignal;
  onDone?: (done: number, total: number) => void;
}

/** Runs jobs and returns their results in the jobs' order, for any number of threads. */
export interface Runner {
  run<Kind extends Job["kind"]>(jobs: JobOf<Kind>[], options?: RunOptions): Promise<JobResults[Kind][]>;
}

/** Runs a long job on the calling thread and lets other work run between two slices. */
async function runSlices(job: SlicedJob, signal: AbortSignal | undefined): Promise<JobResults["search"]> {
  const slices = slicesOf(sharedCore(), job);
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
    await breathe(signal);
  }
}

/** Runs jobs on the calling thread and lets other work run between two jobs. */
export const inline: Runner = {
  async run<Kind extends Job["kind"]>(jobs: JobOf<Kind>[], { signal, onDone }: RunOptions = {}) {
    const results: JobResults[Kind][] = [];
    for (const job of jobs) {
      if (jobs.length > 1) await breathe(signal);
      else signal?.throwIfAborted();
      results.push(
        isSliced(job)
          ? ((await runSlices(job, signal)) as JobResults[Kind])
          : runJob<Kind>(sharedCore(), job),
      );
      onDone?.(results.length, jobs.length);
    }
    return results;
  },
};
