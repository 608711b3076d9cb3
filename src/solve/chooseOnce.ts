import type { Problem } from "../types.js";
import type { Choice } from "./choice.js";
import { choose, type ChooseOptions } from "./choose.js";
import { placesOfInput, unitsPerDollar } from "./exact/units.js";
import { allocateInput, solveFront, type Front } from "./front.js";
import { checkShape, totalWeight } from "./problem.js";
import { checkTarget, type Target } from "./target.js";

/** Options (queries × models) whose increments are sorted sooner than a front would be computed to bracket a few of them. */
const FEW_OPTIONS = 1 << 14;

/**
 * What `choose(await solveFront(problem), target)` gives, to the bit: for one choice from a small problem the front is not
 * computed, since every increment is listed and sorted just as well. The knee needs the front.
 *
 * @throws InputError as both do.
 */
export async function chooseOnce(
  problem: Problem,
  target: Target,
  options: ChooseOptions = {},
): Promise<Choice> {
  checkTarget(target);
  const queries = checkShape(problem);
  const isKnee = "knee" in target && target.knee !== undefined;
  if (isKnee || problem.cost.length > FEW_OPTIONS)
    return choose(await solveFront(problem, options), target, options);
  // Refuses wrong values, which later passes take for right.
  await allocateInput(problem, Infinity, options, false);
  const scale = unitsPerDollar(await placesOfInput(problem, options.signal));
  const none = new Float64Array(0);
  const front: Front = {
    ...{ totalCost: none, expectedAccuracy: none, lambda: none, algorithm: "exact", resolution: "full" },
    ...{ problem, queries, weight: totalWeight(problem) },
    unitsPerDollar: scale,
  };
  return choose(front, target, options);
}
