import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { InputError } from "../../../errors.js";
import type { Choice } from "../../../solve/choice.js";
import type { Body } from "../../protocol/asked.js";
import { Interruption } from "../../proxy/interruption.js";
import { partsOf } from "../../solve/multipart.js";
import type { Task } from "../../solve/solved.js";
import { taskOf } from "../../solve/task.js";
import { apiErrorOf } from "../app.js";
import { ApiError, badRequest } from "../apiError.js";
import { contextOf, type Running } from "../context.js";
import { beginRequest } from "../underWay.js";

/** Fields that the solver's errors call otherwise. */
const FIELDS = new Map([["success probability", "successProbability"]]);

/** POST /v1/solve: which model answers which query of a problem, as JSON or with `.npy` files as multipart/form-data. */
export function addSolve(app: FastifyInstance, running: Running): void {
  app.addContentTypeParser("multipart/form-data", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  app.post("/v1/solve", (request, reply) => handle(request, reply, running));
}

async function handle(request: FastifyRequest, reply: FastifyReply, running: Running) {
  const { setup } = contextOf(request);
  const { interruption, outcome, over } = beginRequest(request, reply, running);
  try {
    const task = await taskIn(request, setup.config.limits.jsonDepth);
    const choice = await running.solver.solve(task, interruption.signal);
    outcome.status = 200;
    void reply.header("x-request-id", request.id);
    return { object: "choice", ...written(choice) };
  } catch (error) {
    const known = knownError(error, interruption);
    outcome.status = known.status;
    outcome.error = known.code ?? "error";
    throw known;
  } finally {
    over();
  }
}

async function taskIn({ body, headers }: FastifyRequest, depth: number): Promise<Task> {
  if (body === undefined)
    throw badRequest("there is no body; expected { models, cost, successProbability, target }");
  if (!Buffer.isBuffer(body)) return taskOf(body as Body);
  const { body: problem, parts } = await partsOf(body, headers["content-type"] ?? "", depth);
  return taskOf(problem, parts);
}

function knownError(error: unknown, { cause }: Interruption): ApiError {
  if (cause === "client") return new ApiError(499, "client_closed_request", "the client hung up");
  if (cause === "deadline")
    return new ApiError(504, "deadline_exceeded", "the problem took too long to solve");
  if (cause === "drain") return new ApiError(503, "shutting_down", "the server is shutting down");
  if (!(error instanceof InputError)) return apiErrorOf(error);
  const { field } = error.details as { field?: unknown };
  return badRequest(error.message, typeof field === "string" ? (FIELDS.get(field) ?? field) : undefined);
}

/** A choice as JSON: model indexes as a list, λ = ∞ as a text. */
function written(choice: Choice) {
  if (choice.status === "infeasible") return choice;
  const { allocation, lambda } = choice;
  return {
    ...choice,
    allocation: Array.from(allocation),
    lambda: lambda === Infinity ? "Infinity" : lambda,
  };
}
