import { hostname } from "node:os";
import { basename } from "node:path";
import { InputError } from "../../errors.js";
import { Pool } from "../../pool/pool.js";
import { THREAD } from "../dispatch.js";
import { exists } from "../files.js";
import { outputOf, partLabel, stepName, type Task } from "../tasks.js";
import { connectQueue } from "./connect.js";
import { cancelledPath } from "./dispatch.js";

/** How a worker runs. */
export interface WorkerOptions {
  /** The address of the queue: `redis://…` or `postgres://…`. */
  queue: string;
  /** Tasks at a time, each on a thread of its own; default: the machine's processors. */
  threads?: number;
  /** A task whose worker was not heard of for so many seconds is given to another; default 30. */
  lockSeconds?: number;
  /** Called when a task starts, and when it ends. */
  onTask?: (event: TaskEvent) => void;
  /** Called with a sentence when the queue reports trouble. */
  onNote?: (text: string) => void;
}

/** What happened to a task of a worker. */
export interface TaskEvent {
  /** Name of the run's folder. */
  run: string;
  step: string;
  /** Number of the file or shard; of a part of a file, as in 3-0. */
  part: string;
  /** `skipped`: its output was there already, or the run was cancelled. */
  outcome: "started" | "done" | "skipped" | "failed";
  /** Bytes of the input in the steps `split` and `predict`, whose rows are not yet known. */
  rows: number;
  /** Since it started. */
  seconds: number;
  /** Why it failed. */
  error?: string;
}

/** A worker that takes tasks until it is closed. */
export interface ClusterWorker {
  /** Where its queue is. */
  place: string;
  threads: number;
  /** Takes no more tasks, and resolves when those under way are done. */
  close(): Promise<void>;
}

/** Times that a task may lose its worker before it fails. */
const MOST_LOST = 10;

/**
 * Takes tasks from a queue and runs each on a worker thread, so that this thread can renew its lock.
 *
 * @throws InputError for a wrong address, a missing package, and a server that does not answer.
 */
export async function startWorker(options: WorkerOptions): Promise<ClusterWorker> {
  const { queue, lockSeconds = 30, onNote } = options;
  const server = await connectQueue(queue);
  const { UnrecoverableError } = await import("bullmq");
  const pool = new Pool({ threads: options.threads });
  const run = async (task: Task): Promise<void> => {
    try {
      await runOnce(task, pool, options);
    } catch (error) {
      // What is wrong with the input stays wrong.
      throw error instanceof InputError
        ? new UnrecoverableError(`${error.message} (worker on ${hostname()})`)
        : error;
    }
  };
  const worker = server.worker(run, {
    concurrency: pool.threads,
    maxStalledCount: MOST_LOST,
    lockDuration: 1000 * lockSeconds,
    stalledInterval: 1000 * lockSeconds,
  });
  worker.on("error", (error) => onNote?.(`queue: ${error.message}`));
  worker.on("stalled", (id) => onNote?.(`task ${id} lost its worker and is given out again`));
  return {
    place: server.place,
    threads: pool.threads,
    close: async () => {
      await worker.close();
      await pool.close();
      await server.close();
    },
  };
}

async function runOnce(task: Task, pool: Pool, { onTask }: WorkerOptions): Promise<void> {
  const began = performance.now();
  const tell = (outcome: TaskEvent["outcome"], error?: string): void =>
    onTask?.({
      run: basename(task.folder),
      step: stepName(task),
      part: partLabel(task),
      outcome,
      rows: task.rows,
      seconds: (performance.now() - began) / 1000,
      ...(error !== undefined && { error }),
    });
  if ((await exists(outputOf(task))) || (await exists(cancelledPath(task.folder)))) return tell("skipped");
  tell("started");
  try {
    await pool.runTasks(THREAD, 1, () => task);
  } catch (error) {
    tell("failed", error instanceof Error ? error.message : String(error));
    throw error;
  }
  tell("done");
}
