import type { Decision, Exclusion, Refusal } from "../../online/decision.js";
import type { RouteRequest } from "../../online/request.js";
import type { RequestFeatures } from "../../online/scorer.js";
import { messageLine, shown } from "../../text/shown.js";
import { ApiError, NO_RETRY } from "../http/apiError.js";
import type { Asked } from "../protocol/asked.js";
import { inputTokens } from "../protocol/inputTokens.js";
import type { ServedModel } from "../setup/models.js";
import type { ServedPolicy } from "../setup/policies.js";
import type { Call } from "./call.js";

/** Seconds after which a client may ask again when every model fails or is busy. */
const USUAL_WAIT_S = 1;
const FAILING_WAIT_S = 30;
/** Tokens of an answer of a dry run that has no limit. */
const DRY_TOKENS = 1_000;

/** The request as the router gets it. `allowed`: models whose upstreams can be asked. */
function routeRequest({ asked, caller, policy, would }: Call, allowed: readonly string[]): RouteRequest {
  const { text, maxTokens, session, isToolLoop, choices } = asked;
  // In a dry run the upstream says what its model cannot do, and a guess of the cost is enough.
  const needs = would === undefined ? asked.needs : [];
  const features = featuresFor(asked, policy, would !== undefined);
  const limit = maxTokens ?? policy.config.maxTokens ?? (would === undefined ? undefined : DRY_TOKENS);
  return {
    ...{ text, needs, session, isToolLoop, allowed, answers: choices },
    inputTokens: inputTokens(asked, policy.counters),
    ...(features && { features }),
    ...(limit !== undefined && { maxTokens: limit }),
    ...(caller.name !== undefined && { key: caller.name }),
  };
}

/**
 * What the policy must know of a request beside its text; undefined: nothing. `isGuess`: blank where the request does
 * not say it.
 *
 * @throws ApiError 400 where the request does not say it.
 */
function featuresFor(
  { features = {} }: Asked,
  { featureColumns }: ServedPolicy,
  isGuess: boolean,
): RequestFeatures | undefined {
  if (featureColumns.length === 0) return undefined;
  const missing = featureColumns.filter((name) => !Object.hasOwn(features, name));
  if (missing.length > 0 && !isGuess)
    throw new ApiError(
      400,
      "missing_features",
      `the policy needs to know ${missing.map((name) => shown(name)).join(", ")} of each request; ` +
        'give optllm.features, with "" for what is unknown',
      { param: "optllm.features" },
    );
  return Object.fromEntries(
    featureColumns.map((name) => [name, Object.hasOwn(features, name) ? features[name] : ""]),
  );
}

/**
 * The first decision for a request. `how`: `advise` reserves nothing.
 *
 * @throws ApiError where nothing can be routed to.
 */
export function decide(call: Call, how: "route" | "advise" = "route"): Decision {
  const { policy, shared } = call;
  const began = performance.now();
  const time = shared.now();
  const whyNot = inexpressible(call);
  const able = candidates(call, whyNot);
  const ready = able.filter(({ upstream }) => upstream.isReady(time));
  if (ready.length === 0) throw unavailable(able, time);
  const result = policy.router[how](
    routeRequest(
      call,
      ready.map(({ name }) => name),
    ),
  );
  for (const one of result.excluded) {
    if (able.some(({ name }) => name === one.model)) {
      if (!ready.some(({ name }) => name === one.model)) one.why = "failing";
      continue;
    }
    const detail = whyNot.get(one.model);
    if (detail !== undefined) Object.assign(one, { why: "cannot do what is needed", detail });
  }
  if (result.status === "refused") {
    if (call.would === undefined) shared.onRefusal(policy.name, result.cause);
    throw refusalError(result, call, ready);
  }
  if (call.would !== undefined) shared.remember(result, policy.name, call.setup);
  else shared.onDecision(result, policy.name, call.setup, performance.now() - began);
  return result;
}

