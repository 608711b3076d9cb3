import type { FastifyRequest } from "fastify";
import type { Outcome } from "../proxy/call.js";
import type { ApiError } from "./apiError.js";
import { contextOf } from "./context.js";

/** The record of a request that has just begun. */
export function emptyOutcome(request: FastifyRequest): Outcome {
  const { id, caller } = contextOf(request);
  return {
    requestId: id,
    api: request.routeOptions.url?.slice("/v1/".length) ?? "",
    key: caller.name,
    policy: undefined,
    model: undefined,
    status: 500,
    error: undefined,
    isStream: false,
    attempts: 0,
    cost: 0,
    isEstimated: false,
    ms: 0,
  };
}

/** How a request ended that an error ended. */
export function endOf({ status, code, options }: ApiError): Pick<Outcome, "status" | "error"> {
  return { status, error: code ?? options.type ?? "error" };
}
