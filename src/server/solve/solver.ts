import { availableParallelism } from "node:os";
import { OverloadedError } from "../../errors.js";
import { packageFile } from "../../package.js";
import { Pool } from "../../pool/pool.js";
import { ApiError } from "../http/apiError.js";
import { solved, type Solution, type Task } from "./solved.js";

const WORKER = packageFile("dist/src/server/solve/worker.js");
/** Options (queries × models) up to which handing a problem to a thread takes longer than solving it, about a millisecond. */
const SMALL = 2_000;
/** Seconds after which a client may ask again. */
const WAIT_S = 1;

/** Solves problems: small ones without constraints at once, others on threads, where each can be stopped. */
export class Solver {
  private readonly pool: Pool;

  /** `queue`: problems that may wait for a thread. One processor is left to the requests. */
  constructor(queue: number, threads = Math.max(1, availableParallelism() - 1)) {
    this.pool = new Pool({ threads, maxQueue: queue });
  }

  /**
   * @throws InputError for a problem that is wrong, ApiError 503 with `retry-after` if too many wait, and the reason of
   * the signal.
   */
  async solve(task: Task, signal: AbortSignal): Promise<Solution> {
    const { problem, constraints } = task;
    if (problem.cost.length <= SMALL && constraints === undefined) return solved(task, signal);
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

  /** Stops what is being solved. */
  close(): Promise<void> {
    return this.pool.close();
  }
}
