import { createProviderRegistry, generateText, wrapLanguageModel } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { describe, expect, it } from "vitest";
import { createOptllm } from "../../src/ai/provider.js";
import { InputError } from "../../src/errors.js";
import { setup } from "./setup.js";

describe("createOptllm", () => {
  const { router, models } = setup();
  it.each([
    [{ router }, /models is undefined; expected { NAME: a language model }/],
    [{ models }, /router is undefined; expected what createRouter gave/],
    [{ router, models: {} }, /models is \[\]; expected some of m0, m1, m2/],
    [{ router, models: { m0: "openai/gpt-5" } }, /model m0 is openai\/gpt-5; expected a language model/],
    [{ router, models: { m0: {} } }, /model m0 has no function doGenerate/],
    [{ router, models: { m0: { ...methods(), specificationVersion: "v2" } } }, /version of model m0 is v2/],
    [{ router, models: { auto: models.m0 } }, /names that are not those of routers/],
    [
      { router, models: { m7: models.m0 } },
      /models has m7, to which no router routes; expected of m0, m1, m2/,
    ],
    [{ router, models, policies: { a: {} } }, /policy a has no function route/],
    [{ router, models, maxAttempts: 0 }, /maxAttempts is 0; expected 1 … 4/],
    [{ router, models, key: 5 }, /key is 5/],
    [{ router, models, retries: 2 }, /options has retries; expected of router, policies, models/],
  ])("refuses %o", (options, message) => {
    expect(() => createOptllm(options as never)).toThrow(InputError);
    expect(() => createOptllm(options as never)).toThrow(message);
  });

  it("knows auto, policies and models, and names them where it is asked for others", () => {
    const optllm = createOptllm({ router, models, policies: { cheap: router } });
    expect(() => optllm.languageModel("gpt")).toThrow(
      "optllm has no language model gpt; expected of auto, policy/cheap, m0, m1, m2",
    );
    expect(() => optllm.languageModel("toString")).toThrow(InputError);
    expect(() => optllm.embeddingModel("auto")).toThrow("only language models are routed");
    expect(() => optllm.imageModel("auto")).toThrow("only language models are routed");
  });

  it("works in a registry and under middleware", async () => {
    const { optllm } = setup();
    const model = wrapLanguageModel({
      model: createProviderRegistry({ optllm }).languageModel("optllm:auto"),
      middleware: { specificationVersion: "v3" },
    });
    expect((await generateText({ model, prompt: "1" })).text).toBe("m2");
  });
});

describe("supportedUrls", () => {
  const urls = async (...each: Record<string, RegExp[]>[]) => {
    const { router } = setup();
    const models = Object.fromEntries(
      each.map((supportedUrls, m) => [`m${m}`, new MockLanguageModelV3({ supportedUrls })]),
    );
    return createOptllm({ router, models }).languageModel("auto").supportedUrls;
  };

  it("are those that every model takes", async () => {
    const https = { "image/*": [/^https:/], "application/pdf": [/^https:/] };
    expect(await urls(https, { "image/*": [/^gs:/, /^https:/] })).toEqual({ "image/*": [/^https:/] });
    expect(await urls(https, { "image/*": [/^https:/i] })).toEqual({});
    expect(await urls(https, {})).toEqual({});
    expect(await urls(https)).toEqual(https);
    expect(await urls({ constructor: [/a/] }, {})).toEqual({});
  });
});

function methods() {
  return { doGenerate: () => undefined, doStream: () => undefined };
}
