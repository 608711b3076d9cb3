import { availableParallelism } from "node:os";
import type { Piscina } from "piscina";
import { loadedModules } from "../core/module.js";
import { solveModule } from "../core/solve/module.js";
import { CoreError, InputError, OverloadedError } from "../errors.js";
import { packageFile } from "../package.js";
import { isConstrained, type Job, type JobOf, type JobResults } from "./jobs.js";
import { unwrap, type Reply } from "./reply.js";
import { inline, type RunOptions } from "./runner.js";

const IDLE_MS = 30_000;
/** Jobs of plans under constraints are short, and waking a thread takes as long as one: so many at most are sent together. */
const MOST_JOBS = 8;
const WORKER = packageFile("dist/src/pool/worker.js");

/**
 * Worker threads, each with a core of its own. Speeds work up and never changes a result. The caller that makes a pool
 * must close it.
 */
export class Pool {
  readonly threads: number;
  /** Piscina is loaded when threads are first needed. */
  private workers: Promise<Piscina> | undefined;
  /** Why the last threads could not start. */
  private failure: CoreError | undefined;
  private readonly maxQueue: number;
  /** Tasks that run or wait. */
  private taken = 0;

  /** `threads`: 1 … 256, default: the machine's processors. `maxQueue`: jobs that may wait, default 1,024. */
  constructor({ threads = availableParallelism(), maxQueue = 1024 } = {}) {
    if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
      throw new InputError(`threads is ${threads}; expected a whole number from 1 to 256`, { threads });
    }
    this.threads = threads;
    this.maxQueue = maxQueue;
  }

  /** @internal Runs jobs on the threads; see `Runner`. */
  async run<Kind extends Job["kind"]>(
    jobs: JobOf<Kind>[],
    { signal, onDone }: RunOptions = {},
  ): Promise<JobResults[Kind][]> {
    // One job is a small problem: sending it takes longer than running it.
    if (jobs.length <= 1) return inline.run<Kind>(jobs, { signal, onDone });
    const rounds = Math.ceil(jobs.length / (MOST_JOBS * this.threads));
    const size = isConstrained(jobs[0]) ? Math.ceil(jobs.length / (rounds * this.threads)) : 1;
    const found = await this.runTasks<JobResults[Kind][]>(
      WORKER,
      Math.ceil(jobs.length / size),
      (k) => jobs.slice(k * size, (k + 1) * size),
      { signal, onDone: (done) => onDone?.(Math.min(done * size, jobs.length), jobs.length) },
    );
    return found.flat();
  }

  /**
   * @internal Runs `count` tasks in a worker module of this package, whose default export answers with a `Reply`.
   * Returns their results by number. A task is made when a thread is free for it. `isStopped`: the signal ends also tasks
   * that are running, with their threads.
   */
  async runTasks<Result>(
    module: URL,
    count: number,
    taskAt: (k: number) => unknown,
    { signal, onDone, isStopped = false }: RunOptions & { isStopped?: boolean } = {},
  ): Promise<Result[]> {
    signal?.throwIfAborted();
    const results = new Array<Result>(count);
    let next = 0;
    let done = 0;
    let stopped = false;
    // At most one task per thread is in flight: tasks that have not started when the signal fires never start.
    const lane = async (): Promise<void> => {
      while (next < count && !stopped) {
        const k = next++;
        results[k] = unwrap(await this.submit<Result>(module, taskAt(k), isStopped ? signal : undefined));
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

  /** Stops the threads; the pool cannot be used afterwards. */
  async close(): Promise<void> {
    await (await this.workers)?.destroy();
  }

  private async start(): Promise<Piscina> {
    const { Piscina } = await import("piscina");
    const workers = new Piscina({
      filename: WORKER.href,
      // Threads start when they are first needed and end after being idle for a while.
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: IDLE_MS,
      concurrentTasksPerWorker: 1,
      atomics: "async",
      recordTiming: false,
      workerData: { modules: { ...loadedModules(), solve: solveModule() } },
    });
    // A thread that cannot start, and has no task that could say so: what waits for it would wait for ever.
    workers.on("error", (error: Error) => {
      this.failure = new CoreError(`a thread cannot be started: ${error.message}`);
      this.workers = undefined;
      void workers.destroy();
    });
    return workers;
  }

  /** Piscina does not count tasks that a signal can stop as waiting, so that the limit is kept here. */
  private async submit<T>(module: URL, task: unknown, signal?: AbortSignal): Promise<Reply<T>> {
    this.workers ??= this.start();
    const workers = await this.workers;
    if (this.taken >= this.threads + this.maxQueue)
      throw new OverloadedError("the pool's queue is full; try again later");
    this.taken++;
    try {
      return (await workers.run(task, { filename: module.href, signal })) as Reply<T>;
    } catch (error) {
      throw this.workers === undefined ? (this.failure ?? error) : error;
    } finally {
      this.taken--;
    }
  }
}

/** Settles with the work, or rejects with the signal's reason as soon as it fires. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
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
