import { APICallError, generateObject, generateText, jsonSchema, stepCountIs, tool } from "ai";
import { describe, expect, it } from "vitest";
import type { LanguageModelV3 } from "../../src/ai/types.js";
import type { Policy } from "../../src/online/policy.js";
import { modelsOf } from "../online/scores.js";
import { answer, budgetOf, CAN, reserved, setup, toolCall, unavailable, usage } from "./setup.js";

const prompt = "1";
/** Errors that the SDK throws are told apart by its own check. */
const apiError = async (promise: PromiseLike<unknown>): Promise<APICallError> => {
  const error: unknown = await Promise.resolve(promise).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (APICallError.isInstance(error)) return error;
  throw new Error(`expected an APICallError, not ${String(error)}`);
};

describe("an answer", () => {
  it("comes from the model that the router chooses, and says so", async () => {
    const { auto, settled, router } = setup({}, budgetOf(1));
    const { text, response, providerMetadata } = await generateText({ model: auto, prompt });
    expect([text, response.modelId]).toEqual(["m2", "m2"]);
    const { probability, cost, decision, ...rest } = providerMetadata!.optllm as Record<string, never>;
    expect(rest).toEqual({
      model: "m2",
      lambda: 0,
      reason: "value",
      policy: router.policy,
      failed: [],
      isEstimated: false,
    });
    expect(probability).toBeGreaterThan(0.5);
    expect(cost).toBeGreaterThan(0);
    expect(decision).toMatch(/-1$/);
    expect(settled).toEqual([
      { model: "m2", inputTokens: 10, outputTokens: 5, cachedTokens: 0, cacheWriteTokens: 0 },
    ]);
    expect(reserved(router)).toBe(0);
    expect(router.status()[0].spent).toBeCloseTo((10 * 1.6 + 5 * 8) / 1e6, 6);
  });

  it("keeps what the provider says: content, metadata, warnings, its own name of the model", async () => {
    const own = {
      ...answer("yes"),
      warnings: [{ type: "other" as const, message: "slow" }],
      providerMetadata: { mock: { id: 7 } },
      response: { id: "r1", modelId: "m2-2026-01-01", headers: { a: "b" } },
    };
    const { auto } = setup({ m2: { doGenerate: () => Promise.resolve(own) } });
    const { response, providerMetadata, warnings } = await generateText({ model: auto, prompt });
    expect(response).toMatchObject({ id: "r1", modelId: "m2", headers: { a: "b" } });
    expect(providerMetadata).toMatchObject({ mock: { id: 7 }, optllm: { servedBy: "m2-2026-01-01" } });
    expect(warnings).toEqual(own.warnings);
  });

  it("is scored by the text of the user's messages, as files of work are", async () => {
    const { auto, asked } = setup();
    const parts = ["three", "four"].map((text) => ({ type: "text" as const, text }));
    await generateText({
      model: auto,
      system: "be brief",
      messages: [
        { role: "user", content: "one" },
        { role: "assistant", content: "two" },
        { role: "user", content: parts },
      ],
    });
    expect(asked.map(({ text }) => text)).toEqual(["one\n\nthree\nfour"]);
  });

  it("has maxOutputTokens as its worst case, and counts all that the model reads", async () => {
    const { auto, asked } = setup();
    const system = "word ".repeat(500);
    await generateText({ model: auto, prompt, system, maxOutputTokens: 123 });
    expect(asked[0]).toMatchObject({ text: prompt, maxTokens: 123 });
    expect(asked[0].inputTokens).toBeGreaterThan(450);
    expect(asked[0].inputTokens).toBeLessThan(700);
  });

  it("is the named model's where a real id is asked for, under the same budget", async () => {
    const { optllm, settled } = setup();
    const { text } = await generateText({ model: optllm.languageModel("m0"), prompt });
    expect([text, settled[0].model]).toEqual(["m0", "m0"]);
  });

  it("is another router's for policy/NAME", async () => {
    const cheap = setup({}, { lambda: Infinity }).router;
    const { optllm } = setup({}, {}, { policies: { cheap } });
    const { text } = await generateText({ model: optllm.languageModel("policy/cheap"), prompt });
    expect(text).toBe("m0");
  });

  it("has cached tokens on its bill, also where the provider's total leaves them out", async () => {
    const used = usage(100, 5, 80);
    const { auto, settled } = setup({ m2: { doGenerate: () => Promise.resolve(answer("x", used)) } });
    await generateText({ model: auto, prompt });
    expect(settled[0]).toMatchObject({ inputTokens: 100, cachedTokens: 80 });
    const apart = usage(20, 5, 80);
    const other = setup({ m2: { doGenerate: () => Promise.resolve(answer("x", apart)) } });
    await generateText({ model: other.auto, prompt });
    expect(other.settled[0]).toMatchObject({ inputTokens: 80, cachedTokens: 80 });
  });

  it.each([
    ["none", usage()],
    ["numbers that are none", usage(NaN, -1)],
  ])("is settled by counted tokens and marked where the provider reports %s", async (_, used) => {
    const text = "twelve words of an answer that nobody has counted before this test";
    const { auto, settled, router } = setup(
      { m2: { doGenerate: () => Promise.resolve(answer(text, used)) } },
      budgetOf(1),
    );
    const { providerMetadata } = await generateText({ model: auto, prompt });
    expect(providerMetadata!.optllm).toMatchObject({ isEstimated: true });
    expect(settled[0].inputTokens).toBe(100);
    expect(settled[0].outputTokens).toBeGreaterThan(8);
    expect(settled[0].outputTokens).toBeLessThan(20);
    expect(router.status()[0].spent).toBeGreaterThan(0);
  });
});

