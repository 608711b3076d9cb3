import type { Resampled, Replicate } from "./bootstrap.js";
import { replicator } from "./bootstrap.js";
import { queryScorer, type Queries, type QueryScorer } from "./score.js";
import type { PredictorState } from "./state.js";

/** Predicting a block of queries, or fitting a replicate: plain data for a thread, the large arrays shared. */
export type Task =
  | { kind: "score"; owner: number; state: PredictorState; queries: Queries; rows: number; out: Float32Array }
  | { kind: "replicate"; owner: number; resampled: Resampled; replicate: number };

let owners = 0;

/** A number that no other predictor's tasks of this process have. */
export function nextOwner(): number {
  return owners++;
}

/** What this thread made ready last, and for whom: tasks of one owner follow each other. */
let ready: { owner: number; kind: Task["kind"]; run: QueryScorer | ((b: number) => Replicate) } | undefined;

function readyFor<T extends QueryScorer | ((b: number) => Replicate)>(
  { owner, kind }: Task,
  make: () => T,
): T {
  if (ready?.owner !== owner || ready.kind !== kind) ready = { owner, kind, run: make() };
  return ready.run as T;
}

/** Does one task: the same code on the calling thread and in a worker. A scored block is written to its `out`. */
export function runTask(task: Task): Replicate | undefined {
  if (task.kind === "replicate") return readyFor(task, () => replicator(task.resampled))(task.replicate);
  readyFor(task, () => queryScorer(task.state))(task.queries, 0, task.rows, task.out);
  return undefined;
}
