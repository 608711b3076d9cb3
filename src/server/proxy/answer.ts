import type { IncomingHttpHeaders } from "node:http";
import type { Decision } from "../../online/decision.js";
import { finalError, gatewayFailure, type Failure } from "../upstream/failure.js";
import { failureOf } from "../upstream/status.js";
import type { Reply, Upstream } from "../upstream/upstream.js";
import { Attempt } from "./attempt.js";
import { readHead } from "./bodies.js";
import { bufferedAnswer, type Answer } from "./buffered.js";
import type { Call } from "./call.js";
import type { StreamClient } from "./client.js";
import { decide, decideNext } from "./decide.js";
import { outgoingBody, outgoingHeaders } from "./outgoing.js";
import { streamedAnswer } from "./streamed.js";
import { thrownFailure } from "./thrown.js";

/** Attempts beyond the first. */
const MOST_RETRIES = 2;
const ERROR_BYTES = 65_536;

/** What came of a request. */
export interface Result {
  /** The last attempt. */
  attempt: Attempt;
  /** A complete answer; undefined for one that was streamed. */
  answer?: Answer;
  /** Why a stream broke off; the client knows. */
  failure?: Failure;
  responseId?: string;
}

/**
 * Gets an answer: from the model that is decided for, and where it fails before the client has seen anything, from the
 * next ones by value.
 *
 * @throws ApiError where nobody answers. `onAttempt` learns of every attempt, also of those that fail.
 */
export async function answer(
  call: Call,
  headers: IncomingHttpHeaders,
  client: StreamClient,
  onAttempt: (attempt: Attempt) => void,
): Promise<Result> {
  const { shared } = call;
  shared.allowance.earn();
  let decision: Decision = decide(call);
  for (let attempts = 1; ; attempts++) {
    const attempt = new Attempt(call, decision);
    onAttempt(attempt);
    const tried = await tryOnce(attempt, headers, client);
    const { failure } = tried;
    if (failure === undefined || client.isOpen) return { attempt, ...tried };
    const mayRetry = failure.isRetryable && attempts <= MOST_RETRIES && call.only?.length !== 1;
    const next = mayRetry && shared.allowance.take() ? decideNext(call, decision) : undefined;
    // The client may repeat a request that we did not repeat.
    if (next === undefined)
      throw failure.isRetryable && call.only === undefined ? finalError(failure) : failure.error;
    decision = next;
  }
}

type Tried = Pick<Result, "answer" | "failure" | "responseId">;

async function tryOnce(attempt: Attempt, headers: IncomingHttpHeaders, client: StreamClient): Promise<Tried> {
  const { upstream } = attempt.model;
  upstream.inFlight++;
  try {
    const tried = await exchange(attempt, headers, client);
    blame(attempt, upstream, tried.failure);
    return tried;
  } finally {
    upstream.inFlight--;
    // A fault of ours must not keep money reserved.
    attempt.free(false);
  }
}

async function exchange(
  attempt: Attempt,
  headers: IncomingHttpHeaders,
  client: StreamClient,
): Promise<Tried> {
  const { call, model } = attempt;
  const { asked, interruption } = call;
  let reply: Reply;
  try {
    const traced = model.upstream.config.passTrace ? attempt.trace?.headers() : undefined;
    const passed = { ...outgoingHeaders(headers, call.id), ...traced };
    reply = await model.upstream.send(asked.api, outgoingBody(attempt), passed, interruption.signal);
  } catch (error) {
    return { failure: thrownFailure(error, attempt) };
  }
  const wrong = await wrongReply(attempt, reply);
  if (wrong !== undefined) return { failure: wrong };
  if (asked.isStream) {
    const { failure, responseId } = await streamedAnswer(attempt, reply, client);
    return { failure, responseId };
  }
  const result = await bufferedAnswer(attempt, reply);
  if ("error" in result) return { failure: result };
  const { id } = result.value;
  return { answer: result, ...(typeof id === "string" && { responseId: id }) };
}

/** Why a reply is none to pass on: its status, or that it is not what was asked for. */
async function wrongReply(attempt: Attempt, reply: Reply): Promise<Failure | undefined> {
  const { upstream } = attempt.model;
  const { status, headers, body } = reply;
  if (status !== 200) {
    let text: string;
    try {
      text = await readHead(body, ERROR_BYTES);
    } catch (error) {
      return thrownFailure(error, attempt);
    }
    return failureOf(status, headers, upstream.kind.error?.(text) ?? text, upstream.name, upstream.secrets);
  }
  const isEvents = /^text\/event-stream\b/i.test(headers["content-type"] ?? "");
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding === "identity" && isEvents === attempt.call.asked.isStream) return undefined;
  body.destroy();
  const expected = attempt.call.asked.isStream ? "a stream of events" : "JSON";
  return gatewayFailure(`upstream ${upstream.name} did not answer with ${expected}`, { isCharged: true });
}

/** Settles a failure that is not settled yet, and remembers whose fault it was. */
function blame(attempt: Attempt, upstream: Upstream, failure: Failure | undefined): void {
  const { interruption, shared } = attempt.call;
  const time = shared.now();
  if (failure === undefined) {
    upstream.succeeded();
    return;
  }
  const isOurs = failure.blame === "model" || failure.blame === "upstream";
  if (failure.isCharged) attempt.unknown(interruption.cause === undefined && isOurs ? "failed" : "abandoned");
  else attempt.free(isOurs);
  if (failure.blame === "upstream") upstream.failed(time);
  if (failure.pauseMs !== undefined) upstream.pause(failure.pauseMs, time);
}
