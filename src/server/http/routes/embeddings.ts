import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Body } from "../../protocol/asked.js";
import { passThrough, type Passing } from "../../proxy/passThrough.js";
import { notFound } from "../../proxy/select.js";
import { apiErrorOf } from "../app.js";
import { EMBEDDINGS } from "../api/decisions.js";
import { described } from "../api/described.js";
import { contextOf, type Running } from "../context.js";
import { endOf } from "../outcome.js";
import { beginRequest } from "../underWay.js";

/** POST /v1/embeddings: passed through to the model that is named, under the budget of the key's first policy. */
export function addEmbeddings(app: FastifyInstance, running: Running): void {
  const about = described(
    {
      summary: "Embeddings of a model that is named",
      answer: { description: "the upstream's answer, as OpenAI's API has it" },
      isRecorded: true,
    },
    { body: EMBEDDINGS },
  );
  app.post("/v1/embeddings", about, (request, reply) => handle(request, reply, running));
}

async function handle(request: FastifyRequest, reply: FastifyReply, running: Running): Promise<FastifyReply> {
  const { id, setup, caller } = contextOf(request);
  const { interruption, outcome, over } = beginRequest(request, reply, running);
  outcome.policy = caller.policies[0];
  const trace = running.tracing?.request(request.routeOptions.url!, request.headers);
  try {
    const body = request.body as Body & { model: string };
    const { model: name } = body;
    const model = setup.models.get(name);
    if (model?.config.serves !== "embeddings" || caller.models?.has(name) === false) throw notFound(name);
    outcome.model = name;
    outcome.attempts = 1;
    const policy = (setup.dryRun ?? setup.policies).get(caller.policies[0])!;
    const passing: Passing = {
      id,
      body,
      model,
      policy,
      key: caller.name,
      shared: running,
      interruption,
      outcome,
    };
    const { bytes, headers } = await passThrough(passing, request.headers);
    outcome.status = 200;
    return reply
      .code(200)
      .headers(headers)
      .header("content-type", "application/json; charset=utf-8")
      .send(bytes);
  } catch (error) {
    Object.assign(outcome, endOf(apiErrorOf(error)));
    throw error;
  } finally {
    over(trace);
  }
}
