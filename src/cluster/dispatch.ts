import type { OnProgress } from "../types.js";
import { packageFile } from "../package.js";
import { Pool } from "../pool/pool.js";
import { exists } from "./files.js";
import { outputOf, runTask, stepName, type Task } from "./tasks.js";

/** How a run is carried on. */
export interface DispatchOptions {
  /** Ends it; its reason is thrown, and what is done stays. */
  signal?: AbortSignal;
  /** The phase is the step; done and total count rows, or bytes of the inputs in the steps `split` and `predict`. */
  onProgress?: OnProgress;
  /** Called where no worker takes the tasks. */
  onNote?: (text: string) => void;
  /** Threads of this process that choose under limits; default: one per processor. */
  threads?: number;
}

/** Has the tasks of runs done: on threads of this process, or by workers. Whoever makes one closes it. */
export interface Dispatcher {
  /** @internal Runs those whose outputs are missing. Throws when some fail, after the others are done. */
  run(tasks: readonly Task[], options: DispatchOptions): Promise<void>;
  /** Ends its threads or connections. */
  close(): Promise<void>;
}

export async function missing(tasks: readonly Task[]): Promise<Task[]> {
  const left: Task[] = [];
  for (const task of tasks) if (!(await exists(outputOf(task)))) left.push(task);
  return left;
}

/** Those of most rows first: the last ones leave workers idle only for a short time. */
export function largestFirst(tasks: readonly Task[]): Task[] {
  return [...tasks].sort((a, b) => b.rows - a.rows);
}

/** Tells how many rows of a step are done. */
export function reportRows(all: readonly Task[], left: readonly Task[], onProgress?: OnProgress): void {
  if (all.length === 0) return;
  const rowsOf = (tasks: readonly Task[]): number => tasks.reduce((sum, { rows }) => sum + rows, 0);
  const total = rowsOf(all);
  onProgress?.({ phase: stepName(all[0]), done: total - rowsOf(left), total });
}

/** The module that runs a task on a worker thread. */
export const THREAD = packageFile("dist/src/cluster/thread.js");

/** Tasks on the calling thread, one after another. */
export const inline: Dispatcher = {
  async run(tasks, { signal, onProgress }) {
    const left = await missing(tasks);
    while (left.length > 0) {
      signal?.throwIfAborted();
      reportRows(tasks, left, onProgress);
      await runTask(left[0]);
      left.shift();
    }
    reportRows(tasks, left, onProgress);
  },
  close: () => Promise.resolve(),
};

/** Tasks on threads of this process; on the calling thread if there is to be one. Default: one per processor. */
export function onThreads(threads?: number): Dispatcher {
  if (threads === 1) return inline;
  const pool = new Pool({ threads });
  return {
    async run(tasks, { signal, onProgress }) {
      const left = largestFirst(await missing(tasks));
      reportRows(tasks, left, onProgress);
      await pool.runTasks(THREAD, left.length, (k) => left[k], {
        signal,
        onDone: (done) => reportRows(tasks, left.slice(done), onProgress),
      });
    },
    close: () => pool.close(),
  };
}
