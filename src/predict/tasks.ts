import { costFitter, type Fitting } from "./cost/fitOne.js";
import type { Resampled, Replicate } from "./selection/bootstrap.js";
import { replicator } from "./selection/bootstrap.js";
import { calibratedLoss, trier, type Trial, type Trier } from "./selection/crossValidate.js";
import type { Examples } from "./methods/examples.js";
import type { MethodKind, Setting } from "./methods/method.js";
import { methodOf } from "./methods/methods.js";
import { queryScorer, type Queries, type QueryScorer } from "./score.js";
import type { PredictorState } from "./state.js";

/**
 * Trying a method on a fold, judging a setting by what was tried, growing a part of a fit, fitting a replicate, fitting a
 * model's costs, or predicting a block of queries: plain data for a thread, the large arrays shared.
 */
export type Task =
  | { kind: "try"; owner: number; trial: Trial; method: MethodKind; held: number }
  | { kind: "judge"; trial: Trial; heldOut: Float32Array }
  | { kind: "cost"; owner: number; fitting: Fitting; model: number }
  | { kind: "part"; examples: Examples; method: MethodKind; setting: Setting; seed: number; part: number }
  | { kind: "score"; owner: number; state: PredictorState; queries: Queries; rows: number; out: Float32Array }
  | { kind: "replicate"; owner: number; resampled: Resampled; replicate: number };

let owners = 0;

/** A number that no other predictor in this process uses for its tasks. */
export function nextOwner(): number {
  return owners++;
}

type Ready = Trier | QueryScorer | ((b: number) => Replicate) | ReturnType<typeof costFitter>;

/** What this thread prepared last, and for which owner: tasks of one owner follow each other. */
let ready: { owner: number; kind: Task["kind"]; run: Ready } | undefined;

function readyFor<T extends Ready>(
  { owner, kind }: Exclude<Task, { kind: "part" | "judge" }>,
  make: () => T,
): T {
  if (ready?.owner !== owner || ready.kind !== kind) ready = { owner, kind, run: make() };
  return ready.run as T;
}

/** Runs one task: the same code on the calling thread and in a worker. A scored block is written to its `out`. */
export function runTask(task: Task): unknown {
  if (task.kind === "part") {
    const { examples, method, setting, seed, part } = task;
    return methodOf(method).inParts!.fit(examples, setting, seed, part);
  }
  if (task.kind === "judge") {
    const { trial, heldOut } = task;
    return calibratedLoss([heldOut], trial.examples, trial.fold);
  }
  if (task.kind === "cost") return readyFor(task, () => costFitter(task.fitting))(task.model);
  if (task.kind === "try") {
    const fits = readyFor(task, () => trier(task.trial))(task.method, task.held);
    for (;;) {
      const step = fits.next();
      if (step.done) return step.value;
    }
  }
  if (task.kind === "replicate") return readyFor(task, () => replicator(task.resampled))(task.replicate);
  readyFor(task, () => queryScorer(task.state))(task.queries, 0, task.rows, task.out);
  return undefined;
}
