import type { Bracket, BucketSums, Core, Matrices, Price } from "../core/core.js";

/** Work on queries `from` … `to` − 1, as plain data that a worker thread can be sent. */
export type Job =
  | { kind: "sumHulls"; problem: Matrices; from: number; to: number }
  | {
      kind: "bracket";
      problem: Matrices;
      from: number;
      to: number;
      high: Price;
      low: Price;
      isChecked: boolean;
    };

export interface JobResults {
  sumHulls: BucketSums;
  bracket: Bracket;
}

export type JobOf<Kind extends Job["kind"]> = Extract<Job, { kind: Kind }>;

/** Does one job: the same code inline and in a worker. */
export function runJob<Kind extends Job["kind"]>(core: Core, job: JobOf<Kind>): JobResults[Kind];
export function runJob(core: Core, job: Job): JobResults[Job["kind"]] {
  switch (job.kind) {
    case "sumHulls":
      return core.sumHulls(job.problem, job.from, job.to);
    case "bracket":
      return core.bracket(job.problem, job.from, job.to, job.high, job.low, job.isChecked);
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
