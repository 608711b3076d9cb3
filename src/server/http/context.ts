import type { FastifyRequest } from "fastify";
import type { Decision } from "../../online/decision.js";
import type { Outcome, Shared } from "../proxy/call.js";
import type { Interruption } from "../proxy/interruption.js";
import type { Caller } from "../setup/keys.js";
import type { Setup } from "../setup/setup.js";
import type { Solver } from "../solve/solver.js";
import type { Tracing } from "../tracing/tracing.js";
import type { Recent } from "../state/recent.js";

/** A decision that feedback can name. */
export interface KnownDecision {
  decision: Decision;
  setup: Setup;
  policy: string;
}

/** The server as its endpoints see it. */
export interface Running extends Shared {
  /** The configuration that holds now. */
  readonly setup: Setup;
  readonly isDraining: boolean;
  /** Undefined where OpenTelemetry's package is not installed. */
  readonly tracing?: Tracing;
  readonly decisions: Recent<KnownDecision>;
  readonly solver: Solver;
  /** A request begins, with the configuration that holds; `end` must be called when it is over. */
  begin(setup: Setup, interruption: Interruption): { end(): void };
  onOutcome(outcome: Outcome): void;
  onResponse(route: string | undefined, status: number): void;
  /** Something failed that is no fault of the request. */
  onFault(error: unknown): void;
}

/** What every request has. */
export interface Context {
  id: string;
  setup: Setup;
  caller: Caller;
  /** Whether its work has begun: then its outcome is recorded when that is over. */
  hasBegun: boolean;
}

const contexts = new WeakMap<FastifyRequest, Context>();

export function contextOf(request: FastifyRequest): Context {
  return contexts.get(request)!;
}

/** Undefined for a request without a valid key. */
export function knownContext(request: FastifyRequest): Context | undefined {
  return contexts.get(request);
}

export function setContext(request: FastifyRequest, context: Context): void {
  contexts.set(request, context);
}
