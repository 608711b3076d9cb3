import type { IncomingHttpHeaders } from "node:http";
import { jsonOf } from "../../json.js";
import { billOf } from "../../prices/bill.js";
import type { Body } from "../protocol/asked.js";
import { objectOf } from "../protocol/fields.js";
import type { ServedModel } from "../setup/models.js";
import type { ServedPolicy } from "../setup/policies.js";
import type { Failure } from "../upstream/failure.js";
import { failureOf } from "../upstream/status.js";
import { readAll, readHead } from "./bodies.js";
import type { Outcome, Shared } from "./call.js";
import { budgetError, unavailable } from "./decide.js";
import type { Interruption } from "./interruption.js";
import { dollarsText, outgoingHeaders } from "./outgoing.js";
import { networkFailure } from "./thrown.js";

const MOST_BYTES = 256 * 2 ** 20;
const ERROR_BYTES = 65_536;

/** A request that is passed to the model that it names. */
export interface Passing {
  id: string;
  body: Body;
  model: ServedModel;
  /** Whose budget pays. */
  policy: ServedPolicy;
  key: string | undefined;
  shared: Shared;
  interruption: Interruption;
  outcome: Outcome;
}

/**
 * Passes a request for embeddings on, once, within the budget: the most that its input can cost is held meanwhile.
 *
 * @throws ApiError where there is no answer.
 */
export async function passThrough(
  passing: Passing,
  headers: IncomingHttpHeaders,
): Promise<{ bytes: Buffer; headers: Record<string, string> }> {
  const { model, policy, key, shared, outcome } = passing;
  const { upstream, price } = model;
  if (!upstream.isReady(shared.now())) throw unavailable([model], shared.now());
  const most = mostTokens(passing.body);
  const held = policy.router.hold(billOf(price, { input: most, output: 0 }).total, key);
  if (held.status === "refused") throw budgetError(held);
  let cost = 0;
  upstream.inFlight++;
  try {
    const answer = await exchange(passing, headers);
    if ("error" in answer) {
      if (answer.isCharged === true) cost = estimate(passing);
      outcome.isEstimated = answer.isCharged === true;
      throw answer.error;
    }
    const used = objectOf(answer.value.usage);
    const tokens = used?.prompt_tokens ?? used?.total_tokens;
    outcome.isEstimated = typeof tokens !== "number";
    cost = typeof tokens === "number" ? billOf(price, { input: tokens, output: 0 }).total : estimate(passing);
    upstream.succeeded();
    return {
      bytes: answer.bytes,
      headers: {
        "x-request-id": passing.id,
        "x-optllm-model": model.name,
        "x-optllm-cost": dollarsText(cost),
      },
    };
  } finally {
    upstream.inFlight--;
    outcome.cost = cost;
    policy.router.pay(held, cost);
  }
}

type Answered = { bytes: Buffer; value: Record<string, unknown> };

async function exchange(passing: Passing, headers: IncomingHttpHeaders): Promise<Answered | Failure> {
  const { id, body, model, shared, interruption } = passing;
  const { upstream } = model;
  const failed = (failure: Failure): Failure => {
    if (failure.blame === "upstream") upstream.failed(shared.now());
    if (failure.pauseMs !== undefined) upstream.pause(failure.pauseMs, shared.now());
    return failure;
  };
  let hasBegun = false;
  try {
    const out = { ...body, model: model.id };
    const reply = await upstream.send("embeddings", out, outgoingHeaders(headers, id), interruption.signal);
    if (reply.status !== 200) {
      const text = await readHead(reply.body, ERROR_BYTES);
      return failed(failureOf(reply.status, reply.headers, text, upstream.name, upstream.secrets));
    }
    hasBegun = true;
    const bytes = await readAll(reply.body, MOST_BYTES);
    const value = objectOf(JSON.parse(bytes.toString("utf8")));
    if (value === undefined) throw new SyntaxError("no object");
    return { bytes, value };
  } catch (error) {
    const failure = failed(networkFailure(error, upstream.name, interruption));
    // Its beginning came, so the upstream has worked on it.
    return hasBegun ? { ...failure, isCharged: true } : failure;
  }
}

function estimate({ body, model }: Passing): number {
  const tokens = model.counter.count(inputText(body));
  return billOf(model.price, { input: tokens, output: 0 }).total;
}

/** No vocabulary has tokens below a byte; token ids come as numbers. */
function mostTokens(body: Body): number {
  return Buffer.byteLength(inputText(body));
}

function inputText({ input }: Body): string {
  return typeof input === "string" ? input : jsonOf(input ?? "");
}
