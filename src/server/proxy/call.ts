import type { Decision, Refusal } from "../../online/decision.js";
import type { Router } from "../../online/router.js";
import type { Asked } from "../protocol/asked.js";
import type { Caller } from "../setup/keys.js";
import type { ServedModel } from "../setup/models.js";
import type { ServedPolicy } from "../setup/policies.js";
import type { RequestTrace } from "../tracing/tracing.js";
import type { Setup } from "../setup/setup.js";
import type { Ending } from "../../online/request.js";
import type { Allowance } from "./allowance.js";
import type { Interruption } from "./interruption.js";

/** How one attempt ended: for logs and metrics. It holds no text and no key. */
export interface Settled {
  api: Asked["api"];
  policy: string;
  model: ServedModel;
  decision: Decision;
  ending: Ending;
  /** Dollars. */
  cost: number;
  /** Whether tokens were counted here, because the upstream did not report them. */
  isEstimated: boolean;
  inputTokens?: number;
  outputTokens?: number;
  /** Milliseconds from its beginning to its end, and to the first part of a stream. */
  ms: number;
  firstMs?: number;
}

/** How a request ended. */
export interface Outcome {
  requestId: string;
  api: string;
  key: string | undefined;
  policy: string | undefined;
  /** The model that answered. */
  model: string | undefined;
  status: number;
  /** Error code, or why an answer broke off. */
  error: string | undefined;
  isStream: boolean;
  attempts: number;
  cost: number;
  isEstimated: boolean;
  ms: number;
  /** In a dry run: the model that would have answered, or "none". */
  would?: string;
}

/** What requests share. */
export interface Shared {
  now(): number;
  allowance: Allowance;
  /** A decision was made, in this many milliseconds. */
  onDecision(decision: Decision, policy: string, setup: Setup, ms: number): void;
  /** A decision can be judged from now on, and counts as none. */
  remember(decision: Decision, policy: string, setup: Setup): void;
  /** There was nothing to route to. */
  onRefusal(policy: string, cause: Refusal["cause"]): void;
  onSettled(settled: Settled): void;
  /** The model that gave an answer of /v1/responses, for requests that continue it. */
  pins: Pins;
}

export interface Pins {
  find(id: string, key: string | undefined): { policy: string; model: string } | undefined;
  set(id: string, key: string | undefined, policy: string, model: string): void;
}

/** The decision of a request that goes elsewhere, and who made it. */
export interface DryDecision {
  decision: Decision;
  router: Router;
}

/** One request under way. */
export interface Call {
  id: string;
  asked: Asked;
  caller: Caller;
  policy: ServedPolicy;
  /** The only models that may answer; undefined: all of the policy. */
  only: readonly string[] | undefined;
  setup: Setup;
  shared: Shared;
  /** Ends when the client hangs up, or the time is over. */
  interruption: Interruption;
  trace?: RequestTrace;
  /** In a dry run: the model that would answer, or "none". The decision that counts was made before. */
  would?: string;
  /** That decision. */
  dry?: DryDecision;
}
