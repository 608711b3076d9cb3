import type { IncomingHttpHeaders } from "node:http";
import type { Attributes, Context, Span, Tracer } from "@opentelemetry/api";
import type { Decision } from "../../online/decision.js";
import type { Asked } from "../protocol/asked.js";
import type { ServedModel } from "../setup/models.js";

type Api = typeof import("@opentelemetry/api");

/** What is said at the end of a request; see `Outcome`. */
interface Ended {
  policy: string | undefined;
  model: string | undefined;
  status: number;
  error: string | undefined;
  isStream: boolean;
  attempts: number;
  cost: number;
}

/** What is said at the end of an attempt; see `Settled`. */
interface EndedAttempt {
  ending: string;
  cost: number;
  isEstimated: boolean;
  inputTokens?: number;
  outputTokens?: number;
}

/** The span of an attempt. */
export interface AttemptTrace {
  /** Headers by which the upstream's spans join this one. */
  headers(): Record<string, string>;
  end(settled: EndedAttempt): void;
}

/** The span of a request. */
export interface RequestTrace {
  attempt(asked: Asked, model: ServedModel, decision: Decision, policy: string): AttemptTrace;
  end(outcome: Ended): void;
}

/** Tracing, where OpenTelemetry's API package is installed; it does nothing until the program registers an SDK. */
export async function openTracing(): Promise<Tracing | undefined> {
  try {
    return new Tracing(await import("@opentelemetry/api"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/**
 * Spans by OpenTelemetry's conventions for generative AI [OpenTelemetryGenAi2026]: one for each request and below it one
 * for each attempt. They hold no text, no key and no id of a client.
 */
export class Tracing {
  private readonly tracer: Tracer;

  constructor(private readonly api: Api) {
    this.tracer = api.trace.getTracer("optllm");
  }

  /** `headers`: of the client, whose trace is continued. */
  request(route: string, headers: IncomingHttpHeaders): RequestTrace {
    const { api, tracer } = this;
    const parent = api.propagation.extract(api.ROOT_CONTEXT, headers);
    const attributes = { "http.request.method": "POST", "http.route": route };
    const span = tracer.startSpan(`POST ${route}`, { kind: api.SpanKind.SERVER, attributes }, parent);
    const context = api.trace.setSpan(parent, span);
    return {
      attempt: (...of) => this.attempt(context, ...of),
      end: ({ policy, model, status, error, isStream, attempts, cost }) => {
        span.setAttributes({
          "http.response.status_code": status,
          "optllm.policy": policy,
          "optllm.model": model,
          "optllm.attempts": attempts,
          "optllm.cost": cost,
          "gen_ai.request.stream": isStream,
        });
        // A stream that broke off has status 200 and an error.
        if (status >= 500 || (status < 400 && error !== undefined)) this.fail(span, String(error ?? status));
        span.end();
      },
    };
  }

  private attempt(
    parent: Context,
    asked: Asked,
    model: ServedModel,
    decision: Decision,
    policy: string,
  ): AttemptTrace {
    const { api, tracer } = this;
    const attributes = { ...attributesOf(asked, model, decision), "optllm.policy": policy };
    const name = `${attributes["gen_ai.operation.name"]} ${model.id}`;
    const span = tracer.startSpan(name, { kind: api.SpanKind.CLIENT, attributes }, parent);
    return {
      headers: () => {
        const carrier: Record<string, string> = {};
        api.propagation.inject(api.trace.setSpan(parent, span), carrier);
        // Baggage and state of other systems stay here.
        const kept = Object.entries(carrier).filter(([name]) => name === "traceparent");
        return Object.fromEntries(kept);
      },
      end: ({ ending, cost, isEstimated, inputTokens, outputTokens }) => {
        span.setAttributes({
          "gen_ai.usage.input_tokens": inputTokens,
          "gen_ai.usage.output_tokens": outputTokens,
          "optllm.cost": cost,
          "optllm.cost.estimated": isEstimated,
        });
        if (ending !== "answered") this.fail(span, ending);
        span.end();
      },
    };
  }

  private fail(span: Span, type: string): void {
    span.setAttribute("error.type", type);
    span.setStatus({ code: this.api.SpanStatusCode.ERROR });
  }
}

function attributesOf({ isStream, maxTokens }: Asked, model: ServedModel, decision: Decision) {
  const { baseUrl, kind } = model.upstream.config;
  const { hostname, port, protocol } = new URL(baseUrl);
  return {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": kind,
    "gen_ai.request.model": model.id,
    "gen_ai.request.stream": isStream,
    "gen_ai.request.max_tokens": maxTokens,
    "server.address": hostname,
    "server.port": port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
    "optllm.model": model.name,
    "optllm.decision.id": decision.id,
    "optllm.reason": decision.reason,
    "optllm.lambda": decision.lambda,
    "optllm.probability": decision.probability,
    "optllm.propensity": decision.propensity,
  } satisfies Attributes;
}
