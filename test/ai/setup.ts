import { APICallError } from "ai";
import { convertArrayToReadableStream, MockLanguageModelV3 } from "ai/test";
import { createOptllm, type OptllmOptions } from "../../src/ai/provider.js";
import type { GenerateResult, StreamPart } from "../../src/ai/types.js";
import type { RouteRequest, Settlement } from "../../src/online/request.js";
import { createRouter, type Router } from "../../src/online/router.js";
import type { RouterOptions } from "../../src/online/options.js";
import { modelsOf, scoresOf } from "../online/scores.js";

export const usage = (input?: number, output?: number, cacheRead?: number): GenerateResult["usage"] => ({
  inputTokens: { total: input, noCache: undefined, cacheRead, cacheWrite: undefined },
  outputTokens: { total: output, text: undefined, reasoning: undefined },
});

export const answer = (text: string, used = usage(10, 5)): GenerateResult => ({
  content: [{ type: "text", text }],
  finishReason: { unified: "stop", raw: undefined },
  usage: used,
  warnings: [],
});

export const toolCall = (id: string): GenerateResult => ({
  ...answer(""),
  content: [{ type: "tool-call", toolCallId: id, toolName: "weather", input: '{"city":"Kiel"}' }],
  finishReason: { unified: "tool-calls", raw: undefined },
});

export const finish = (used = usage(10, 5)): StreamPart => ({
  type: "finish",
  finishReason: { unified: "stop", raw: undefined },
  usage: used,
});
export const START: StreamPart = { type: "stream-start", warnings: [] };
export const TEXT: StreamPart = { type: "text-start", id: "1" };
export const delta = (text: string): StreamPart => ({ type: "text-delta", id: "1", delta: text });
export const END: StreamPart = { type: "text-end", id: "1" };

export const streamOf = (...parts: StreamPart[]) => ({ stream: convertArrayToReadableStream(parts) });

/** A stream that gives some parts, and then never anything; notes whether it was cancelled. */
export function stalled(...parts: StreamPart[]) {
  const seen = { isCancelled: false };
  const stream = new ReadableStream<StreamPart>({
    start: (controller) => parts.forEach((part) => controller.enqueue(part)),
    cancel: () => void (seen.isCancelled = true),
  });
  return { seen, stream };
}

/** A stream that gives some parts, and then fails. */
export function broken(error: unknown, ...parts: StreamPart[]) {
  let k = 0;
  return {
    stream: new ReadableStream<StreamPart>({
      pull: (controller) => (k < parts.length ? controller.enqueue(parts[k++]) : controller.error(error)),
    }),
  };
}

export const unavailable = (statusCode = 503): APICallError =>
  new APICallError({ message: "busy", url: "https://api", requestBodyValues: {}, statusCode });

type Mock = ConstructorParameters<typeof MockLanguageModelV3>[0];

/** Where nothing else is said, a model names itself. */
const mock = (name: string, options: Mock = {}): MockLanguageModelV3 =>
  new MockLanguageModelV3({
    provider: "mock",
    modelId: name,
    doGenerate: () => Promise.resolve(answer(name)),
    doStream: () => Promise.resolve(streamOf(START, TEXT, delta(name), END, finish())),
    ...options,
  });

/**
 * A router of three models and their mocks. Of text "1" at λ = 0 the order is m2, m1, m0. `settled`: what was settled, in
 * order; `cancelled`: what was; `asked`: the requests.
 */
export function setup(
  mocks: Record<string, Mock> = {},
  options: Partial<RouterOptions> = {},
  more: Partial<OptllmOptions> = {},
) {
  const router = createRouter({ scorer: scoresOf(), models: CAN, lambda: 0, ...options });
  const settled: (Settlement & { model: string })[] = [];
  const cancelled: { model: string; failed?: boolean }[] = [];
  const asked: RouteRequest[] = [];
  const watched: Router = {
    ...methodsOf(router),
    route: (request) => {
      asked.push(request);
      return router.route(request);
    },
    settle: (decision, used) => {
      const isFirst = router.settle(decision, used);
      if (isFirst) settled.push({ model: decision.model, ...used });
      return isFirst;
    },
    cancel: (decision, how) => {
      cancelled.push({ model: decision.model, ...how });
      return router.cancel(decision, how);
    },
  };
  const models = Object.fromEntries(["m0", "m1", "m2"].map((name) => [name, mock(name, mocks[name])]));
  const optllm = createOptllm({ router: watched, models, ...more });
  return { router, optllm, auto: optllm.languageModel("auto"), models, asked, settled, cancelled };
}

function methodsOf(router: Router): Router {
  return {
    policy: router.policy,
    routesTo: router.routesTo,
    notes: router.notes,
    ready: () => router.ready(),
    route: (request) => router.route(request),
    advise: (request) => router.advise(request),
    retry: (decision) => router.retry(decision),
    settle: (decision, used) => router.settle(decision, used),
    cancel: (decision, options) => router.cancel(decision, options),
    hold: (...held) => router.hold(...held),
    pay: (...paid) => router.pay(...paid),
    feedback: (decision, score) => router.feedback(decision, score),
    alarms: () => router.alarms(),
    corrections: () => router.corrections(),
    failing: () => router.failing(),
    status: () => router.status(),
    limits: () => router.limits(),
    state: () => router.state(),
  };
}

export const CAN = Object.fromEntries(
  Object.entries(modelsOf(3)).map(([name, one]) => [name, { ...one, can: ["tools", "json"] }]),
);

export const budgetOf = (dollars: number): Partial<RouterOptions> => ({
  lambda: 0,
  budget: { dollars, period: "total" },
});

/** What a router holds reserved, in dollars. */
export const reserved = (router: Router): number =>
  router.status().reduce((sum, budget) => sum + budget.reserved, 0);
