import { InputError } from "../errors.js";
import { explain, type Refusal } from "../online/decision.js";
import { messageLine } from "../text/shown.js";

/** A model that was asked and did not answer. */
export interface Failure {
  model: string;
  error: unknown;
}

/** Statuses that blame the request, not the model. */
const OF_REQUEST = [400, 413, 422];
const OF_CALLER = ["AI_InvalidPromptError", "AI_InvalidArgumentError", "AI_UnsupportedFunctionalityError"];

/** Whether an error counts against the model: a request that no model can answer must not close off all of them. */
export function isModelsFault(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  return !OF_REQUEST.includes(statusOf(error) ?? 0) && !OF_CALLER.includes(error.name);
}

/** Whether the provider did answer, and so charges, though with nothing of use. */
export function isCharged(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status >= 200 && status < 300;
}

function statusOf(error: unknown): number | undefined {
  const status: unknown = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" ? status : undefined;
}

/** The error for a request that the router refused. Asking again at once would not help, so it is not retried. */
export async function refusedError(id: string, refusal: Refusal, needs: readonly string[]): Promise<Error> {
  const { cause, budget, renewedAt, excluded } = refusal;
  const isFailing = excluded.some(({ why }) => why === "failing");
  const wanted = excluded.some(({ why }) => why === "cannot do what is needed")
    ? `; the call needs ${needs.join(", ")}: list it in can of each model that has it`
    : "";
  return apiError(id, {
    message: `optllm ${explain(refusal)}${wanted}`,
    statusCode: cause === "budget" ? 429 : isFailing ? 503 : 400,
    data: {
      type: cause === "budget" ? "insufficient_quota" : "no_model",
      ...(budget !== undefined && { budget }),
      ...(renewedAt !== undefined && renewedAt !== Infinity && { renewedAt }),
      excluded,
    },
  });
}

/** The error for a request whose attempts have all failed. They were the retries, so it is not retried. */
export async function exhaustedError(
  id: string,
  failures: readonly Failure[],
  refusal?: Refusal,
): Promise<Error> {
  const told = failures.map(({ model, error }) => `${model}: ${messageOf(error)}`);
  if (refusal?.cause === "budget") told.push(`then ${explain(refusal)}`);
  return apiError(id, {
    message: messageLine(`optllm: no model answered: ${told.join("; ")}`),
    statusCode: 502,
    data: { type: "no_answer", failed: failures.map(({ model }) => model) },
    cause: failures.at(-1)?.error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function apiError(
  id: string,
  error: { message: string; statusCode: number; data: object; cause?: unknown },
): Promise<Error> {
  let sdk: typeof import("ai");
  try {
    sdk = await import("ai");
  } catch (cause) {
    throw new InputError(`optllm/ai needs the package ai: npm install ai@6 (${messageOf(cause)})`);
  }
  // The prompt stays out: errors are logged.
  return new sdk.APICallError({
    ...error,
    url: `optllm:${id}`,
    requestBodyValues: { model: id },
    isRetryable: false,
  });
}
