import type { FastifyInstance } from "fastify";
import { explain, type Decision } from "../../../online/decision.js";
import { shown } from "../../../text/shown.js";
import type { Asked, Body } from "../../protocol/asked.js";
import { readChat } from "../../protocol/chat.js";
import { readResponses } from "../../protocol/responses.js";
import type { Call } from "../../proxy/call.js";
import { decide } from "../../proxy/decide.js";
import { Interruption } from "../../proxy/interruption.js";
import { selectFor } from "../../proxy/select.js";
import { DECISION, JUDGED } from "../api/answers.js";
import { FEEDBACK, ROUTE } from "../api/decisions.js";
import { described } from "../api/described.js";
import { ApiError } from "../apiError.js";
import { contextOf, type Context, type Running } from "../context.js";

/** POST /v1/route: the decision alone. POST /v1/feedback: how good an answer was. */
export function addDecisions(app: FastifyInstance, running: Running): void {
  const route = described(
    { summary: "The decision alone", answer: { description: "the decision", schema: DECISION } },
    { body: ROUTE },
  );
  app.post("/v1/route", route, (request) => routeOnly(request.body as Body, contextOf(request), running));
  const judge = described(
    { summary: "How good an answer was", answer: { description: "what was taken in", schema: JUDGED } },
    { body: FEEDBACK },
  );
  app.post("/v1/feedback", judge, (request) =>
    feedback(request.body as Judgement, contextOf(request), running),
  );
}

/** Decides as for an answer, and holds no money for it. */
function routeOnly(body: Body, { id, setup, caller }: Context, shared: Running) {
  const asked = askedIn(body, caller.name);
  const { policy, only } = selectFor(setup, caller, asked, shared.pins);
  const interruption = new Interruption(0);
  interruption.done();
  const call: Call = { id, asked, caller, policy, only, setup, shared, interruption };
  const decision = decide(call, "advise");
  return { object: "decision", ...decisionOf(decision), policy: policy.name, explanation: explain(decision) };
}

/** The body of an answer's request, of either endpoint; its model is auto unless it says otherwise. */
function askedIn(body: Body, key: string | undefined): Asked {
  const asked = { model: "auto", ...body };
  if (body.messages !== undefined) return readChat(asked, key, undefined);
  const read = readResponses(asked, key, undefined);
  // The endpoint that answers is the client's own choice.
  return { ...read, needs: read.needs.filter((need) => need !== "responses") };
}

function decisionOf({ id, fallbacks, ...decision }: Decision) {
  const { model, probability, cost, worstCase, lambda, propensity, reason, excluded, runnerUp } = decision;
  return {
    decisionId: id,
    ...{ model, probability, cost, worstCase, propensity, reason, excluded },
    lambda: lambda === Infinity ? "Infinity" : lambda,
    runnerUp: runnerUp ?? null,
    alternatives: fallbacks,
  };
}

interface Judgement {
  decisionId: string;
  score: number;
}

function feedback({ decisionId: id, score }: Judgement, { caller }: Context, { decisions }: Running) {
  const known = decisions.get(id);
  // One key cannot judge the answers of another.
  if (known === undefined || known.decision.key !== caller.name)
    throw new ApiError(404, "decision_not_found", `decision ${shown(id)} is not known, or is too old`, {
      param: "decisionId",
    });
  // Of an answer that was judged before, the first judgement holds.
  const isCounted = known.setup.policies.get(known.policy)!.router.feedback(known.decision, score);
  return { object: "feedback", decisionId: id, score, isCounted };
}
