import { ApiError } from "../http/apiError.js";
import type { Asked } from "../protocol/asked.js";
import type { Caller } from "../setup/keys.js";
import type { Setup } from "../setup/setup.js";
import type { Attempt } from "./attempt.js";
import type { Call, DryDecision } from "./call.js";
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

/** Decides a request that goes elsewhere: the decision is logged and counted. */
function wouldDecide(call: Call): DryDecision | undefined {
  try {
    return { decision: decide(call), router: call.policy.router };
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** The same request for the one model that gets all of them. */
export function passedOn(call: Call): Call {
  const policy = call.setup.dryRun!.get(call.policy.name)!;
  const dry = wouldDecide(call);
  return { ...call, policy, only: [...policy.models.keys()], dry, would: dry?.decision.model ?? "none" };
}

/**
 * The request is over: the budget pays what was paid, if the decision was for the model that answered, and otherwise what
 * was predicted, which is no record for the log. Nothing is learned: the other decisions have no answers.
 */
export function endDry({ decision, router }: DryDecision, last: Attempt | undefined): void {
  const paid = last?.model.name === decision.model ? last.paid : undefined;
  router.settle(
    decision,
    paid === undefined ? { cost: decision.cost, ending: "assumed" } : { ...paid, ending: "abandoned" },
  );
}
