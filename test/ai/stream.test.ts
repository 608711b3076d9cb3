import { APICallError, jsonSchema, stepCountIs, streamObject, streamText, tool } from "ai";
import { describe, expect, it, vi } from "vitest";
import type { StreamPart } from "../../src/ai/types.js";
import {
  broken,
  budgetOf,
  delta,
  END,
  finish,
  reserved,
  setup,
  stalled,
  START,
  streamOf,
  TEXT,
  unavailable,
  usage,
} from "./setup.js";

const prompt = "1";
const USER = [{ role: "user" as const, content: [{ type: "text" as const, text: prompt }] }];
type Model = ReturnType<typeof setup>["auto"];

/** What a reader of the stream sees. */
async function read(model: Model, abortSignal?: AbortSignal) {
  const errors: unknown[] = [];
  const result = streamText({ model, prompt, abortSignal, onError: ({ error }) => void errors.push(error) });
  let text = "";
  const types: string[] = [];
  try {
    for await (const part of result.fullStream) {
      types.push(part.type);
      if (part.type === "text-delta") text += part.text;
    }
  } catch (error) {
    errors.push(error);
  }
  return { result, text, types, errors };
}

/** The parts of a model's own stream. */
async function partsOf(model: Model): Promise<StreamPart[]> {
  const { stream } = await model.doStream({ prompt: USER });
  const parts: StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

describe("a stream", () => {
  it("is the chosen model's, with the choice in its metadata", async () => {
    const { auto, settled, router } = setup({}, budgetOf(1));
    const { result, text, errors } = await read(auto);
    expect([text, errors]).toEqual(["m2", []]);
    expect((await result.response).modelId).toBe("m2");
    expect(await result.providerMetadata).toMatchObject({
      optllm: { model: "m2", reason: "value", failed: [], isEstimated: false },
    });
    expect(settled).toEqual([
      { model: "m2", inputTokens: 10, outputTokens: 5, cachedTokens: 0, cacheWriteTokens: 0 },
    ]);
    expect(reserved(router)).toBe(0);
  });

  it("has the parts of the model in their order, and the model's name after the start", async () => {
    const raw: StreamPart = { type: "raw", rawValue: 1 };
    const { auto } = setup({
      m2: {
        doStream: () =>
          Promise.resolve(streamOf(START, raw, TEXT, delta("a"), delta(""), delta("b"), END, finish())),
      },
    });
    const parts = await partsOf(auto);
    expect(parts.slice(0, -1)).toEqual([
      START,
      { type: "response-metadata", modelId: "m2" },
      raw,
      TEXT,
      delta("a"),
      delta(""),
      delta("b"),
      END,
    ]);
    expect(parts.at(-1)).toMatchObject({ type: "finish", usage: usage(10, 5) });
  });

  it("keeps what the provider says of the response, apart from the name of the model", async () => {
    const said: StreamPart = { type: "response-metadata", id: "r1", modelId: "m2-2026" };
    const { auto } = setup({
      m2: { doStream: () => Promise.resolve(streamOf(START, said, TEXT, delta("a"), END, finish())) },
    });
    const { result } = await read(auto);
    expect(await result.response).toMatchObject({ id: "r1", modelId: "m2" });
    expect(await result.providerMetadata).toMatchObject({ optllm: { servedBy: "m2-2026" } });
  });

  it("is read no faster than its reader reads", async () => {
    let pulled = 0;
    const stream = new ReadableStream<StreamPart>(
      { pull: (controller) => (pulled++, controller.enqueue(delta("x"))) },
      { highWaterMark: 0 },
    );
    const { auto, router } = setup({ m2: { doStream: () => Promise.resolve({ stream }) } }, budgetOf(1));
    const { stream: passed } = await auto.doStream({ prompt: USER });
    const reader = passed.getReader();
    await reader.read();
    await reader.read();
    await new Promise((done) => setTimeout(done, 5));
    expect(pulled).toBeLessThanOrEqual(2);
    await reader.cancel();
    expect(reserved(router)).toBe(0);
  });

  it("without content is an answer too", async () => {
    const { auto, settled } = setup({ m2: { doStream: () => Promise.resolve(streamOf(START, finish())) } });
    expect((await read(auto)).text).toBe("");
    expect(settled.map(({ model }) => model)).toEqual(["m2"]);
  });

  it("is settled by counted tokens and marked where the provider reports none", async () => {
    const text = "twelve words of an answer that nobody has counted before this test";
    const { auto, settled } = setup({
      m2: { doStream: () => Promise.resolve(streamOf(START, TEXT, delta(text), END, finish(usage()))) },
    });
    const { result } = await read(auto);
    expect(await result.providerMetadata).toMatchObject({ optllm: { isEstimated: true } });
    expect(settled[0].outputTokens).toBeGreaterThan(8);
    expect(settled[0].outputTokens).toBeLessThan(20);
  });
});

describe("an object in a stream", () => {
  it("comes from a model that can do json", async () => {
    const schema = jsonSchema<{ n: number }>({ type: "object", properties: { n: { type: "number" } } });
    const { auto } = setup({
      m2: {
        doStream: () => Promise.resolve(streamOf(START, TEXT, delta('{"n":'), delta("1}"), END, finish())),
      },
    });
    const { partialObjectStream, object } = streamObject({ model: auto, prompt, schema });
    for await (const part of partialObjectStream) expect(part).toBeDefined();
    expect(await object).toEqual({ n: 1 });
  });
});

describe("tools in a stream", () => {
  it("are answered in a loop that stays with its model, settled step by step", async () => {
    const call: StreamPart = {
      type: "tool-call",
      toolCallId: "c1",
      toolName: "weather",
      input: '{"city":"Kiel"}',
    };
    const calls = streamOf(START, call, {
      ...finish(),
      finishReason: { unified: "tool-calls", raw: undefined },
    } as StreamPart);
    const steps = [calls, streamOf(START, TEXT, delta("rain"), END, finish())];
    const { auto, settled } = setup({ m2: { doStream: () => Promise.resolve(steps.shift()!) } });
    const weather = tool({
      inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
      execute: ({ city }) => `rain in ${city}`,
    });
    const result = streamText({ model: auto, prompt, tools: { weather }, stopWhen: stepCountIs(3) });
    await result.consumeStream();
    expect(await result.text).toBe("rain");
    expect(await result.providerMetadata).toMatchObject({ optllm: { model: "m2", reason: "tool loop" } });
    expect(settled.map(({ model }) => model)).toEqual(["m2", "m2"]);
  });
});

describe("a failure before content", () => {
  const failing = (parts: StreamPart[]): [string, StreamPart[]] => [
    parts.map(({ type }) => type).join(),
    parts,
  ];
  it.each([
    failing([{ type: "error", error: new Error("overloaded") }]),
    failing([START, { type: "response-metadata", id: "r" }, TEXT, { type: "error", error: "overloaded" }]),
    failing([START, TEXT, delta("")]),
    failing([START]),
    failing([]),
    failing([START, { ...finish(), finishReason: { unified: "error", raw: undefined } } as StreamPart]),
  ])("(%s) is answered by the next model, without a trace of the first", async (_, parts) => {
    const { auto, router } = setup(
      { m2: { doStream: () => Promise.resolve(streamOf(...parts)) } },
      budgetOf(1),
    );
    const { result, text, errors, types } = await read(auto);
    expect([text, errors]).toEqual(["m1", []]);
    expect(types.filter((type) => type === "text-start")).toHaveLength(1);
    expect((await result.response).modelId).toBe("m1");
    expect(await result.providerMetadata).toMatchObject({ optllm: { failed: ["m2"], reason: "fallback" } });
    expect(reserved(router)).toBe(0);
  });

  it.each([
    ["the call itself", { doStream: () => Promise.reject(unavailable()) }],
    ["reading", { doStream: () => Promise.resolve(broken(unavailable(), START)) }],
  ])("of %s too", async (_, m2) => {
    const { auto, cancelled } = setup({ m2 });
    expect((await read(auto)).text).toBe("m1");
    expect(cancelled).toEqual([{ model: "m2", failed: true }]);
  });

  it("of every model is one error that is not retried", async () => {
    const doStream = () => Promise.reject(unavailable());
    const { auto, models, router } = setup(
      { m0: { doStream }, m1: { doStream }, m2: { doStream } },
      budgetOf(1),
    );
    const { errors } = await read(auto);
    expect(errors).toHaveLength(1);
    expect(APICallError.isInstance(errors[0]) && errors[0].isRetryable).toBe(false);
    expect(String(errors[0])).toContain("no model answered: m2: busy; m1: busy; m0: busy");
    for (const model of Object.values(models)) expect(model.doStreamCalls).toHaveLength(1);
    expect(router.status()[0].spent).toBe(0);
  });
});

describe("a failure after content", () => {
  const begun = [START, TEXT, delta("half of ")];
  it.each([
    ["an error among the parts", () => streamOf(...begun, { type: "error", error: new Error("lost") })],
    ["a stream that breaks", () => broken(new Error("lost"), ...begun)],
  ])("(%s) is passed on, and nothing is asked again", async (_, streamed) => {
    const { auto, models, settled, router } = setup(
      { m2: { doStream: () => Promise.resolve(streamed()) } },
      budgetOf(1),
    );
    const { text, errors } = await read(auto);
    expect(text).toBe("half of ");
    expect(errors.map(String)).toEqual(["Error: lost"]);
    expect(models.m1.doStreamCalls).toHaveLength(0);
    expect(models.m2.doStreamCalls).toHaveLength(1);
    expect(settled).toEqual([{ model: "m2", ending: "failed", inputTokens: 100, outputTokens: 2 }]);
    expect(reserved(router)).toBe(0);
  });

  it("counts against the model", async () => {
    const { auto, models } = setup({ m2: { doStream: () => Promise.resolve(broken("lost", ...begun)) } });
    for (let k = 0; k < 6; k++) await read(auto);
    expect(models.m2.doStreamCalls).toHaveLength(5);
  });

  it("that is a cut stream is an error, not a whole answer", async () => {
    const { auto, models } = setup({ m2: { doStream: () => Promise.resolve(streamOf(...begun)) } });
    const { text, errors } = await read(auto);
    expect(text).toBe("half of ");
    expect(errors.map(String)).toEqual(["Error: the answer of m2 was cut: its stream has no end"]);
    expect(models.m1.doStreamCalls).toHaveLength(0);
  });

  it("uses what the provider reports at the end all the same", async () => {
    const { auto, settled } = setup({
      m2: {
        doStream: () =>
          Promise.resolve(
            streamOf(...begun, { type: "error", error: new Error("lost") }, finish(usage(10, 7))),
          ),
      },
    });
    await read(auto);
    expect(settled[0]).toMatchObject({ ending: "failed", inputTokens: 10, outputTokens: 7 });
  });
});

describe("an abort", () => {
  it("before the first content stops the model and asks no other", async () => {
    const abort = new AbortController();
    const { seen, stream } = stalled(START, TEXT);
    const { auto, models, settled, router } = setup(
      { m2: { doStream: () => (setTimeout(() => abort.abort(), 5), Promise.resolve({ stream })) } },
      budgetOf(1),
    );
    const { types } = await read(auto, abort.signal);
    expect(types).toContain("abort");
    expect(seen.isCancelled).toBe(true);
    expect(models.m2.doStreamCalls[0].abortSignal).toBeDefined();
    expect(models.m1.doStreamCalls).toHaveLength(0);
    expect(settled).toHaveLength(1);
    expect(settled[0]).toMatchObject({ model: "m2", ending: "abandoned" });
    expect(settled[0].cost).toBeGreaterThan(0);
    expect(reserved(router)).toBe(0);
  });

  it("in mid-stream stops the model, even one that does not heed the signal, and settles what was seen", async () => {
    const abort = new AbortController();
    const { seen, stream } = stalled(START, TEXT, delta("half of "));
    const { auto, settled, router, cancelled } = setup(
      { m2: { doStream: () => Promise.resolve({ stream }) } },
      budgetOf(1),
    );
    const result = streamText({ model: auto, prompt, abortSignal: abort.signal });
    const types: string[] = [];
    for await (const part of result.fullStream) {
      types.push(part.type);
      if (part.type === "text-delta") abort.abort();
    }
    expect(types.at(-1)).toBe("abort");
    expect(seen.isCancelled).toBe(true);
    expect(settled).toEqual([{ model: "m2", ending: "abandoned", inputTokens: 100, outputTokens: 2 }]);
    expect(cancelled).toEqual([]);
    expect(reserved(router)).toBe(0);
  });

  it("after the end changes nothing", async () => {
    const abort = new AbortController();
    const { auto, settled } = setup();
    await read(auto, abort.signal);
    abort.abort();
    expect(settled).toHaveLength(1);
    expect(settled[0].ending).toBeUndefined();
  });

  it("of many calls with one signal leaves no listener behind", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    const { auto } = setup();
    const { stream } = await auto.doStream({ prompt: USER, abortSignal: signal });
    for await (const part of stream) expect(part).toBeDefined();
    const listeners = added.mock.calls.map(([, listener]) => listener);
    expect(listeners).toHaveLength(2);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(expect.arrayContaining(listeners));
  });

  it("by a reader that goes away is one too", async () => {
    const { seen, stream } = stalled(START, TEXT, delta("half"));
    const { auto, settled } = setup({ m2: { doStream: () => Promise.resolve({ stream }) } });
    const { stream: passed } = await auto.doStream({ prompt: USER });
    for await (const part of passed) if (part.type === "text-delta") break;
    expect(seen.isCancelled).toBe(true);
    expect(settled).toEqual([{ model: "m2", ending: "abandoned", inputTokens: 100, outputTokens: 1 }]);
  });
});
