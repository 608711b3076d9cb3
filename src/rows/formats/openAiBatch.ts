import { shown } from "../../text/shown.js";
import type { Format } from "./format.js";
import { batchAnswer, isBatchAnswer } from "./batchAnswer.js";
import { field, nameOf, textOfChat, type Row } from "./values.js";
import type { Observations } from "./observations.js";
import { usageOf } from "./usage.js";

/**
 * Requests of the OpenAI Batch API: work without costs. The query is the text of the user messages in `body.messages`.
 */
export const openAiBatch: Format = {
  name: "openai-batch",
  isLike: (keys) => keys.has("custom_id") && keys.has("body"),
  read: readRequest,
};

/** Answers of the OpenAI Batch API: the tokens that each query took, at batch prices. Failed requests are left out. */
export const openAiBatchOutput: Format = {
  name: "openai-batch-output",
  isLike: (keys) => keys.has("custom_id") && keys.has("response"),
  read: readAnswer,
};

/** Answers of batches of Anthropic, Gemini (also through Vertex AI) and Bedrock: the same. */
export const batchOutput: Format = { name: "batch-output", isLike: isBatchAnswer, read: readAnswer };

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
  const { id: given, text, hasFailed, model, usage: reported } = batchAnswer(row);
  const id = given ?? (text === undefined ? undefined : `row ${sink.counts.rows}`);
  if (id === undefined) return sink.fail("no custom_id, key or recordId");
  if (hasFailed) return sink.skip("request that failed");
  const isReported = reported !== undefined && reported !== null;
  if (model === undefined || !isReported) return sink.skip("answer without model or usage");
  const usage = usageOf(reported, sink);
  sink.observe({ query: { key: id, id, text }, model, pricedAs: `${model}@batch`, usage });
}
