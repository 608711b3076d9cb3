import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Body } from "../../protocol/asked.js";
import { modelOf } from "../../protocol/fields.js";
import { passThrough, type Passing } from "../../proxy/passThrough.js";
import { notFound } from "../../proxy/select.js";
import { apiErrorOf } from "../app.js";
import { badRequest } from "../apiError.js";
import { contextOf, type Running } from "../context.js";
import { beginRequest } from "../underWay.js";

/** POST /v1/embeddings: passed through to the model that is named, under the budget of the key's first policy. */
export function addEmbeddings(app: FastifyInstance, running: Running): void {
  app.post("/v1/embeddings", (request, reply) => handle(request, reply, running));
}

async function handle(request: FastifyRequest, reply: FastifyReply, running: Running): Promise<FastifyReply> {
  const { id, setup, caller } = contextOf(request);
  const { interruption, outcome, over } = beginRequest(request, reply, running);
  outcome.policy = caller.policies[0];
  const trace = running.tracing?.request(request.routeOptions.url!, request.headers);
  try {
    if (request.body === undefined) throw badRequest("there is no body; expected a JSON object");
    const body = request.body as Body;
    const name = modelOf(body);
    const model = setup.models.get(name);
    if (model?.config.serves !== "embeddings" || caller.models?.has(name) === false) throw notFound(name);
    outcome.model = name;
    outcome.attempts = 1;
    const policy = setup.policies.get(caller.policies[0])!;
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
    const known = apiErrorOf(error);
    outcome.status = known.status;
    outcome.error = known.code ?? "error";
    throw error;
  } finally {
    over(trace);
  }
}