describe("an object", () => {
  const schema = jsonSchema<{ n: number }>({ type: "object", properties: { n: { type: "number" } } });

  it("goes to a model that can do json, with the schema", async () => {
    const { auto, models } = setup(
      { m1: { doGenerate: () => Promise.resolve(answer('{"n":1}')) } },
      { models: { ...CAN, m2: { ...CAN.m2, can: [] } } },
    );
    const { object } = await generateObject({ model: auto, prompt, schema });
    expect(object).toEqual({ n: 1 });
    expect(models.m1.doGenerateCalls[0].responseFormat).toMatchObject({ type: "json" });
  });
});

describe("files", () => {
  it.each([
    ["image/png", "images"],
    ["application/pdf", "files"],
    ["audio/mpeg", "audio"],
  ])("of %s need %s", async (mediaType, need) => {
    const { auto, models } = setup({}, { models: { ...CAN, m0: { ...CAN.m0, can: [need] } } });
    const content = [{ type: "file" as const, data: new Uint8Array([1]), mediaType }];
    await generateText({ model: auto, messages: [{ role: "user", content }] });
    expect(models.m0.doGenerateCalls).toHaveLength(1);
  });
});

describe("tools", () => {
  const tools = {
    weather: tool({
      inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
      execute: ({ city }) => `rain in ${city}`,
    }),
  };
  const loopOf = (model: string): Parameters<LanguageModelV3["doGenerate"]>[0]["prompt"] => {
    const call = { toolCallId: `call of ${model}`, toolName: "weather" };
    return [
      { role: "user", content: [{ type: "text", text: prompt }] },
      { role: "assistant", content: [{ type: "tool-call", ...call, input: {} }] },
      { role: "tool", content: [{ type: "tool-result", ...call, output: { type: "text", value: "rain" } }] },
    ];
  };

  it("are answered in a loop that stays with its model", async () => {
    const done = [toolCall("call-1"), answer("take an umbrella")];
    const { auto, models, asked } = setup({ m2: { doGenerate: () => Promise.resolve(done.shift()!) } });
    const { steps } = await generateText({ model: auto, prompt, tools, stopWhen: stepCountIs(3) });
    expect(steps.map(({ providerMetadata }) => providerMetadata!.optllm)).toMatchObject([
      { model: "m2", reason: "value" },
      { model: "m2", reason: "tool loop" },
    ]);
    expect(models.m2.doGenerateCalls[1].prompt.at(-1)).toMatchObject({ role: "tool" });
    expect(asked.map(({ isToolLoop }) => isToolLoop)).toEqual([false, true]);
  });

  it("of two conversations with the same text are two loops, each with its own model", async () => {
    const calls = (name: string) => ({ doGenerate: () => Promise.resolve(toolCall(`call of ${name}`)) });
    const { auto } = setup({ m0: calls("m0"), m1: calls("m1") });
    const names = ["m0", "m1"];
    for (const name of names) {
      const providerOptions = { optllm: { allowed: [name] } };
      await auto.doGenerate({ prompt: loopOf(name).slice(0, 1), providerOptions });
    }
    for (const name of names) {
      const { providerMetadata } = await auto.doGenerate({ prompt: loopOf(name) });
      expect(providerMetadata!.optllm).toMatchObject({ model: name, reason: "tool loop" });
    }
  });

  it("are refused with the remedy where no model has them", async () => {
    const { auto } = setup({}, { models: modelsOf(3) });
    const error = await apiError(generateText({ model: auto, prompt, tools }));
    expect(error.message).toContain("m2 (cannot do what is needed); the call needs tools: list it in can");
    expect([error.statusCode, error.isRetryable]).toEqual([400, false]);
  });
});

