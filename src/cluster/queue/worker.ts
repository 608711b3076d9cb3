import { hostname } from "node:os";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../errors.js";
import { Pool } from "../../pool/pool.js";
import { cancelledPath } from "../cancelled.js";
import { THREAD } from "../dispatch.js";
import { exists } from "../files.js";
import { checkPlace } from "../run.js";
import { oneLine } from "../../text/shown.js";
import { outputOf, partLabel, stepName, type Task } from "../tasks.js";
import { connectQueue, type QueueServer } from "./connect.js";
import { misplacedReason, reasonIn } from "./misplaced.js";

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
  /** Resolves, with the reason, when the worker does not see what the process that plans sees. It takes no more tasks: close it. */
  misplaced: Promise<InputError>;
  /** Takes no more tasks, and resolves when those under way are done. */
  close(): Promise<void>;
}

type Jobs = ReturnType<QueueServer["queue"]>;

/** Milliseconds in which a process that plans gives back a task. */
const GIVE_BACK_MS = 5_000;
/** Minutes for which the queue keeps the numbers of tasks done and failed. */
const METRIC_MINUTES = 60;
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
  const jobs = server.queue();
  const run = async (task: Task): Promise<void> => {
    try {
      await runOnce(task, pool, options);
    } catch (error) {
      // What is wrong with the input stays wrong.
      if (!(error instanceof InputError)) throw error;
      const reason = `${error.message} (worker on ${hostname()})`;
      if (await isPlaced(task)) throw new UnrecoverableError(reason);
      await worker.pause(true);
      throw new UnrecoverableError(misplacedReason(reason));
    }
  };
  const worker = server.worker(run, {
    concurrency: pool.threads,
    maxStalledCount: MOST_LOST,
    lockDuration: 1000 * lockSeconds,
    stalledInterval: 1000 * lockSeconds,
    // Without it, the queue's counters for Prometheus stay at 0.
    metrics: { maxDataPoints: METRIC_MINUTES },
  });
  const misplaced = new Promise<InputError>((resolve) => {
    worker.on("failed", (job, { message }) => {
      const reason = reasonIn(message);
      if (job?.id === undefined || reason === undefined) return;
      void isGivenBack(jobs, job.id).then((is) => (is ? resolve(isElsewhere(reason)) : worker.resume()));
    });
  });
  let said = "";
  worker.on("active", () => (said = ""));
  worker.on("error", (error) => {
    const text = `queue at ${server.place}: ${whyOf(error)}; this is tried again until it works`;
    if (text !== said) onNote?.(text);
    said = text;
  });
  worker.on("stalled", (id) => {
    void nameOfJob(jobs, id).then((name) => onNote?.(`${name} lost its worker and is given out again`));
  });
  return {
    place: server.place,
    threads: pool.threads,
    misplaced,
    close: async () => {
      await worker.close();
      await pool.close();
      await server.close();
    },
  };
}

/** Whether a run can be carried on from here. */
function isPlaced({ folder }: Task): Promise<boolean> {
  return checkPlace(folder).then(
    () => true,
    () => false,
  );
}

/** Whether the process that plans gives a failed job to another worker. Where none waits for it, its run may just be gone. */
async function isGivenBack(jobs: Jobs, id: string): Promise<boolean> {
  for (const began = performance.now(); performance.now() - began < GIVE_BACK_MS; await sleep(100))
    if ((await jobs.getJobState(id).catch(() => "failed")) !== "failed") return true;
  return false;
}

function isElsewhere(reason: string): InputError {
  return new InputError(
    `this worker cannot do a task: ${reason}. The process that plans sees the run and its inputs as they were planned: ` +
      "start the worker with the same version of optllm, where both have the same paths",
    {},
  );
}

async function nameOfJob(jobs: Jobs, id: string): Promise<string> {
  const task = (await jobs.getJob(id).catch(() => undefined))?.data;
  return task === undefined ? "a task" : `${stepName(task)} ${partLabel(task)} of ${basename(task.folder)}`;
}

/** Why a connection failed; to a name with several addresses, the first reason. */
function whyOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return oneLine(first instanceof Error ? first.message : String(first));
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
