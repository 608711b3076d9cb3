import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { InputError } from "../../errors.js";
import { peer } from "../peers.js";
import { ApiError, badRequest } from "./apiError.js";
import type { Schema } from "./api/schema.js";
import { openValidation } from "./api/validator.js";
import { knownContext, setContext, type Running } from "./context.js";
import { bodyOf } from "./json.js";
import { emptyOutcome, endOf } from "./outcome.js";

const RECEIVE_MS = 60_000;
const FAULT = "internal_error";
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** An HTTP server without routes: bodies, errors, ids. */
export async function httpApp(running: Running): Promise<FastifyInstance> {
  const { fastify } = await peer("fastify", () => import("fastify"));
  const app = fastify({
    // Its own lines would hold addresses and queries.
    logger: false,
    bodyLimit: running.setup.config.limits.bodyBytes,
    requestTimeout: RECEIVE_MS,
    return503OnClosing: false,
    clientErrorHandler: refuseBytes,
    genReqId: ({ headers }) => requestId(headers["x-request-id"]),
  });
  const validatorOf = await openValidation();
  app.setValidatorCompiler<Schema>(({ schema }) => validatorOf(schema));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) => {
    try {
      done(null, bodyOf(body as Buffer, running.setup.config.limits.jsonDepth));
    } catch (error) {
      done(error as Error);
    }
  });
  app.setErrorHandler((error, request, reply) => {
    const known = apiErrorOf(error);
    if (known.code === FAULT) running.onFault(error);
    const isRefused = request.routeOptions.config.api?.isRecorded === true;
    if (isRefused && knownContext(request)?.hasBegun === false)
      running.onOutcome({ ...emptyOutcome(request), ...endOf(known) });
    return sendError(error, request, reply);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(
      new ApiError(404, "not_found", `there is no ${request.method} of this address`),
      request,
      reply,
    ),
  );
  app.addHook("onSend", (_, reply, payload, done) => {
    if (running.isDraining) void reply.header("connection", "close");
    done(null, payload);
  });
  return app;
}

/** Whoever listens hears of every answer of the routes below. */
export function reportAnswers(app: FastifyInstance, running: Running): void {
  app.addHook("onResponse", (request, reply, done) => {
    running.onResponse(request.routeOptions.url, reply.raw.statusCode);
    done();
  });
}

/** The routes below need a key; what comes while the server ends is refused. */
export function needKeys(app: FastifyInstance, running: Running): void {
  app.addHook("onRequest", (request, _, done) => {
    try {
      if (running.isDraining)
        throw new ApiError(503, "shutting_down", "the server is shutting down", {
          headers: { "retry-after": "1" },
        });
      const { setup } = running;
      const caller = setup.keys.find(request.headers.authorization);
      setContext(request, { id: request.id, setup, caller, hasBegun: false });
      const waitMs = caller.rate?.take(running.now()) ?? 0;
      if (waitMs > 0) throw tooFast(waitMs, caller.rate!.perMinute);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

function tooFast(waitMs: number, perMinute: number): ApiError {
  return new ApiError(429, "rate_limit_exceeded", `the API key has used its ${perMinute} requests a minute`, {
    headers: {
      "retry-after": String(Math.ceil(waitMs / 1_000)),
      "retry-after-ms": String(Math.ceil(waitMs)),
    },
  });
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = apiErrorOf(error);
  return reply
    .code(known.status)
    .headers({ ...known.options.headers, "x-request-id": request.id })
    .send(known.body());
}

/** Any error as the client gets it: what is no fault of the request says nothing of itself. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof InputError) return badRequest(error.message);
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new ApiError(413, "body_too_large", "the body is too large");
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE" || code === "FST_ERR_CTP_INVALID_CONTENT_TYPE")
    return new ApiError(415, "unsupported_media_type", "the body must have content-type application/json");
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ApiError(statusCode, "invalid_request", "the request cannot be read");
  return new ApiError(500, FAULT, "the server failed; its log says why");
}

/** What is no request that can be read: there is no reply to it, only a connection. */
function refuseBytes(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const known =
    error.code === "HPE_HEADER_OVERFLOW"
      ? new ApiError(431, "headers_too_large", "the headers are too large")
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? new ApiError(408, "request_timeout", "the request took too long to come")
        : badRequest("the request is no HTTP that can be read", undefined, "invalid_http");
  const body = JSON.stringify(known.body());
  socket.end(
    `HTTP/1.1 ${known.status} ${STATUS_CODES[known.status]}\r\nconnection: close\r\n` +
      `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function requestId(given: string | string[] | undefined): string {
  return typeof given === "string" && REQUEST_ID.test(given)
    ? given
    : `req_${randomUUID().replaceAll("-", "")}`;
}