describe("a model that fails", () => {
  const fails = (statusCode?: number) => ({ doGenerate: () => Promise.reject(unavailable(statusCode)) });

  it("is followed by the next one, once, without the SDK's retries", async () => {
    const { auto, models, cancelled, settled } = setup({ m2: fails() });
    const { text, providerMetadata } = await generateText({ model: auto, prompt });
    expect(text).toBe("m1");
    expect(providerMetadata!.optllm).toMatchObject({ model: "m1", reason: "fallback", failed: ["m2"] });
    expect(models.m2.doGenerateCalls).toHaveLength(1);
    expect(cancelled).toEqual([{ model: "m2", failed: true }]);
    expect(settled.map(({ model }) => model)).toEqual(["m1"]);
  });

  it("and all others too give one error that is not retried", async () => {
    const { auto, models, router } = setup({ m0: fails(), m1: fails(), m2: fails(401) }, budgetOf(1));
    const error = await apiError(generateText({ model: auto, prompt }));
    expect(error.message).toBe("optllm: no model answered: m2: busy; m1: busy; m0: busy");
    expect(error).toMatchObject({ isRetryable: false, statusCode: 502 });
    expect(error.cause).toMatchObject({ statusCode: 503 });
    for (const model of Object.values(models)) expect(model.doGenerateCalls).toHaveLength(1);
    expect([reserved(router), router.status()[0].spent]).toEqual([0, 0]);
  });

  it("is the last one after maxAttempts", async () => {
    const { auto, models } = setup({ m2: fails(), m1: fails() }, {}, { maxAttempts: 2 });
    await apiError(generateText({ model: auto, prompt }));
    expect(models.m0.doGenerateCalls).toHaveLength(0);
  });

  it("and was pinned throws its own error, which the SDK may retry", async () => {
    const { optllm, models } = setup({ m2: fails() });
    const model = optllm.languageModel("m2");
    const error = await apiError(generateText({ model, prompt, maxRetries: 0 }));
    expect(error).toMatchObject({ message: "busy", isRetryable: true });
    expect(models.m1.doGenerateCalls).toHaveLength(0);
  });

  it("gets no strike for a request that is at fault, and is not closed off by five of them", async () => {
    const { auto, cancelled } = setup({ m2: fails(400) });
    for (let k = 0; k < 6; k++) await generateText({ model: auto, prompt });
    expect(cancelled).toEqual(Array.from({ length: 6 }, () => ({ model: "m2", failed: false })));
  });

  it("is closed off after five failures", async () => {
    const { auto, models } = setup({ m2: fails() });
    for (let k = 0; k < 7; k++) await generateText({ model: auto, prompt });
    expect(models.m2.doGenerateCalls).toHaveLength(5);
  });

  it("is charged for an answer that cannot be read", async () => {
    const { auto, settled, cancelled } = setup({ m2: fails(200) });
    await generateText({ model: auto, prompt });
    expect(cancelled).toEqual([]);
    expect(settled[0]).toMatchObject({ model: "m2", ending: "failed" });
    expect(settled[0].cost).toBeGreaterThan(0);
  });

  it("is charged what it reports for an answer that ends with an error and has nothing in it", async () => {
    const empty = { ...answer(""), content: [], finishReason: { unified: "error" as const, raw: "x" } };
    const { auto, settled } = setup({ m2: { doGenerate: () => Promise.resolve(empty) } });
    const { text } = await generateText({ model: auto, prompt });
    expect(text).toBe("m1");
    expect(settled[0]).toMatchObject({ model: "m2", ending: "failed", outputTokens: 5 });
  });
});

