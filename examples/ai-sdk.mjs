// Use the AI SDK with a model "auto" that is routed call by call, within a budget.
import { fileURLToPath } from "node:url";
import { generateText, streamText } from "ai";
import { MockLanguageModelV3, simulateReadableStream } from "ai/test";
import { fitPredictor, readDataset } from "optllm";
import { createOptllm } from "optllm/ai";
import { createRouter, loadScorer } from "optllm/online";

const labelled = fileURLToPath(new URL("data/labelled.csv", import.meta.url));
const predictor = await fitPredictor(await readDataset(labelled), [], { predictor: "knn" });
const router = createRouter({
  scorer: await loadScorer(predictor),
  models: {
    small: { price: { input: 0.1, output: 0.4 } }, // dollars per million tokens
    large: { price: { input: 3, output: 12 } },
  },
  lambda: 5_000, // or a budget for a day or month, and λ is found
  budget: { dollars: 1, period: "total" },
});

// Offline, so that this runs anywhere. In your program: { small: openai("gpt-5-mini"), large: anthropic("…") }.
const usage = { inputTokens: { total: 9 }, outputTokens: { total: 4 } };
const finishReason = { unified: "stop" };
const small = new MockLanguageModelV3({
  doGenerate: { content: [{ type: "text", text: "An answer." }], finishReason, usage, warnings: [] },
  doStream: () => Promise.reject(new Error("the provider is down")),
});
const chunks = ["Another ", "answer."].map((delta) => ({ type: "text-delta", id: "1", delta }));
const parts = [{ type: "text-start", id: "1" }, ...chunks, { type: "text-end", id: "1" }];
const large = new MockLanguageModelV3({
  doStream: () => ({
    stream: simulateReadableStream({ chunks: [...parts, { type: "finish", finishReason, usage }] }),
  }),
});

const optllm = createOptllm({ router, models: { small, large } });
const model = optllm.languageModel("auto");
const { text, response } = await generateText({
  model,
  prompt: "Where is my invoice?",
  maxOutputTokens: 500,
});
console.log(`${response.modelId}: ${text}`);

const streamed = streamText({ model, prompt: "Where is my invoice?", maxOutputTokens: 500 });
for await (const piece of streamed.textStream) process.stdout.write(piece);
const { failed, reason } = (await streamed.providerMetadata).optllm;
console.log(`\n${(await streamed.response).modelId}: ${reason}, after ${failed} failed`);
console.log(router.status()[0].reserved === 0);

// Prints:
//   small: An answer.
//   Another answer.
//   large: fallback, after small failed
//   true
