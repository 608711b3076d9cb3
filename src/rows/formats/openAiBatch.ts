import { InputError } from "../../errors.js";
import { readUsage, type Usage } from "../../prices/usage.js";
import { shown } from "../../text/shown.js";
import type { Format } from "./format.js";
import { at, field, nameOf, numberOf, textOfChat, type Row } from "./values.js";
import type { Observations } from "./observations.js";

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
  const { id, hasFailed, model, usage: reported } = batchAnswer(row);
  if (id === undefined) return sink.fail("no custom_id");
  if (hasFailed) return sink.skip("request that failed");
  const usage = usageOf(reported);
  if (model === undefined || usage === undefined) return sink.skip("answer without model or usage");
  sink.observe({ query: { key: id, id }, model, pricedAs: `${model}@batch`, usage });
}

/** One line of a batch's answers. */
export interface BatchAnswer {
  /** The `custom_id`. */
  id?: string;
  /** The request has no answer; model and usage are unknown. */
  hasFailed: boolean;
  model?: string;
  /** As the provider reports it. */
  usage?: unknown;
}

/** A line of an OpenAI Batch output or error file, or of the results of an Anthropic message batch. */
export function batchAnswer(row: Row): BatchAnswer {
  const id = nameOf(field(row, "custom_id"));
  const result = field(row, "result");
  const type = field(result, "type");
  const status = numberOf(at(row, "response", "status_code")) ?? 200;
  const hasFailed = type === undefined ? isTold(field(row, "error")) || status !== 200 : type !== "succeeded";
  if (hasFailed) return { id, hasFailed };
  const body = type === undefined ? at(row, "response", "body") : field(result, "message");
  return { id, hasFailed, model: nameOf(field(body, "model")), usage: field(body, "usage") };
}

function isTold(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function usageOf(reported: unknown): Usage | undefined {
  try {
    return readUsage(reported);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
