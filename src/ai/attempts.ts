import type { Decision } from "../online/decision.js";
import type { RouteRequest, Settlement } from "../online/request.js";
import type { Router } from "../online/router.js";
import { exhaustedError, isCharged, isModelsFault, refusedError, type Failure } from "./errors.js";
import { estimatedUse } from "./usage.js";
import type { LanguageModelV3 } from "./types.js";

/** A model id of the provider, and what stands behind it. */
export interface Routed {
  id: string;
  router: Router;
  /** Those that the id may be routed to, by their names in the router. */
  models: ReadonlyMap<string, LanguageModelV3>;
  /** The id is a model's own. */
  isPinned: boolean;
  /** Models that are asked for one call at most. */
  maxAttempts: number;
}

/** A model that was chosen, and what came before it. */
export interface Attempt {
  decision: Decision;
  model: LanguageModelV3;
  /** The models that were asked before. */
  failed: string[];
}

/** A failure whose cost is known: the answer was of no use, but is charged. */
export class ChargedFailure extends Error {
  constructor(
    message: string,
    readonly used: Settlement | undefined,
  ) {
    super(message);
    this.name = "ChargedFailure";
  }
}

/**
 * Asks the model that the router chooses; where that fails, the next one, until `ask` returns. What an attempt cost is
 * settled before the next one is reserved. When the caller aborts, nothing more is asked.
 *
 * @throws what a pinned model threw; an `APICallError` that is not retryable when no model is left or none was chosen.
 */
export async function firstAnswer<T>(
  routed: Routed,
  request: RouteRequest,
  signal: AbortSignal | undefined,
  ask: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const { id, router, models, isPinned, maxAttempts } = routed;
  signal?.throwIfAborted();
  const failures: Failure[] = [];
  let decision = router.route(request);
  if (decision.status === "refused") throw await refusedError(id, decision, request.needs ?? []);
  for (;;) {
    const { model } = decision;
    try {
      return await ask({ decision, model: models.get(model)!, failed: failures.map((one) => one.model) });
    } catch (error) {
      endFailed(router, decision, error, signal?.aborted === true);
      if (isPinned || signal?.aborted === true) throw error;
      failures.push({ model, error });
    }
    if (failures.length >= maxAttempts) throw await exhaustedError(id, failures);
    const next = router.retry(decision);
    if (next.status === "refused") throw await exhaustedError(id, failures, next);
    decision = next;
  }
}

/** Ends an attempt that gave nothing. */
function endFailed(router: Router, decision: Decision, error: unknown, isAborted: boolean): void {
  if (isAborted) router.settle(decision, { ...estimatedUse(decision, ""), ending: "abandoned" });
  else if (error instanceof ChargedFailure || isCharged(error)) {
    const used = error instanceof ChargedFailure ? error.used : undefined;
    router.settle(decision, { ...(used ?? estimatedUse(decision, "")), ending: "failed" });
  } else router.cancel(decision, { failed: isModelsFault(error) });
}
