import type { FastifyReply, FastifyRequest } from "fastify";
import type { Outcome } from "../proxy/call.js";
import { Interruption } from "../proxy/interruption.js";
import type { RequestTrace } from "../tracing/tracing.js";
import { contextOf, type Running } from "./context.js";
import { emptyOutcome } from "./outcome.js";

/** A request from its first step to its last. */
export interface UnderWay {
  interruption: Interruption;
  outcome: Outcome;
  /** Must be called when the request is over, with its outcome filled in. */
  over(trace?: RequestTrace): void;
}

/** A request begins: its deadline runs, and its client's hanging up ends it. */
export function beginRequest(request: FastifyRequest, reply: FastifyReply, running: Running): UnderWay {
  const context = contextOf(request);
  context.hasBegun = true;
  const { setup } = context;
  const began = running.now();
  const interruption = new Interruption(setup.config.limits.deadlineSeconds * 1_000);
  const hungUp = (): void => {
    if (!reply.raw.writableFinished) interruption.end("client");
  };
  reply.raw.once("close", hungUp);
  // An answer whose turn on its connection has not come does not hear of the connection's end.
  const { socket } = request.raw;
  socket.once("close", hungUp);
  const { end } = running.begin(setup, interruption);
  const outcome = emptyOutcome(request);
  return {
    interruption,
    outcome,
    over: (trace) => {
      interruption.done();
      socket.off("close", hungUp);
      outcome.ms = running.now() - began;
      trace?.end(outcome);
      running.onOutcome(outcome);
      end();
    },
  };
}
