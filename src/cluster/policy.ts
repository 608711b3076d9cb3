import { policyLimits } from "../online/limits/policyLimit.js";
import { policyOf } from "../online/policy.js";
import { readPrices } from "../prices/table.js";
import type { Chosen } from "../solve/choice.js";
import type { Constraint } from "../solve/constraints/constraint.js";
import type { ChosenUnder } from "../solve/constraints/result.js";
import { fileDigest } from "../text/digest.js";
import { writeOut } from "../write/file.js";
import type { Run } from "./run.js";
import type { Table } from "./table.js";

/** Writes the policy by which a service decides single requests as a plan does, if it was asked for. */
export async function writePolicy(
  { policyOut, predictorFile, prices, target }: Run,
  { models, rows: queries }: Table,
  choice: Chosen | ChosenUnder,
  constraints: readonly Constraint[],
): Promise<void> {
  if (policyOut === undefined) return;
  const digest = (await fileDigest(predictorFile!)) ?? "";
  const { lambda, totalCost, expectedAccuracy } = choice;
  const limits = "limits" in choice ? policyLimits(models, constraints, choice.limits, lambda) : [];
  const plan = { models, lambda, queries, totalCost, expectedAccuracy };
  const policy = policyOf(plan, target, digest, await readPrices(prices), limits);
  await writeOut(policyOut, [`${JSON.stringify(policy, null, 2)}\n`]);
}
