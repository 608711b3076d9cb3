import { ApiError } from "../http/apiError.js";
import { gatewayFailure, type Failure } from "../upstream/failure.js";
import type { Attempt } from "./attempt.js";
import type { Interruption } from "./interruption.js";

/** Failures before anything was sent: nobody can charge for them. */
const UNSENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const TIMEOUTS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** What an error of the network means. Only its code is shown: messages may hold addresses and keys. */
export function thrownFailure(error: unknown, { call, model }: Attempt): Failure {
  return networkFailure(error, model.upstream.name, call.interruption);
}

/** The same for a request to this upstream. */
export function networkFailure(error: unknown, name: string, { cause }: Interruption): Failure {
  if (cause !== undefined) return interrupted(cause);
  const code = codeOf(error);
  if (TIMEOUTS.has(code))
    return gatewayFailure(`upstream ${name} did not answer in time`, { status: 504, isCharged: true });
  if (UNSENT.has(code)) return gatewayFailure(`upstream ${name} cannot be reached`, { blame: "upstream" });
  if (error instanceof SyntaxError)
    return gatewayFailure(`upstream ${name} answered with something that is not JSON`, { isCharged: true });
  // The request was sent, and the upstream may have worked on it: the budget counts it.
  return gatewayFailure(`the connection to upstream ${name} broke off`, {
    blame: "upstream",
    isCharged: true,
  });
}

function interrupted(cause: "client" | "deadline" | "drain"): Failure {
  const fail = (status: number, code: string, message: string): Failure => ({
    isRetryable: false,
    blame: "nobody",
    isCharged: true,
    error: new ApiError(status, code, message),
  });
  if (cause === "client") return fail(499, "client_closed_request", "the client hung up");
  if (cause === "deadline") return fail(504, "deadline_exceeded", "the request took too long");
  return fail(503, "shutting_down", "the server is shutting down");
}

function codeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  return String(code ?? cause?.code ?? "");
}
