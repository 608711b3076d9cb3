import type { Command } from "commander";
import { policyLimits } from "../../online/limits/policyLimit.js";
import { policyOf } from "../../online/policy.js";
import type { Plan } from "../../plan/plan.js";
import type { PriceTable } from "../../prices/table.js";
import type { Target } from "../../solve/target.js";
import { fileDigest } from "../../text/digest.js";
import type { ConstraintOptions } from "./constraints.js";
import { writeOut } from "../../write/file.js";

export interface PolicyOptions extends ConstraintOptions {
  policyOut?: string;
  predictorFile?: string;
  batch?: unknown;
  price?: unknown;
  scaleCost?: unknown;
}

export function withPolicyOut(command: Command): Command {
  return command.option(
    "--policy-out <file>",
    "also write the policy (λ, models) by which a service decides single requests as this plan does; needs --predictor-file",
  );
}

/** A service loads the same predictor, and knows neither batches nor changed prices. */
export function checkPolicyOut(command: Command, options: PolicyOptions): void {
  if (options.policyOut === undefined) return;
  if (options.predictorFile === undefined) {
    command.error(
      "error: --policy-out needs --predictor-file: a service loads the predictor that the plan was made with (`optllm fit` writes one)",
    );
  }
  if (options.batch !== undefined) command.error("error: --policy-out does not go with --batch");
  if ((options.price ?? options.scaleCost) !== undefined)
    command.error(
      "error: --policy-out does not go with --price or --scale-cost; give new prices with --prices",
    );
}

/** Writes the policy of a plan whose target is feasible. */
export async function writePolicy(
  { problem, choice, constraints }: Plan,
  target: Target,
  prices: PriceTable,
  { policyOut, predictorFile }: PolicyOptions,
  signal?: AbortSignal,
): Promise<void> {
  if (policyOut === undefined || choice.status !== "chosen") return;
  const { lambda, totalCost, expectedAccuracy } = choice;
  const { models } = problem;
  const plan = { models, lambda, queries: choice.allocation.length, totalCost, expectedAccuracy };
  // A file that was just read can be read again; standard input is refused where predictors are read.
  const digest = (await fileDigest(predictorFile!, { signal })) ?? "";
  const limits = "limits" in choice ? policyLimits(models, constraints, choice.limits, lambda) : [];
  const policy = policyOf(plan, target, digest, prices, limits);
  await writeOut(policyOut, [`${JSON.stringify(policy, null, 2)}\n`], { signal });
}
