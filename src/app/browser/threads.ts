/**
 * What stands for `piscina` and `node:worker_threads` in a page: Web Workers that run the same modules. They can share
 * memory only in a page that is cross-origin isolated.
 */

/** A task, and the module whose default export runs it. */
interface Sent {
  id: number;
  filename: string;
  task: unknown;
}

type Answer = { id: number; value: unknown } | { id: number; failure: string };

export const valueSymbol = Symbol("value");
export const transferableSymbol = Symbol("transferable");

interface Moved {
  [valueSymbol]: unknown;
  [transferableSymbol]: Transferable[];
}

export function move(answer: Moved): Moved {
  return answer;
}

/** Every worker compiles the modules of the core itself. */
export const workerData = { modules: {} };

/** The name of a worker that runs tasks. */
export const THREAD = "thread";

/** The modules that threads run, by the end of their path. */
const MODULES: Record<string, () => Promise<{ default: (task: never) => unknown }>> = {
  "/src/pool/worker.js": () => import("../../pool/worker.js"),
  "/src/predict/worker.js": () => import("../../predict/worker.js"),
};

/** Threads that are started as they are needed, each with one task at a time. */
export class Piscina {
  private readonly idle: Worker[] = [];
  private readonly all: Worker[] = [];
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private next = 0;
  private onError: ((error: Error) => void) | undefined;

  /** The one event that there is: a thread that cannot be started. */
  on(_event: "error", listener: (error: Error) => void): void {
    this.onError = listener;
  }

  async run(task: unknown, { filename }: { filename: string }): Promise<unknown> {
    const worker = this.idle.pop() ?? this.start();
    const id = this.next++;
    try {
      return await new Promise((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        worker.postMessage({ id, filename, task } satisfies Sent);
      });
    } finally {
      this.waiting.delete(id);
      this.idle.push(worker);
    }
  }

  destroy(): Promise<void> {
    for (const worker of this.all) worker.terminate();
    return Promise.resolve();
  }

  private start(): Worker {
    const worker = new Worker(self.location.href, { name: THREAD });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const call = this.waiting.get(data.id);
      if ("failure" in data) call?.reject(new Error(data.failure));
      else call?.resolve(data.value);
    };
    worker.onerror = ({ message }) => {
      const error = new Error(message);
      for (const call of this.waiting.values()) call.reject(error);
      this.onError?.(error);
    };
    this.all.push(worker);
    return worker;
  }
}

/** Answers the tasks that a `Piscina` sends to this worker. */
export function serveTasks(): void {
  self.onmessage = async ({ data: { id, filename, task } }: MessageEvent<Sent>) => {
    try {
      const ending = Object.keys(MODULES).find((path) => filename.endsWith(path));
      const { default: work } = await MODULES[ending!]();
      const answer = (await work(task as never)) as Moved | object;
      const isMoved = valueSymbol in answer;
      const value = isMoved ? answer[valueSymbol] : answer;
      post({ id, value }, isMoved ? answer[transferableSymbol] : []);
    } catch (error) {
      post({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }, []);
    }
  };
}

function post(answer: Answer, transfer: Transferable[]): void {
  (self as unknown as { postMessage(message: Answer, transfer: Transferable[]): void }).postMessage(
    answer,
    transfer,
  );
}
