import { columnCount, type View } from "../../../core/solve/constraints/priced.js";
import { shardRows, type JobOf, type JobResults } from "../../../pool/jobs.js";
import type { Runner } from "../../../pool/runner.js";
import { rowsOfMatrices } from "../../problem.js";

/** Consecutive queries in memory. */
export interface Part {
  view: View;
  /** Index of its first query among all. */
  first: number;
}

/**
 * Queries under constraints, read part by part: all that the search for a plan asks of them are passes over the parts in their
 * order. In memory, or read anew for each pass.
 */
export interface Queries {
  models: number;
  /** Columns of the views, ones included. */
  columns: number;
  count: number;
  /** All of them, if they are in memory as one view. */
  view?: View;
  /**
   * One pass: parts that may be worked on at the same time, then the next ones. Every part but the last has a whole number of
   * shards, or all are as they were cut out of such parts. A part is not used any more once the next ones are asked for.
   */
  batches(signal?: AbortSignal): AsyncIterable<readonly Part[]> | Iterable<readonly Part[]>;
}

/** Shards of a view in memory that are worked on at the same time. */
const BATCH_SHARDS = 8;

/** A view in memory as queries. */
export function queriesOf(view: View): Queries {
  const { models } = view.matrices;
  const count = view.classes.length;
  return {
    models,
    columns: columnCount(view),
    count,
    view,
    *batches() {
      const size = BATCH_SHARDS * shardRows(models);
      for (let from = 0; from < count; from += size) {
        const part = size < count ? rowsOfView(view, from, Math.min(from + size, count)) : view;
        yield [{ view: part, first: from }];
      }
    },
  };
}

/** Parts in memory as queries, in their order. */
export function queriesIn(parts: readonly View[], { models, columns }: Queries): Queries {
  const placed: Part[] = [];
  let count = 0;
  for (const view of parts) {
    placed.push({ view, first: count });
    count += view.classes.length;
  }
  return { models, columns, count, batches: () => [placed] };
}

/** Some queries of a view, without a copy. */
export function rowsOfView({ matrices, columns, classes }: View, from: number, to: number): View {
  const { models } = matrices;
  return {
    matrices: rowsOfMatrices(matrices, from, to),
    columns: columns.map((column) => column.subarray(from * models, to * models)),
    classes: classes.subarray(from, to),
  };
}

/** What is computed of all queries, job by job. */
export type PassKind = "smooth" | "split" | "candidates" | "tally";

/** A job but for its queries. */
export type Asked<Kind extends PassKind> = Omit<JobOf<Kind>, keyof Part | "from" | "to"> & { kind: Kind };

/** Jobs that a shard is cut into. */
const JOBS_A_SHARD = 8;
/** A job has at least so many queries, and so many for each class, since it has a table of sums for each. */
const LEAST_ROWS = 512;
const ROWS_A_CLASS = 8;

/** Queries of one job: fixed by the shape alone. */
function jobRows({ models, count }: Queries, classes: number, mostJobs: number): number {
  const rows = Math.min(count, shardRows(models));
  const least = Math.max(LEAST_ROWS, ROWS_A_CLASS * classes);
  return Math.ceil(rows / Math.min(mostJobs, Math.max(1, Math.floor(rows / least))));
}

/** Queries of a part for one job. */
export interface Cut extends Part {
  from: number;
  to: number;
  /** Which of its shard's jobs it is: from 0 on. */
  place: number;
  /** They are the last ones of a shard. */
  isLast: boolean;
}

/** The jobs' queries in a part: shard by shard. */
export function* cutsOf(
  queries: Queries,
  { view, first }: Part,
  classes: number,
  mostJobs = JOBS_A_SHARD,
): Generator<Cut> {
  const count = view.classes.length;
  const [rows, size] = [shardRows(queries.models), jobRows(queries, classes, mostJobs)];
  for (let shard = 0; shard < count; shard += rows) {
    const end = Math.min(shard + rows, count);
    for (let from = shard; from < end; from += size) {
      const to = Math.min(from + size, end);
      yield { view, first, from, to, place: (from - shard) / size, isLast: to === end };
    }
  }
}

/** What a pass finds for one job's queries. */
export interface PassResult<Kind extends PassKind> {
  part: Cut;
  result: JobResults[Kind];
}

/** Where work on queries runs. */
export interface WorkOptions {
  runner: Runner;
  /** Arrays that jobs read are to be shared with threads. */
  isThreaded: boolean;
  signal?: AbortSignal;
}

/** Where a pass runs. */
export interface PassOptions extends Omit<WorkOptions, "isThreaded"> {
  /** Most jobs of a shard. */
  mostJobs?: number;
}

/**
 * One pass: jobs of fixed cuts, whose results come in the order of the queries, each with its part. Whatever is added up of them
 * in this order is the same on any number of threads, in memory and streamed.
 */
export async function* passOver<Kind extends PassKind>(
  queries: Queries,
  asked: Asked<Kind>,
  { runner, signal, mostJobs }: PassOptions,
): AsyncGenerator<PassResult<Kind>> {
  for await (const batch of queries.batches(signal)) {
    const cuts = batch.flatMap((part) => [...cutsOf(queries, part, asked.terms.classes, mostJobs)]);
    const jobs = cuts.map((cut) => ({ ...asked, ...cut }) as unknown as JobOf<Kind>);
    const results = await runner.run<Kind>(jobs, { signal });
    for (let i = 0; i < cuts.length; i++) yield { part: cuts[i], result: results[i] };
  }
}

/** The results of a pass, those of one shard together. */
export async function* byShard<Kind extends PassKind>(
  pass: AsyncIterable<PassResult<Kind>>,
): AsyncGenerator<{ part: Part; results: JobResults[Kind][] }> {
  let results: JobResults[Kind][] = [];
  for await (const { part, result } of pass) {
    results.push(result);
    if (!part.isLast) continue;
    yield { part, results };
    results = [];
  }
}
