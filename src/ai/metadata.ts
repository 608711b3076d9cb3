import type { Decision, Reason } from "../online/decision.js";

/** What an answer says of its routing, as `providerMetadata.optllm`. Plain JSON. */
export type OptllmMetadata = {
  /** The model that answered, by its name in the router. */
  model: string;
  /** Identifier of the decision. */
  decision: string;
  /** Predicted chance of a good answer, 0 … 1. */
  probability: number;
  /** Predicted dollars. */
  cost: number;
  /** Price of accuracy that held, probability per dollar; "Infinity": the cheapest model. */
  lambda: number | "Infinity";
  reason: Reason;
  /** SHA-256 of the policy. */
  policy: string;
  /** The models that were asked before and failed, in order. */
  failed: string[];
  /** Whether the provider reported no usage, so that tokens were counted here. */
  isEstimated: boolean;
  /** The model's own name as the provider reports it, where that is another one. */
  servedBy?: string;
};

export function metadataOf(
  decision: Decision,
  failed: readonly string[],
  isEstimated: boolean,
  servedBy: string | undefined,
): OptllmMetadata {
  const { model, id, probability, cost, lambda, reason, policy } = decision;
  return {
    model,
    decision: id,
    probability,
    cost,
    lambda: lambda === Infinity ? "Infinity" : lambda,
    reason,
    policy,
    failed: [...failed],
    isEstimated,
    ...(servedBy !== undefined && servedBy !== model && { servedBy }),
  };
}
