import { shown } from "../../text/shown.js";
import { ApiError } from "../http/apiError.js";
import type { Asked } from "../protocol/asked.js";
import type { Caller } from "../setup/keys.js";
import type { ServedPolicy } from "../setup/policies.js";
import type { Setup } from "../setup/setup.js";
import type { Pins } from "./call.js";

const PREFIX = "policy/";

/** The policy that decides a request, and the only models that may answer. */
export interface Selection {
  policy: ServedPolicy;
  only: readonly string[] | undefined;
}

/**
 * What `auto`, `policy/NAME` or a model's name means for this caller.
 *
 * @throws ApiError 404 `model_not_found`, 403 for a policy of others.
 */
export function select(setup: Setup, caller: Caller, model: string): Selection {
  if (model === "auto") return { policy: setup.policies.get(caller.policies[0])!, only: undefined };
  if (model.startsWith(PREFIX))
    return { policy: policyOf(setup, caller, model.slice(PREFIX.length)), only: undefined };
  for (const name of caller.policies) {
    const policy = setup.policies.get(name)!;
    if (policy.models.has(model) && caller.models?.has(model) !== false) return { policy, only: [model] };
  }
  throw notFound(model);
}

/** The same for a request that continues an answer: the model that gave it. */
export function selectFor(setup: Setup, caller: Caller, { model, previous }: Asked, pins: Pins): Selection {
  const selection = select(setup, caller, model);
  if (previous === undefined) return selection;
  const pin = pins.find(previous, caller.name);
  const policy = pin && caller.policies.includes(pin.policy) ? setup.policies.get(pin.policy) : undefined;
  if (pin === undefined || policy?.models.has(pin.model) !== true)
    throw new ApiError(
      400,
      "previous_response_not_found",
      `previous_response_id ${shown(previous)} is not known here; send the whole conversation as input`,
      { param: "previous_response_id" },
    );
  if (selection.only !== undefined && selection.only[0] !== pin.model)
    throw new ApiError(
      400,
      "previous_response_not_found",
      `previous_response_id ${shown(previous)} was answered by ${shown(pin.model)}, which alone can continue it; name that model, or auto`,
      { param: "model" },
    );
  return { policy, only: [pin.model] };
}

/** @throws ApiError 404 for a policy that nobody has, 403 for one of others. */
export function policyOf(setup: Setup, caller: Caller, name: string): ServedPolicy {
  const policy = setup.policies.get(name);
  if (policy === undefined) throw notFound(PREFIX + name);
  if (!caller.policies.includes(name))
    throw new ApiError(403, "policy_not_allowed", `the API key may not use policy ${shown(name)}`, {
      param: "model",
    });
  return policy;
}

/** A model that a caller may not use is as unknown to it as one that does not exist. */
export function notFound(model: string): ApiError {
  return new ApiError(
    404,
    "model_not_found",
    `model ${shown(model)} is not known, or the API key may not use it; GET /v1/models lists those it may`,
    { param: "model" },
  );
}
