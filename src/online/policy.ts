import { createHash } from "node:crypto";
import { InputError } from "../errors.js";
import { checkPolicyLimits, type PolicyLimit } from "./limits/policyLimit.js";
import { fieldsOf, type Fields } from "../prices/fields.js";
import type { PriceTable } from "../prices/table.js";
import type { Target } from "../solve/target.js";
import { shown } from "../text/shown.js";

/** A policy without limits, one with them, and one with limits on groups: an older reader would not keep them. */
const VERSION = 1;
const WITH_LIMITS = 2;
const WITH_GROUPS = 3;

/** What a plan decided by: enough to decide single requests in the same way. */
export interface Policy {
  optllm: "policy";
  version: number;
  /** Price of accuracy of the plan, probability per dollar; "Infinity": every request goes to its cheapest model. */
  lambda: number | "Infinity";
  models: string[];
  /** Limits of the plan besides its target: their prices, and what may be used. */
  limits?: PolicyLimit[];
  /** SHA-256 of the predictor's file. */
  predictor: string;
  /** SHA-256 of the models' prices. */
  prices: string;
  /** What the plan was to meet. */
  target: Target;
  /** What the plan expects. */
  plan: { queries: number; totalCost: number; expectedAccuracy: number };
}

/** Makes the policy of a plan. `predictor`: the digest of its file. `limits`: those that the plan keeps. */
export function policyOf(
  plan: { models: string[]; lambda: number; queries: number; totalCost: number; expectedAccuracy: number },
  target: Target,
  predictor: string,
  prices: PriceTable,
  limits: PolicyLimit[] = [],
): Policy {
  const { models, lambda, queries, totalCost, expectedAccuracy } = plan;
  return {
    optllm: "policy",
    version: versionFor(limits),
    lambda: lambda === Infinity ? "Infinity" : lambda,
    models,
    ...(limits.length > 0 && { limits }),
    predictor,
    prices: priceDigest(models, prices),
    target,
    plan: { queries, totalCost, expectedAccuracy },
  };
}

function versionFor(limits: readonly PolicyLimit[]): number {
  if (limits.some(({ group }) => group !== undefined)) return WITH_GROUPS;
  return limits.length > 0 ? WITH_LIMITS : VERSION;
}

/** SHA-256 of a policy: that of another plan has another. */
export function policyDigest(policy: Policy): string {
  return createHash("sha256").update(JSON.stringify(policy)).digest("hex");
}

/** SHA-256 of what some models cost; a model without a price counts as null. */
export function priceDigest(models: readonly string[], prices: PriceTable): string {
  const rates = [...models].sort().map((name) => {
    try {
      const { input, output, cachedInput, cacheWrite, perRequest, tiers } = prices.find(name).price;
      return [name, input, output, cachedInput, cacheWrite, perRequest, tiers];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return [name];
    }
  });
  return createHash("sha256").update(JSON.stringify(rates)).digest("hex");
}

/**
 * Remarks on a policy for the predictor and the prices at hand.
 *
 * @throws InputError if it was made with another predictor.
 */
export function policyNotes(policy: Policy, predictor: string, prices: PriceTable | undefined): string[] {
  if (policy.predictor !== predictor) {
    throw new InputError(
      `the policy was made with another predictor (${shown(policy.predictor.slice(0, 12))}…, this is ${shown(predictor.slice(0, 12))}…): plan again, or load that one`,
      { field: "policy" },
    );
  }
  const isSame = prices === undefined || policy.prices === priceDigest(policy.models, prices);
  return isSame ? [] : ["prices have changed since the policy was made: its λ may no longer fit its target"];
}

/**
 * A policy as it was read from JSON, checked.
 *
 * @throws InputError naming the field.
 */
export function checkPolicy(value: unknown): Policy {
  const policy = fieldsOf(value, "policy");
  const refuse = (field: string, expected: string): never => {
    throw new InputError(`policy: ${field} is ${shown(policy[field])}; expected ${expected}`, { field });
  };
  if (policy.optllm !== "policy") refuse("optllm", '"policy": a file that optllm solve --policy-out wrote');
  if (![VERSION, WITH_LIMITS, WITH_GROUPS].includes(policy.version as number))
    refuse("version", `${VERSION} to ${WITH_GROUPS}; update the package`);
  const { lambda, models } = policy;
  if (lambda !== "Infinity" && !(typeof lambda === "number" && lambda >= 0 && lambda < Infinity))
    refuse("lambda", 'probability per dollar ≥ 0, or "Infinity"');
  const isNames = Array.isArray(models) && models.length <= 255 && models.every((m) => typeof m === "string");
  if (!isNames || models.length === 0) refuse("models", "1 to 255 names");
  if (policy.limits !== undefined) checkPolicyLimits(policy.limits, models as string[]);
  for (const field of ["predictor", "prices"]) checkDigest(policy, field, refuse);
  return value as Policy;
}

function checkDigest(
  policy: Fields,
  field: string,
  refuse: (field: string, expected: string) => never,
): void {
  const digest = policy[field];
  if (!(typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest))) refuse(field, "64 hexadecimal digits");
}
