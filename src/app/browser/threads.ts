import type { ThreadWanted } from "../messages.js";

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

/** The modules that threads run, by the end of their path. */
const MODULES: Record<string, () => Promise<{ default: (task: never) => unknown }>> = {
  "/src/pool/worker.js": () => import("../../pool/worker.js"),
  "/src/predict/worker.js": () => import("../../predict/worker.js"),
};

/**
 * Threads that are started as they are needed, each with one task at a time. The page starts them, and ends them with the
 * job: Firefox can block for ever where a worker starts two of its own at once.
 */
export class Piscina {
  private readonly idle: MessagePort[] = [];
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private next = 0;

  /** Nothing is told: a thread that cannot be started fails the job, by the page. */
  on(): void {}

  async run(task: unknown, { filename }: { filename: string }): Promise<unknown> {
    const thread = this.idle.pop() ?? this.start();
    const id = this.next++;
    try {
      return await new Promise((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        thread.postMessage({ id, filename, task } satisfies Sent);
      });
    } finally {
      this.waiting.delete(id);
      this.idle.push(thread);
    }
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }

  private start(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<Answer>) => {
      const call = this.waiting.get(data.id);
      if ("failure" in data) call?.reject(new Error(data.failure));
      else call?.resolve(data.value);
    };
    self.postMessage({ kind: "thread", port: port2 } satisfies ThreadWanted, { transfer: [port2] });
    return port1;
  }
}

/** Answers the tasks that a `Piscina` sends through the port that the page passes on. */
export function serveTasks(): void {
  self.onmessage = ({ data: port }: MessageEvent<MessagePort>) => {
    port.onmessage = ({ data }: MessageEvent<Sent>) => void answer(data, port);
  };
}

async function answer({ id, filename, task }: Sent, port: MessagePort): Promise<void> {
  const post = (answer: Answer, transfer: Transferable[] = []): void => port.postMessage(answer, transfer);
  try {
    const ending = Object.keys(MODULES).find((path) => filename.endsWith(path));
    const { default: work } = await MODULES[ending!]();
    const found = (await work(task as never)) as Moved | object;
    if (valueSymbol in found) post({ id, value: found[valueSymbol] }, found[transferableSymbol]);
    else post({ id, value: found });
  } catch (error) {
    post({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
