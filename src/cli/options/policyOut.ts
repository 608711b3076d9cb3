import type { Command } from "commander";
import { batchChoiceOf, type BatchChoice } from "../../plan/batchArms.js";
import { policyConflict } from "../../online/writePolicy.js";
import type { ConstraintOptions } from "./constraints.js";

export interface PolicyOptions extends ConstraintOptions {
  policyOut?: string;
  predictorFile?: string;
  batch?: BatchChoice;
  export?: string;
  livePrices?: boolean;
  price?: unknown;
  scaleCost?: unknown;
}

export function withPolicyOut(command: Command): Command {
  return command.option(
    "--policy-out <file>",
    "also write the policy (λ, models) by which a service decides single requests as this plan does; needs --predictor-file",
  );
}

/** A service loads the same predictor. */
export function checkPolicyOut(command: Command, options: PolicyOptions): void {
  if (options.policyOut === undefined) return;
  if (options.predictorFile === undefined) {
    command.error(
      "error: --policy-out needs --predictor-file: a service loads the predictor that the plan was made with (`optllm fit` writes one)",
    );
  }
  const conflict = policyConflict({ ...options, batch: batchChoiceOf(options.batch, options) });
  if (conflict !== undefined) command.error(`error: ${conflict}`);
}