/** The next model, after the attempt of this decision was settled; undefined if there is none. */
export function decideNext(call: Call, decision: Decision): Decision | undefined {
  const { router, models } = call.policy;
  const began = performance.now();
  const time = call.shared.now();
  for (let last = decision; ;) {
    const next = router.retry(last);
    if (next.status === "refused") return undefined;
    if (models.get(next.model)!.upstream.isReady(time)) {
      call.shared.onDecision(next, call.policy.name, call.setup, performance.now() - began);
      return next;
    }
    router.cancel(next);
    last = next;
  }
}

/**
 * The models that the request may go to and whose upstreams can express it.
 *
 * @throws ApiError 400 if no upstream can.
 */
function candidates({ policy, only }: Call, whyNot: ReadonlyMap<string, string>): ServedModel[] {
  const named = [...policy.models.values()].filter(({ name }) => only?.includes(name) !== false);
  const able = named.filter(({ name }) => !whyNot.has(name));
  if (able.length > 0) return able;
  const reasons = new Set(named.map(({ name }) => whyNot.get(name)));
  throw new ApiError(400, "unsupported_parameter", `no model can answer: ${[...reasons].join("; ")}`);
}

/** Why the upstreams of some models cannot be asked this at all, by model. */
function inexpressible({ policy, only, asked }: Call): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const { name, id, upstream } of policy.models.values()) {
    if (only?.includes(name) === false) continue;
    const why = upstream.kind.whyNot(asked.api, { ...asked.body, model: id });
    if (why !== undefined) reasons.set(name, messageLine(why));
  }
  return reasons;
}

/** No upstream of these models can be asked now. */
export function unavailable(models: readonly ServedModel[], time: number): ApiError {
  const waits = models.map(({ upstream }) => upstream.waitMs(time));
  const seconds = Math.max(USUAL_WAIT_S, Math.ceil(Math.min(...waits) / 1_000));
  return busy("every upstream is busy or failing", seconds);
}

function busy(message: string, seconds: number): ApiError {
  return new ApiError(503, "upstream_unavailable", `${message}; try again in ${seconds} s`, {
    headers: { "retry-after": String(seconds) },
  });
}

/** A refusal as the client gets it. */
export function refusalError(refusal: Refusal, call: Call, asked: readonly ServedModel[]): ApiError {
  const { excluded } = refusal;
  if (refusal.cause === "budget") return budgetError(refusal);
  const why = new Set(
    excluded.filter(({ model }) => asked.some(({ name }) => name === model)).map((one) => one.why),
  );
  return noModel(why, call);
}

/** A budget has no room: the client's own retries would not help. */
export function budgetError({ budget, renewedAt = Infinity }: Refusal): ApiError {
  const renewed = renewedAt === Infinity ? "" : `; it is renewed at ${new Date(renewedAt).toISOString()}`;
  return new ApiError(429, "insufficient_quota", `budget ${budget} has no room for this request${renewed}`, {
    type: "insufficient_quota",
    headers: NO_RETRY,
  });
}

/** Why no model can answer: what passes by itself first, then what the client can change. */
function noModel(why: ReadonlySet<Exclusion>, { asked }: Call): ApiError {
  if (why.has("failing")) return busy("every model that could answer is failing", FAILING_WAIT_S);
  if (why.has("cost unknown"))
    return new ApiError(
      400,
      "max_tokens_required",
      "what an answer costs cannot be predicted without a limit; give max_completion_tokens",
      { param: "max_completion_tokens" },
    );
  if (why.has("context too short"))
    return new ApiError(
      400,
      "context_length_exceeded",
      "no model has room for this input and the longest answer asked for; shorten the input, or ask for fewer tokens",
      { param: asked.api === "chat" ? "messages" : "input" },
    );
  if (why.has("cannot do what is needed"))
    return new ApiError(
      400,
      "unsupported_parameter",
      `no model can do all that the request needs: ${asked.needs.join(", ")}`,
    );
  return new ApiError(403, "model_not_allowed", "the API key may use no model that could answer");
}
