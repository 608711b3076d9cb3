import { availableParallelism } from "node:os";
import { OverloadedError } from "../../errors.js";
import { packageFile } from "../../package.js";
import { Pool } from "../../pool/pool.js";
import { ApiError } from "../http/apiError.js";
import { solved, type Solution, type Task } from "./solved.js";

const WORKER = packageFile("dist/src/server/solve/worker.js");
/** Options (queries × models) up to which handing a problem to a thread takes longer than solving it, about a millisecond. */
const SMALL = 2_000;
/** A client of whom this many problems one after another took this long goes to the threads for a while. */
const MOST_SLOW = 3;
const SLOW_MS = 20;
const SLOW_FOR_MS = 60_000;
/** Seconds after which a client may ask again. */
const WAIT_S = 1;

/** Solves problems: small ones without constraints at once, others on threads, where each can be stopped. */
export class Solver {
  private readonly pool: Pool;
  /** Clients, which are keys and so few: slow problems one after another, and when the last one ended. */
  private readonly slow = new Map<string | undefined, { count: number; at: number }>();

  /** `queue`: problems that may wait for a thread. One processor is left to the requests. */
  constructor(queue: number, threads = Math.max(1, availableParallelism() - 1)) {
    this.pool = new Pool({ threads, maxQueue: queue });
  }

  /**
   * `client`: whose problem it is. `interruption`: its signal stops a thread; what is solved at once ends before one could come.
   *
   * @throws InputError for a problem that is wrong, ApiError 503 with `retry-after` if too many wait, and the reason of
   * the signal.
   */
  async solve(task: Task, interruption: { signal: AbortSignal }, client?: string): Promise<Solution> {
    const { problem, constraints } = task;
    const isSmall = problem.cost.length <= SMALL && constraints === undefined;
    if (isSmall && !this.isSlow(client)) return this.here(task, client);
    const { signal } = interruption;
    try {
      const [choice] = await this.pool.runTasks<Solution>(WORKER, 1, () => task, { signal, isStopped: true });
      return choice;
    } catch (error) {
      if (!(error instanceof OverloadedError)) throw error;
      throw new ApiError(
        503,
        "solver_busy",
        `too many problems wait to be solved; try again in ${WAIT_S} s`,
        {
          headers: { "retry-after": String(WAIT_S) },
        },
      );
    }
  }

  /** On this thread: a few problems take long although they are small, and requests would wait for them. */
  private async here(task: Task, client: string | undefined): Promise<Solution> {
    const began = performance.now();
    // Asking takes 30 µs: only of clients whose last problem took long.
    const before = this.slow.has(client) ? process.cpuUsage() : undefined;
    try {
      return await solved(task);
    } finally {
      const at = performance.now();
      // On a busy machine everything takes long; this thread can have worked no longer than the process.
      if (at - began < SLOW_MS || (before && workMs(before) < SLOW_MS)) this.slow.delete(client);
      else this.slow.set(client, { count: (this.slow.get(client)?.count ?? 0) + 1, at });
    }
  }

  private isSlow(client: string | undefined): boolean {
    const { count, at } = this.slow.get(client) ?? { count: 0, at: 0 };
    return count >= MOST_SLOW && performance.now() < at + SLOW_FOR_MS;
  }

  /** Stops what is being solved. */
  close(): Promise<void> {
    return this.pool.close();
  }
}

/** Milliseconds that all threads of the process have worked since. */
function workMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
