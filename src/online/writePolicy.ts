import type { BatchChoice } from "../plan/batchArms.js";
import type { PriceTable } from "../prices/table.js";
import type { Chosen } from "../solve/choice.js";
import type { Constraint } from "../solve/constraints/constraint.js";
import type { ChosenUnder } from "../solve/constraints/result.js";
import type { Target } from "../solve/target.js";
import { fileDigest } from "../text/digest.js";
import { writeOut } from "../write/file.js";
import { policyLimits } from "./limits/policyLimit.js";
import { policyOf } from "./policy.js";

/** A plan, and what it was made with. */
export interface PolicyPlan {
  models: string[];
  choice: Chosen | ChosenUnder;
  constraints: readonly Constraint[];
  target: Target;
  /** Its file, which can be read again. */
  predictorFile: string;
  prices: PriceTable;
}

/** Why no policy can be written of a plan that is made so: a service knows neither batches nor changed prices. */
export function policyConflict({
  batch,
  price,
  scaleCost,
}: {
  batch: BatchChoice | undefined;
  price?: unknown;
  scaleCost?: unknown;
}): string | undefined {
  if (batch !== undefined)
    return "--policy-out does not go with --batch, nor with --export without --live-prices: a service pays live prices";
  if ((price ?? scaleCost) !== undefined)
    return "--policy-out does not go with --price or --scale-cost; give new prices with --prices";
  return undefined;
}

/** Writes the policy by which a service decides single requests as a plan does. */
export async function writePolicy(
  path: string,
  { models, choice, constraints, target, predictorFile, prices }: PolicyPlan,
  signal?: AbortSignal,
): Promise<void> {
  const { lambda, totalCost, expectedAccuracy, allocation } = choice;
  const plan = { models, lambda, queries: allocation.length, totalCost, expectedAccuracy };
  const digest = (await fileDigest(predictorFile, { signal })) ?? "";
  const limits = "limits" in choice ? policyLimits(models, constraints, choice.limits, lambda) : [];
  const policy = policyOf(plan, target, digest, prices, limits);
  await writeOut(path, [`${JSON.stringify(policy, null, 2)}\n`], { signal });
}
