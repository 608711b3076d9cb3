import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { InputError } from "../../../errors.js";
import type { Body } from "../../protocol/asked.js";
import { Interruption } from "../../proxy/interruption.js";
import { partsOf } from "../../solve/multipart.js";
import type { Task } from "../../solve/solved.js";
import { taskOf } from "../../solve/task.js";
import { written } from "../../solve/written.js";
import { CHOICE } from "../api/answers.js";
import { described } from "../api/described.js";
import { SOLVE, SOLVE_FORM } from "../api/solve.js";
import type { Validator } from "../api/validator.js";
import { apiErrorOf } from "../app.js";
import { ApiError, badRequest } from "../apiError.js";
import { contextOf, type Running } from "../context.js";
import { endOf } from "../outcome.js";
import { beginRequest } from "../underWay.js";

/** Fields that the solver's errors call otherwise. */
const FIELDS = new Map([["success probability", "successProbability"]]);

/** POST /v1/solve: which model answers which query of a problem, as JSON or with `.npy` files as multipart/form-data. */
export function addSolve(app: FastifyInstance, running: Running): void {
  app.addContentTypeParser("multipart/form-data", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  const about = described(
    {
      summary: "Which model answers which query of a problem",
      answer: { description: "the choice, or that nothing meets the target", schema: CHOICE },
      form: SOLVE_FORM,
      isRecorded: true,
    },
    { body: SOLVE },
  );
  app.post("/v1/solve", about, (request, reply) => handle(request, reply, running));
}

async function handle(request: FastifyRequest, reply: FastifyReply, running: Running) {
  const { setup, caller } = contextOf(request);
  const { interruption, outcome, over } = beginRequest(request, reply, running);
  try {
    const task = await taskIn(request, setup.config.limits.jsonDepth);
    const choice = await running.solver.solve(task, interruption, caller.name);
    outcome.status = 200;
    void reply.header("x-request-id", request.id);
    return { object: "choice", ...written(choice) };
  } catch (error) {
    const known = knownError(error, interruption);
    Object.assign(outcome, endOf(known));
    throw known;
  } finally {
    over();
  }
}

async function taskIn(request: FastifyRequest, depth: number): Promise<Task> {
  const { body, headers } = request;
  if (!Buffer.isBuffer(body)) return taskOf(body as Body);
  const { body: problem, parts } = await partsOf(body, headers["content-type"] ?? "", depth);
  const result = (request.getValidationFunction("body") as Validator)(problem);
  if (result !== true) throw result.error;
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
