import type { Counter, Histogram, Registry } from "prom-client";
import type { Decision, Refusal } from "../../online/decision.js";
import type { Listener } from "../core.js";
import type { Outcome, Settled } from "../proxy/call.js";

type Prometheus = typeof import("prom-client");

/** Seconds and tokens as OpenTelemetry's conventions for generative AI have them [OpenTelemetryGenAi2026]. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = Array.from({ length: 14 }, (_, k) => 4 ** k);
/** Seconds of a decision: 50 µs to 100 ms. */
const DECISION_SECONDS = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
const STATUSES = new Set([200, 400, 401, 403, 404, 413, 415, 429, 499, 500, 502, 503, 504]);
const UPSTREAM = [
  "gen_ai_operation_name",
  "gen_ai_provider_name",
  "gen_ai_request_model",
  "optllm_upstream",
  "error_type",
] as const;

/** Counts what happens. All labels come from the configuration, or from fixed lists. */
export class EventMetrics implements Listener {
  private readonly requestSeconds: Histogram;
  private readonly upstreamSeconds: Histogram;
  private readonly firstChunkSeconds: Histogram;
  private readonly tokens: Histogram;
  private readonly decisionSeconds: Histogram;
  private readonly decisions: Counter;
  private readonly refusals: Counter;
  private readonly fallbacks: Counter;
  private readonly cost: Counter;
  private readonly estimated: Counter;
  private readonly requests: Counter;
  private readonly responses: Counter;

  constructor({ Counter, Histogram }: Prometheus, registry: Registry) {
    const histogram = (name: string, help: string, labelNames: readonly string[], buckets: number[]) =>
      new Histogram({ name, help, labelNames, buckets, registers: [registry] });
    const counter = (name: string, help: string, ...labelNames: string[]) =>
      new Counter({ name, help, labelNames, registers: [registry] });
    this.requestSeconds = histogram(
      "gen_ai_server_request_duration_seconds",
      "Requests of clients, from their arrival to the end of the answer",
      ["gen_ai_operation_name", "gen_ai_provider_name", "optllm_policy", "error_type"],
      SECONDS,
    );
    this.upstreamSeconds = histogram(
      "gen_ai_client_operation_duration_seconds",
      "Attempts at upstreams, from the request to the end of the answer",
      UPSTREAM,
      SECONDS,
    );
    this.firstChunkSeconds = histogram(
      "gen_ai_client_operation_time_to_first_chunk_seconds",
      "Streams of upstreams, from the request to the first part of the answer",
      UPSTREAM,
      SECONDS,
    );
    this.tokens = histogram(
      "gen_ai_client_token_usage",
      "Tokens of an attempt",
      [...UPSTREAM.slice(0, 4), "gen_ai_token_type"],
      TOKENS,
    );
    this.decisionSeconds = histogram(
      "optllm_decision_duration_seconds",
      "Decisions: reading the text, scoring it, choosing a model",
      ["policy"],
      DECISION_SECONDS,
    );
    this.decisions = counter("optllm_decisions_total", "Decisions", "policy", "model", "reason");
    this.refusals = counter(
      "optllm_refusals_total",
      "Requests that no model could answer",
      "policy",
      "cause",
    );
    this.fallbacks = counter("optllm_fallbacks_total", "Attempts after one that failed", "policy", "model");
    this.cost = counter("optllm_cost_dollars_total", "Dollars charged", "policy", "model");
    this.estimated = counter(
      "optllm_estimated_answers_total",
      "Attempts whose tokens were counted here, because the upstream did not report them",
      "policy",
      "model",
    );
    this.requests = counter("optllm_requests_total", "Requests by key", "api", "key", "policy", "status");
    this.responses = counter("optllm_http_responses_total", "Answers over HTTP", "route", "status");
  }

  onDecision({ model, reason }: Decision, policy: string, ms: number): void {
    this.decisionSeconds.observe({ policy }, ms / 1_000);
    this.decisions.inc({ policy, model, reason });
    if (reason === "fallback") this.fallbacks.inc({ policy, model });
  }

  onRefusal(policy: string, cause: Refusal["cause"]): void {
    this.refusals.inc({ policy, cause });
  }

  onSettled({ api, policy, model, ending, ms, firstMs, cost, isEstimated, ...used }: Settled): void {
    const place = {
      gen_ai_operation_name: operationOf(api),
      gen_ai_provider_name: model.upstream.config.kind,
      gen_ai_request_model: model.name,
      optllm_upstream: model.upstream.name,
    };
    const labels = { ...place, error_type: ending === "answered" ? "" : ending };
    this.upstreamSeconds.observe(labels, ms / 1_000);
    if (firstMs !== undefined) this.firstChunkSeconds.observe(labels, firstMs / 1_000);
    const { inputTokens, outputTokens } = used;
    if (inputTokens !== undefined) this.tokens.observe({ ...place, gen_ai_token_type: "input" }, inputTokens);
    if (outputTokens !== undefined)
      this.tokens.observe({ ...place, gen_ai_token_type: "output" }, outputTokens);
    this.cost.inc({ policy, model: model.name }, cost);
    if (isEstimated) this.estimated.inc({ policy, model: model.name });
  }

  onOutcome({ api, key = "", policy = "", model, status, ms, cost, isEstimated }: Outcome): void {
    this.requestSeconds.observe(
      {
        gen_ai_operation_name: operationOf(api),
        gen_ai_provider_name: "optllm",
        optllm_policy: policy,
        error_type: status < 400 ? "" : statusLabel(status),
      },
      ms / 1_000,
    );
    this.requests.inc({ api: apiLabel(api), key, policy, status: statusLabel(status) });
    // Requests for embeddings are not decided, so no attempt of theirs is settled.
    if (api !== "embeddings" || model === undefined) return;
    this.cost.inc({ policy, model }, cost);
    if (isEstimated) this.estimated.inc({ policy, model });
  }

  onResponse(route: string | undefined, status: number): void {
    this.responses.inc({ route: route ?? "unknown", status: statusLabel(status) });
  }
}

/** As the conventions name it. */
export function operationOf(api: string): "chat" | "embeddings" {
  return api === "embeddings" ? "embeddings" : "chat";
}

/** Requests that could not be read have the address in its place. */
function apiLabel(api: string): string {
  return api === "chat/completions" ? "chat" : api;
}

/** Upstreams invent statuses; those that are unusual are counted together. */
function statusLabel(status: number): string {
  return STATUSES.has(status) ? String(status) : `${Math.floor(status / 100)}xx`;
}
