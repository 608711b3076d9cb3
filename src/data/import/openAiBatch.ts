import { InputError } from "../../errors.js";
import { readUsage, type Usage } from "../prices/usage.js";
import { shown } from "../shown.js";
import type { Format } from "./format.js";
import { at, field, nameOf, numberOf, textOfChat, type Row } from "./values.js";
import type { Observations } from "./observations.js";

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

function usageOf(reported: unknown): Usage | undefined {
  try {
    return readUsage(reported);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
