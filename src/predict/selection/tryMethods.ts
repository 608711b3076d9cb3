import { calibratedLoss, heldOutBySetting, trier, type Candidate, type Trial } from "./crossValidate.js";
import { FOLDS } from "./folds.js";
import type { MethodKind } from "../methods/method.js";
import { settingsOf } from "../methods/methods.js";
import { runTasks } from "../runTasks.js";
import type { RunningOptions } from "../../pool/running.js";
import { share } from "../share.js";
import { nextOwner } from "../tasks.js";

/** Tries all settings of methods by cross-validation, over the pool if there is one; this does not change results. */
export async function tryMethods(
  kinds: readonly MethodKind[],
  trial: Trial,
  options: RunningOptions,
): Promise<Candidate[]> {
  const count = kinds.length * FOLDS;
  const place = (k: number) => ({ method: kinds[Math.floor(k / FOLDS)], held: k % FOLDS });
  const scored = await runTasks(
    count,
    {
      pooled() {
        const task = { kind: "try" as const, owner: nextOwner(), trial: share(trial) };
        return (k) => ({ ...task, ...place(k) });
      },
      here() {
        const tries = trier(trial);
        return (k) => tries(place(k).method, place(k).held);
      },
    },
    options,
    (done) => options.onProgress?.({ phase: "fit", done, total: count }),
  );
  const tried = kinds.flatMap((kind, k) => {
    const heldOut = heldOutBySetting(scored.slice(k * FOLDS, (k + 1) * FOLDS), trial);
    return settingsOf(kind, trial.examples.models).map((setting, s) => ({
      kind,
      setting,
      heldOut: heldOut[s],
    }));
  });
  const logLoss = await lossesOf(
    tried.map(({ heldOut }) => heldOut),
    trial,
    options,
  );
  return tried.map((one, k) => ({ ...one, logLoss: logLoss[k] }));
}

/** The log-loss of each matrix of held-out predictions, calibrated on the other folds. */
function lossesOf(
  heldOut: readonly Float32Array[],
  trial: Trial,
  options: RunningOptions,
): Promise<number[]> {
  return runTasks(
    heldOut.length,
    {
      pooled() {
        const shared = share(trial);
        return (k) => ({ kind: "judge" as const, trial: shared, heldOut: share(heldOut[k]) });
      },
      here() {
        return function* (k) {
          yield;
          return calibratedLoss([heldOut[k]], trial.examples, trial.fold);
        };
      },
    },
    options,
    () => undefined,
  );
}
