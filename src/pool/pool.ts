import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Piscina } from "piscina";
import { Core } from "../core/core.js";
import { compileCore } from "../core/module.js";
import { InputError, OverloadedError } from "../errors.js";
import { packageFile } from "../package.js";
import { isSliced, runJob, slicesOf, type Job, type JobOf, type JobResults, type SlicedJob } from "./jobs.js";
import { unwrap, type Reply } from "./reply.js";

/** What a run of jobs may be told. */
export interface RunOptions {
  /** Stops between jobs; its reason is thrown. */
  signal?: AbortSignal;
  onDone?: (done: number, total: number) => void;
}

/** Does jobs and gives their results in the jobs' order, however many threads there are. */
export interface Runner {
  run<Kind extends Job["kind"]>(jobs: JobOf<Kind>[], options?: RunOptions): Promise<JobResults[Kind][]>;
}

let inlineCore: Core | undefined;

/** The calling thread's core, made on first use. */
export function sharedCore(): Core {
  inlineCore ??= new Core();
  return inlineCore;
}

/**
 * Bytes of WebAssembly memory that the calling thread's core holds now; a pool's threads have cores of their
 * own. Constant while problems stream through; sorting and point sets make it grow, and it never shrinks.
 */
export function wasmMemoryBytes(): number {
  return sharedCore().memoryBytes;
}

/** Up to so many items the calling thread's core does the work; up to so many more a second core is kept for it. */
const SHARED_ITEMS = 1_000_000;
const KEPT_ITEMS = 4_000_000;
let largeCore: Core | undefined;

/**
 * The core for work whose memory grows with its items, increments or points, some 60 bytes each. Memory never shrinks:
 * many items get a core apart, kept for the next such work while that is at most 256 MiB, else left to the collector.
 */
export function coreFor(items: number): Core {
  if (items <= SHARED_ITEMS) return sharedCore();
  if (items > KEPT_ITEMS) return new Core();
  largeCore ??= new Core();
  return largeCore;
}

/** Does a long job on the calling thread, giving way to other work between two slices. */
async function runSlices(job: SlicedJob, signal: AbortSignal | undefined): Promise<JobResults["search"]> {
  const slices = slicesOf(sharedCore(), job);
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
    await setImmediate();
    signal?.throwIfAborted();
  }
}

/** Runs jobs on the calling thread, giving way to other work between two jobs. */
export const inline: Runner = {
  async run<Kind extends Job["kind"]>(jobs: JobOf<Kind>[], { signal, onDone }: RunOptions = {}) {
    const results: JobResults[Kind][] = [];
    for (const job of jobs) {
      if (jobs.length > 1) await setImmediate();
      signal?.throwIfAborted();
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

const IDLE_MS = 30_000;
const WORKER = packageFile("dist/src/pool/worker.js");

/**
 * Worker threads, each with a core of its own. Speeds work up and never changes a result.
 * Whoever makes a pool closes it.
 */
export class Pool implements Runner {
  readonly threads: number;
  private readonly workers: Piscina;

  /** `threads`: 1 … 256, default: the machine's processors. `maxQueue`: jobs that may wait, default 1,024. */
  constructor({ threads = availableParallelism(), maxQueue = 1024 } = {}) {
    if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
      throw new InputError(`threads is ${threads}; expected a whole number from 1 to 256`, { threads });
    }
    this.threads = threads;
    this.workers = new Piscina({
      filename: WORKER.href,
      // Threads start with the first work that needs them, and end when they have had none for a while.
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      maxQueue,
      concurrentTasksPerWorker: 1,
      atomics: "async",
      recordTiming: false,
      workerData: { module: compileCore("release") },
    });
  }

  /** Does jobs on the threads; see `Runner`. Used by the functions that take a pool. */
  async run<Kind extends Job["kind"]>(
    jobs: JobOf<Kind>[],
    { signal, onDone }: RunOptions = {},
  ): Promise<JobResults[Kind][]> {
    // One job is a small problem: sending it costs more than doing it.
    if (jobs.length === 1) return inline.run<Kind>(jobs, { signal, onDone });
    return this.runTasks<JobResults[Kind]>(WORKER, jobs.length, (k) => jobs[k], { signal, onDone });
  }

  /**
   * Does `count` tasks in a worker module of this package, whose default export answers with a `Reply`; their results by number.
   * A task is made when a thread is free for it.
   */
  async runTasks<Result>(
    module: URL,
    count: number,
    taskAt: (k: number) => unknown,
    { signal, onDone }: RunOptions = {},
  ): Promise<Result[]> {
    signal?.throwIfAborted();
    const results = new Array<Result>(count);
    let next = 0;
    let done = 0;
    let stopped = false;
    // As many tasks under way as threads: what has not started when the signal fires never starts.
    const lane = async (): Promise<void> => {
      while (next < count && !stopped) {
        const k = next++;
        results[k] = unwrap(await this.submit<Result>(module, taskAt(k)));
        if (!stopped) onDone?.(++done, count);
      }
    };
    const lanes = Array.from({ length: Math.min(this.threads, count) }, lane);
    try {
      await untilAborted(Promise.all(lanes), signal);
    } finally {
      stopped = true;
    }
    return results;
  }

  /** Stops the threads; the pool is of no use afterwards. */
  async close(): Promise<void> {
    await this.workers.destroy();
  }

  private async submit<T>(module: URL, task: unknown): Promise<Reply<T>> {
    try {
      return (await this.workers.run(task, { filename: module.href })) as Reply<T>;
    } catch (error) {
      if (error instanceof Error && error.message.includes("queue is at limit")) {
        throw new OverloadedError("the pool's queue is full; try again later");
      }
      throw error;
    }
  }
}

/** Settles with the work, or rejects with the signal's reason as soon as it fires. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    work.catch(() => {});
  }
}
