import { partsOf, type SolveInput } from "./input.js";
import type { Objective } from "./objective.js";
import { isAllowed } from "./problem.js";
import { AllocationSum } from "./exact/total.js";

/** A model that answers every query alone. */
export interface Single {
  /** Its index. */
  model: number;
  objective: Objective;
}

/**
 * The single model of highest expected accuracy (ties: the cheaper, then the lower index) among those that may answer
 * every query; undefined if there is none. The sums are those of `evaluate`, to the bit. O(queries × models).
 */
export async function bestSingle(input: SolveInput, signal?: AbortSignal): Promise<Single | undefined> {
  return bestOf(await singles(input, signal));
}

/** The best of the results of `singles`. */
export function bestOf(objectives: readonly (Objective | undefined)[]): Single | undefined {
  let best: Single | undefined;
  objectives.forEach((objective, model) => {
    if (objective === undefined) return;
    const ahead = best === undefined ? 1 : objective.expectedAccuracy - best.objective.expectedAccuracy;
    if (ahead > 0 || (ahead === 0 && objective.totalCost < best!.objective.totalCost))
      best = { model, objective };
  });
  return best;
}

/**
 * Cost and accuracy of each model if it answers every query; undefined for one that must not answer some query. One
 * pass.
 */
export async function singles(input: SolveInput, signal?: AbortSignal): Promise<(Objective | undefined)[]> {
  const models = input.models.length;
  const sums = input.models.map(() => new AllocationSum());
  const isBarred = new Uint8Array(models);
  let weightSum = 0;
  for await (const { matrices, queries, weight } of partsOf(input, signal)) {
    const mayAnswer = isAllowed(matrices);
    for (let q = 0; q < queries; q++) {
      for (let m = 0; m < models; m++) if (!mayAnswer(q, m)) isBarred[m] = 1;
    }
    sums.forEach((sum, m) => sum.add(matrices, m));
    weightSum = weight;
  }
  return sums.map(({ cost, gain }, m) =>
    isBarred[m] ? undefined : { totalCost: cost, expectedAccuracy: gain / weightSum },
  );
}
