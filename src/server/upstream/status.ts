import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../http/apiError.js";
import { hidden } from "../http/hidden.js";
import { gatewayFailure, type Failure } from "./failure.js";

const LONGEST_PAUSE_MS = 300_000;
const USUAL_PAUSE_MS = 1_000;

/** What an upstream's status that is no success means. `body`: its text; `secrets`: what must not be passed on. */
export function failureOf(
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
  upstream: string,
  secrets: readonly string[],
): Failure {
  const reported = errorIn(body);
  const code = typeof reported.code === "string" ? hidden(reported.code, secrets) : null;
  if (code === "insufficient_quota")
    return gatewayFailure(`upstream ${upstream} has no credit left`, { blame: "upstream" });
  if (status === 401 || status === 403 || status === 402)
    // What it says may quote our key.
    return gatewayFailure(`upstream ${upstream} refuses the server's credentials`, { blame: "upstream" });
  if (status === 429) return limited(headers, upstream);
  if (status === 408 || status === 409 || status === 425 || status >= 500) {
    const pauseMs = status === 503 || status === 529 ? pauseOf(headers) : undefined;
    const isTimeout = status === 408 || status === 504;
    return {
      ...gatewayFailure(`upstream ${upstream} answered with status ${status}`, {
        status: isTimeout ? 504 : status === 503 || status === 529 ? 503 : 502,
      }),
      ...(pauseMs !== undefined && { pauseMs }),
    };
  }
  if (status === 404)
    return gatewayFailure(`upstream ${upstream} does not know the model or the endpoint`, { status: 502 });
  if (status < 400) return gatewayFailure(`upstream ${upstream} answered with status ${status}`);
  // The request is wrong: every model would say so.
  const { message, type, param } = reported;
  const error = new ApiError(
    status,
    code,
    typeof message === "string" ? hidden(message, secrets) : `upstream ${upstream} refuses the request`,
    {
      ...(typeof type === "string" && { type: hidden(type, secrets) }),
      param: typeof param === "string" ? hidden(param, secrets) : null,
    },
  );
  return { isRetryable: false, blame: "client", error };
}

function limited(headers: IncomingHttpHeaders, upstream: string): Failure {
  const pauseMs = pauseOf(headers) ?? USUAL_PAUSE_MS;
  const error = new ApiError(429, "rate_limit_exceeded", `upstream ${upstream} is at its rate limit`, {
    headers: {
      "retry-after": String(Math.ceil(pauseMs / 1_000)),
      "retry-after-ms": String(Math.ceil(pauseMs)),
    },
  });
  return { isRetryable: true, blame: "nobody", pauseMs, error };
}

/** Milliseconds that an upstream asks for: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function pauseOf(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const ms = Number(headers["retry-after-ms"] ?? NaN);
  const after = headers["retry-after"];
  const seconds = after === undefined || after.trim() === "" ? NaN : Number(after);
  const until = after === undefined ? NaN : Date.parse(after) - now;
  const found = [ms, seconds * 1_000, until].find((value) => value >= 0);
  return found === undefined ? undefined : Math.min(found, LONGEST_PAUSE_MS);
}

function errorIn(body: string): Record<string, unknown> {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") return { message: error };
    if (typeof error === "object" && error !== null) return error as Record<string, unknown>;
  } catch {
    // Not JSON: a proxy's page, of which nothing is passed on.
  }
  return {};
}
