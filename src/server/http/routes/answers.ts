import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Asked, Body } from "../../protocol/asked.js";
import { readChat } from "../../protocol/chat.js";
import { readResponses } from "../../protocol/responses.js";
import { answer, type Result } from "../../proxy/answer.js";
import type { Attempt } from "../../proxy/attempt.js";
import type { Call, DryDecision, Outcome } from "../../proxy/call.js";
import { StreamClient } from "../../proxy/client.js";
import { Interruption } from "../../proxy/interruption.js";
import { endDry, passedOn, selectDry } from "../../proxy/dryRun.js";
import { selectFor } from "../../proxy/select.js";
import { apiErrorOf } from "../app.js";
import { CHAT } from "../api/chat.js";
import { described } from "../api/described.js";
import { RESPONSES } from "../api/responses.js";
import { SESSION, type Schema } from "../api/schema.js";
import { contextOf, type Running } from "../context.js";
import { endOf } from "../outcome.js";
import { beginRequest } from "../underWay.js";

type Read = (body: Body, key: string | undefined, session: string | undefined) => Asked;

/** POST /v1/chat/completions and /v1/responses: answers of the models, passed on. */
export function addAnswers(app: FastifyInstance, running: Running): void {
  const about = (summary: string, body: Schema) =>
    described(
      {
        summary,
        answer: { description: "the upstream's answer, as OpenAI's API has it" },
        hasStream: true,
        isRecorded: true,
      },
      { body, headers: SESSION },
    );
  const chat = about("A chat completion", CHAT);
  app.post("/v1/chat/completions", chat, (request, reply) => handle(readChat, request, reply, running));
  const responses = about("An answer of the Responses API", RESPONSES);
  app.post("/v1/responses", responses, (request, reply) => handle(readResponses, request, reply, running));
}

async function handle(
  read: Read,
  request: FastifyRequest,
  reply: FastifyReply,
  running: Running,
): Promise<FastifyReply> {
  const { interruption, outcome, over } = beginRequest(request, reply, running);
  const attempts: Attempt[] = [];
  const trace = running.tracing?.request(request.routeOptions.url!, request.headers);
  let dry: DryDecision | undefined;
  try {
    const call = { ...callOf(read, request, running, interruption), trace };
    ({ dry } = call);
    const { asked, policy, would } = call;
    Object.assign(outcome, { api: asked.api, isStream: asked.isStream, policy: policy.name, would });
    const client = new StreamClient(reply.raw, interruption.signal);
    const result = await answer(call, request.headers, client, (attempt) => attempts.push(attempt));
    return finish(call, result, reply, outcome);
  } catch (error) {
    const known = apiErrorOf(error);
    Object.assign(outcome, endOf(known));
    if (reply.raw.headersSent) {
      if (known.status === 500) running.onFault(error);
      return reply.hijack();
    }
    throw error;
  } finally {
    outcome.model = attempts.at(-1)?.decision.model;
    outcome.attempts = attempts.length;
    outcome.cost = attempts.reduce((sum, { cost }) => sum + cost, 0);
    outcome.isEstimated = attempts.some(({ isEstimated }) => isEstimated);
    if (dry !== undefined) endDry(dry, attempts.at(-1));
    over(trace);
  }
}

function callOf(read: Read, request: FastifyRequest, shared: Running, interruption: Interruption): Call {
  const { id, setup, caller } = contextOf(request);
  const { "x-optllm-session": session } = request.headers;
  const asked = read(request.body as Body, caller.name, typeof session === "string" ? session : undefined);
  const isDry = setup.dryRun !== undefined;
  const selected = isDry ? selectDry(setup, caller, asked) : selectFor(setup, caller, asked, shared.pins);
  const call: Call = { id, asked, caller, ...selected, setup, shared, interruption };
  return isDry ? passedOn(call) : call;
}

function finish(call: Call, result: Result, reply: FastifyReply, outcome: Outcome): FastifyReply {
  const { attempt, failure, responseId } = result;
  outcome.status = 200;
  if (failure !== undefined) outcome.error = failure.error.code ?? "error";
  if (call.asked.api === "responses" && responseId !== undefined && failure === undefined)
    call.shared.pins.set(responseId, call.caller.name, call.policy.name, attempt.model.name);
  if (result.answer === undefined) return reply.hijack();
  return reply
    .code(200)
    .headers(result.answer.headers)
    .header("content-type", "application/json; charset=utf-8")
    .send(result.answer.bytes);
}
