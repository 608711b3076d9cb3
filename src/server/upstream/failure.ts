import { ApiError, NO_RETRY } from "../http/apiError.js";

/** Why an attempt gave no answer. Nothing of it was sent to the client. */
export interface Failure {
  /** Whether another model may be asked. */
  isRetryable: boolean;
  /** Whose fault it is: the client's request, the model, the whole upstream, or nobody's. */
  blame: "client" | "model" | "upstream" | "nobody";
  /** What the client gets if nobody else answers. */
  error: ApiError;
  /** Milliseconds for which the upstream asks to be left alone. */
  pauseMs?: number;
  /** Whether the upstream may charge for it. */
  isCharged?: boolean;
}

/** An upstream that gave no answer, or none that can be read. */
export function gatewayFailure(
  message: string,
  { status = 502, isCharged = false, blame = "model" as Failure["blame"] } = {},
): Failure {
  const code = status === 504 ? "upstream_timeout" : "upstream_error";
  return { isRetryable: true, blame, isCharged, error: new ApiError(status, code, message) };
}

/** The same failure, for a client that must not begin anew. */
export function finalError({ error }: Failure): ApiError {
  const { options } = error;
  return new ApiError(error.status, error.code, error.message, {
    ...options,
    headers: { ...options.headers, ...NO_RETRY },
  });
}
