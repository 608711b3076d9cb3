import type { BucketSums, Core, Matrices, Price, Steps } from "../core/core.js";

/** Work on queries `from` … `to` − 1, as plain data that a worker thread can be sent. */
export type Job =
  | { kind: "sumHulls"; problem: Matrices; from: number; to: number }
  | { kind: "listSteps"; problem: Matrices; from: number; to: number; high: Price; low: Price }
  | { kind: "allocate"; problem: Matrices; from: number; to: number; price: Price };

export interface JobResults {
  sumHulls: BucketSums;
  /** The allocation at the higher price and the increments from there to the lower one. */
  listSteps: { allocation: Uint8Array; steps: Steps };
  /** One model index a query. */
  allocate: Uint8Array;
}

export type JobOf<Kind extends Job["kind"]> = Extract<Job, { kind: Kind }>;

/** Does one job: the same code inline and in a worker. */
export function runJob<Kind extends Job["kind"]>(core: Core, job: JobOf<Kind>): JobResults[Kind];
export function runJob(core: Core, job: Job): JobResults[Job["kind"]] {
  switch (job.kind) {
    case "sumHulls":
      return core.sumHulls(job.problem, job.from, job.to);
    case "listSteps": {
      const allocation = new Uint8Array(job.to - job.from);
      const steps = core.listSteps(job.problem, job.from, job.to, job.high, job.low, allocation);
      return { allocation, steps };
    }
    case "allocate": {
      const allocation = new Uint8Array(job.to - job.from);
      core.allocate(job.problem, job.from, job.to, job.price, allocation);
      return allocation;
    }
  }
}

/** Options (queries × models) of one shard: some milliseconds of work, whatever the number of models. */
const SHARD_OPTIONS = 1 << 21;

/** Fixed shard borders, which depend on the problem's shape alone, so that any number of threads adds up alike. */
export function shards(queries: number, models: number): { from: number; to: number }[] {
  const rows = Math.max(1, Math.floor(SHARD_OPTIONS / models));
  const count = Math.max(1, Math.ceil(queries / rows));
  return Array.from({ length: count }, (_, i) => ({ from: i * rows, to: Math.min((i + 1) * rows, queries) }));
}
