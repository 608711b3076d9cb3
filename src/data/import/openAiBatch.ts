import { shown } from "../shown.js";
import type { Format } from "./format.js";
import { at, field, nameOf, numberOf, textOfChat, type Row } from "./values.js";
import type { Observations, Usage } from "./observations.js";

/** Requests of the OpenAI Batch API: work without costs. The query is what the users say in `body.messages`. */
export const openAiBatch: Format = {
  name: "openai-batch",
  isLike: (keys) => keys.has("custom_id") && keys.has("body"),
  read: readRequest,
};

/** Answers of the OpenAI Batch API: the tokens that each query took. Failed requests are left out. */
export const openAiBatchOutput: Format = {
  name: "openai-batch-output",
  isLike: (keys) => keys.has("custom_id") && keys.has("response"),
  read: readAnswer,
};

function readRequest(row: Row, sink: Observations): void {
  const id = nameOf(field(row, "custom_id"));
  if (id === undefined) return sink.fail("no custom_id");
  const body = field(row, "body");
  const text = [field(body, "messages"), field(body, "input"), field(body, "prompt")]
    .map(textOfChat)
    .find((found) => found !== "");
  if (!sink.isNew(id)) return sink.fail(`custom_id ${shown(id)} is there twice`);
  sink.query({ key: id, id, text }, { model: nameOf(field(body, "model")) });
}

function readAnswer(row: Row, sink: Observations): void {
  const id = nameOf(field(row, "custom_id"));
  if (id === undefined) return sink.fail("no custom_id");
  const status = numberOf(at(row, "response", "status_code"));
  const error = field(row, "error");
  if ((error !== undefined && error !== null) || (status !== undefined && status !== 200))
    return sink.skip("request that failed");
  const body = at(row, "response", "body");
  const model = nameOf(field(body, "model"));
  const usage = usageOf(field(body, "usage"));
  if (model === undefined || usage === undefined) return sink.skip("answer without model or usage");
  sink.observe({ query: { key: id, id }, model, usage });
}

/** OpenAI counts cached tokens as part of the input. Names of chat completions, or of responses. */
function usageOf(usage: unknown): Usage | undefined {
  const inputTokens = numberOf(field(usage, "prompt_tokens")) ?? numberOf(field(usage, "input_tokens"));
  const outputTokens =
    numberOf(field(usage, "completion_tokens")) ?? numberOf(field(usage, "output_tokens")) ?? 0;
  if (inputTokens === undefined) return undefined;
  const inputDetails = field(usage, "prompt_tokens_details") ?? field(usage, "input_tokens_details");
  const outputDetails = field(usage, "completion_tokens_details") ?? field(usage, "output_tokens_details");
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: numberOf(field(inputDetails, "cached_tokens")),
    reasoningTokens: numberOf(field(outputDetails, "reasoning_tokens")),
  };
}
