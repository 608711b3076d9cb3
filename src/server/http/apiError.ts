/** An error as OpenAI's API reports it. The message is for the client: it names no key and quotes no text. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string | null,
    message: string,
    readonly options: { type?: string; param?: string | null; headers?: Record<string, string> } = {},
  ) {
    super(message);
  }

  /** `{ error: { message, type, param, code } }`. */
  body(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    const { type = typeOf(this.status), param = null } = this.options;
    return { error: { message: this.message, type, param, code: this.code } };
  }
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/** The client's own retries would not help, or would multiply ours. */
export const NO_RETRY = { "x-should-retry": "false" };

/** A request that is wrong; `param` names the field. */
export function badRequest(message: string, param?: string, code: string | null = null): ApiError {
  return new ApiError(400, code, message, { param });
}