describe("a budget that is exhausted", () => {
  it("is a clear error that is not retried, and no model is asked", async () => {
    const { auto, models } = setup({}, budgetOf(1e-6));
    const error = await apiError(generateText({ model: auto, prompt: "my secret", maxOutputTokens: 100 }));
    expect(error.message).toMatch(/^optllm refused: no model fits what is left of budget policy:default/);
    expect(error).toMatchObject({ statusCode: 429, isRetryable: false, url: "optllm:auto" });
    expect(error.data).toMatchObject({ type: "insufficient_quota", budget: "policy:default" });
    expect(JSON.stringify(error)).not.toContain("secret");
    for (const model of Object.values(models)) expect(model.doGenerateCalls).toHaveLength(0);
  });

  it("says when it is renewed", async () => {
    const budget = { dollars: 1e-6, period: "day" as const };
    const { auto } = setup({}, { budget, now: () => Date.UTC(2026, 10, 2, 5) });
    const error = await apiError(generateText({ model: auto, prompt, maxOutputTokens: 100 }));
    expect(error.message).toContain("renewed 2026-11-03T00:00:00.000Z");
    expect(error.data).toMatchObject({ renewedAt: Date.UTC(2026, 10, 3) });
  });
});

describe("an aborted call", () => {
  it("asks nobody if it was aborted before", async () => {
    const { auto, models, router } = setup({}, budgetOf(1));
    const abortSignal = AbortSignal.abort();
    await expect(generateText({ model: auto, prompt, abortSignal })).rejects.toThrow(/abort/i);
    expect(models.m2.doGenerateCalls).toHaveLength(0);
    expect(router.status()[0].requestsSeen).toBe(0);
  });

  it("is passed on, settled at the predicted cost, and not asked of another model", async () => {
    const abort = new AbortController();
    const { auto, models, settled, cancelled, router } = setup(
      {
        m2: {
          doGenerate: ({ abortSignal }) =>
            new Promise((_, reject) => {
              abortSignal!.addEventListener("abort", () => reject(abortSignal!.reason as Error));
              abort.abort();
            }),
        },
      },
      budgetOf(1),
    );
    const call = generateText({ model: auto, prompt, abortSignal: abort.signal });
    await expect(call).rejects.toThrow(/abort/i);
    expect(cancelled).toEqual([]);
    expect(settled).toHaveLength(1);
    expect(settled[0]).toMatchObject({ model: "m2", ending: "abandoned" });
    expect(settled[0].cost).toBeGreaterThan(0);
    expect(reserved(router)).toBe(0);
    expect(models.m1.doGenerateCalls).toHaveLength(0);
  });
});

describe("what a call tells the router", () => {
  it("is the session, the key and the models allowed", async () => {
    const { auto, router } = setup({}, { keys: { web: { models: ["m0", "m1"] } } }, { key: "web" });
    const { text } = await generateText({
      model: auto,
      prompt,
      providerOptions: { optllm: { session: "s1", allowed: ["m0"] } },
    });
    expect(text).toBe("m0");
    expect(JSON.stringify(router.state())).toContain('"s1"');
  });

  it("is features, by which limits of a policy tell groups apart", async () => {
    const limit = { name: "acme", price: 0, capacity: 0, amounts: { m2: { queries: 1 } } };
    const policy: Policy = {
      ...{ optllm: "policy", version: 3, lambda: 0, models: ["m0", "m1", "m2"], target: { budget: 1 } },
      limits: [{ ...limit, group: { column: "tenant", values: ["acme"] } }],
      ...{ predictor: "0".repeat(64), prices: "0".repeat(64) },
      plan: { queries: 1, totalCost: 1, expectedAccuracy: 1 },
    };
    const { auto } = setup({}, { policy });
    const answered = async (features?: Record<string, string>): Promise<string> => {
      const optllm = features && { features };
      return (await generateText({ model: auto, prompt, providerOptions: optllm && { optllm } })).text;
    };
    expect([await answered({ tenant: "acme" }), await answered({ tenant: "other" })]).toEqual(["m1", "m2"]);
    await expect(answered()).rejects.toThrow(/the request has no feature tenant/);
  });

  it.each([
    [{ sesion: "s1" }, /providerOptions.optllm has sesion; expected of session, key/],
    [{ allowed: ["m9"] }, /allowed names m9; expected of m0, m1, m2/],
    [{ allowed: "m0" }, /allowed is m0; expected a list of names/],
    [{ session: 5 }, /session is 5/],
    [{ key: "other" }, /key is other; expected one of the router's keys/],
    [{ inputTokens: -1 }, /inputTokens is -1/],
  ])("is refused by name where it is wrong: %j", async (optllm, message) => {
    const { auto, router } = setup({}, budgetOf(1));
    await expect(
      generateText({ model: auto, prompt, providerOptions: { optllm: optllm as never } }),
    ).rejects.toThrow(message);
    expect(reserved(router)).toBe(0);
  });
});
