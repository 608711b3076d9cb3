import type { Decision } from "../../online/decision.js";
import { ApiError } from "../http/apiError.js";
import type { Asked } from "../protocol/asked.js";
import type { Caller } from "../setup/keys.js";
import type { Setup } from "../setup/setup.js";
import type { Call } from "./call.js";
import { decide } from "./decide.js";
import { select, type Selection } from "./select.js";

/** What would decide a request: of a model that is not known, and so passed on all the same, what `auto` means. */
export function selectDry(setup: Setup, caller: Caller, { model }: Asked): Selection {
  try {
    return select(setup, caller, model);
  } catch (error) {
    if (error instanceof ApiError) return select(setup, caller, "auto");
    throw error;
  }
}

/**
 * Decides a request that goes elsewhere: the decision is logged and counted, and its budget pays what it would cost as
 * predicted. Undefined if nothing could be routed to.
 */
function wouldDecide(call: Call): Decision | undefined {
  try {
    const decision = decide(call);
    // Nobody has seen its answer, so nothing is learned from it.
    call.policy.router.settle(decision, { cost: decision.cost, ending: "abandoned" });
    return decision;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** The same request for the one model that gets all of them. */
export function passedOn(call: Call): Call {
  const policy = call.setup.dryRun!.get(call.policy.name)!;
  return { ...call, policy, only: [...policy.models.keys()], would: wouldDecide(call)?.model ?? "none" };
}
