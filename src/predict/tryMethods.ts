import { breathe } from "./breathe.js";
import { candidatesOf, trier, type Candidate, type Trial } from "./crossValidate.js";
import { FOLDS } from "./folds.js";
import type { MethodKind } from "./method.js";
import { WORKER, type RunningOptions } from "./predictor.js";
import { share } from "./shared.js";
import { nextOwner, type Task } from "./tasks.js";

/** Tries all settings of methods by cross-validation, over the pool when there is one, which changes no result. */
export async function tryMethods(
  kinds: readonly MethodKind[],
  trial: Trial,
  { pool, signal, onProgress }: RunningOptions,
): Promise<Candidate[]> {
  const count = kinds.length * FOLDS;
  const place = (k: number) => ({ method: kinds[Math.floor(k / FOLDS)], held: k % FOLDS });
  const onDone = (done: number): void => onProgress?.({ phase: "train", done, total: count });
  onDone(0);
  let scored: Float32Array[][] = [];
  if (pool !== undefined && pool.threads > 1) {
    const task = { kind: "try" as const, owner: nextOwner(), trial: share(trial) };
    const taskAt = (k: number): Task => ({ ...task, ...place(k) });
    scored = await pool.runTasks(WORKER, count, taskAt, { signal, onDone });
  } else {
    const tries = trier(trial);
    for (let k = 0; k < count; k++) {
      const { method, held } = place(k);
      const fits = tries(method, held);
      let step = fits.next();
      while (!step.done) {
        await breathe(signal);
        step = fits.next();
      }
      scored.push(step.value);
      onDone(k + 1);
    }
  }
  return kinds.flatMap((kind, k) => candidatesOf(kind, scored.slice(k * FOLDS, (k + 1) * FOLDS), trial));
}
