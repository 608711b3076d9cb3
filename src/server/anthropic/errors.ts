/** The body of an error in OpenAI's form. */
export interface ChatError {
  message: string;
  type: string;
  param: null;
  code: string | null;
}

/** OpenAI's type and code for each type of the Messages API [AnthropicErrors2026]. */
const TYPES = new Map<string, [type: string, code: string | null]>([
  ["invalid_request_error", ["invalid_request_error", null]],
  ["authentication_error", ["authentication_error", "invalid_api_key"]],
  ["billing_error", ["insufficient_quota", "insufficient_quota"]],
  ["permission_error", ["permission_error", null]],
  ["not_found_error", ["invalid_request_error", "model_not_found"]],
  ["request_too_large", ["invalid_request_error", "request_too_large"]],
  ["rate_limit_error", ["rate_limit_error", "rate_limit_exceeded"]],
  ["timeout_error", ["server_error", "timeout"]],
  ["overloaded_error", ["server_error", "overloaded"]],
  ["api_error", ["server_error", null]],
]);
/** An account without money is reported as a wrong request. */
const NO_CREDIT = /credit balance is too low/i;
const TOO_LONG = /prompt is too long|exceeds? the (model's )?context/i;

/** An error of the Messages API, from the body of an answer or from a stream, in OpenAI's form. */
export function chatError(body: unknown): ChatError {
  const { error } = (body ?? {}) as { error?: unknown };
  const { type, message } = (typeof error === "object" && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const text = typeof message === "string" && message !== "" ? message : "the upstream reported an error";
  const [ours, code] = TYPES.get(type as string) ?? ["server_error", null];
  if (type === "invalid_request_error" && NO_CREDIT.test(text))
    return { message: text, type: "insufficient_quota", param: null, code: "insufficient_quota" };
  const isTooLong = type === "invalid_request_error" && TOO_LONG.test(text);
  return { message: text, type: ours, param: null, code: isTooLong ? "context_length_exceeded" : code };
}
