import { textOfRequest } from "./logs/log.js";
import { at, field, nameOf, numberOf, type Row } from "./values.js";

/**
 * The label with the id of a request that was written for Vertex AI; the answer repeats the request, and nothing else
 * says which it was.
 */
export const VERTEX_LABEL = "optllm_id";

/** One line of a batch's answers. */
export interface BatchAnswer {
  /** The `custom_id` (OpenAI, Anthropic, Mistral), `key` (Gemini) or `recordId` (Bedrock). */
  id?: string;
  /** The request's text, where the line repeats it. */
  text?: string;
  /** The request has no answer; model and usage are unknown. */
  hasFailed: boolean;
  model?: string;
  /** As the provider reports it. */
  usage?: unknown;
}

/** Whether a file's rows are answers of a batch, judged by the keys of the first. */
export function isBatchAnswer(keys: ReadonlySet<string>): boolean {
  return (
    (keys.has("custom_id") && (keys.has("response") || keys.has("result"))) ||
    (keys.has("recordId") && (keys.has("modelOutput") || keys.has("modelInput"))) ||
    (keys.has("key") && keys.has("response") && !keys.has("custom_id")) ||
    (keys.has("processed_time") && keys.has("request") && keys.has("response"))
  );
}

/**
 * A line of an OpenAI or Mistral batch's output or errors, of the results of an Anthropic message batch, or of the
 * output of a Gemini or Bedrock batch.
 */
export function batchAnswer(row: Row): BatchAnswer {
  if (field(row, "recordId") !== undefined) return bedrock(row);
  const id = nameOf(field(row, "custom_id"));
  if (id === undefined) return gemini(row);
  const result = field(row, "result");
  const type = field(result, "type");
  const status = numberOf(at(row, "response", "status_code")) ?? 200;
  const hasFailed = type === undefined ? isTold(field(row, "error")) || status !== 200 : type !== "succeeded";
  if (hasFailed) return { id, hasFailed };
  const body = type === undefined ? at(row, "response", "body") : field(result, "message");
  return { id, hasFailed, model: nameOf(field(body, "model")), usage: field(body, "usage") };
}

/** Gemini's own batches have a `key`; those of Vertex AI repeat the request, which may have its id in a label. */
function gemini(row: Row): BatchAnswer {
  const request = field(row, "request");
  const id =
    nameOf(field(row, "key")) ??
    nameOf(at(row, "metadata", "key")) ??
    nameOf(at(request, "labels", VERTEX_LABEL)) ??
    nameOf(at(request, "labels", "custom_id"));
  const text = request === undefined ? undefined : textOfRequest(request);
  const response = field(row, "response");
  const isVertex = field(row, "processed_time") !== undefined;
  const hasFailed =
    isTold(field(row, "error")) ||
    (isVertex && isTold(field(row, "status"))) ||
    (id !== undefined && !isTold(response));
  if (hasFailed) return { id, text, hasFailed };
  const model = nameOf(field(response, "modelVersion"))?.replace(/^models\/|@default$/g, "");
  return { id, text, hasFailed, model, usage: field(response, "usageMetadata") };
}

/** Bedrock gives the answer as the model's API does, which need not name the model. */
function bedrock(row: Row): BatchAnswer {
  const id = nameOf(field(row, "recordId"));
  const input = field(row, "modelInput");
  const text = input === undefined ? undefined : textOfRequest(input);
  const output = field(row, "modelOutput");
  const hasFailed = isTold(field(row, "error")) || !isTold(output);
  if (hasFailed) return { id, text, hasFailed };
  const model = nameOf(field(output, "model")) ?? nameOf(field(input, "modelId"));
  return { id, text, hasFailed, model, usage: field(output, "usage") ?? countsIn(output) };
}

/** Llama and Titan have their counts at the top of the answer. */
function countsIn(output: unknown): unknown {
  const isCounted = ["prompt_token_count", "inputTextTokenCount"].some((name) => isTold(field(output, name)));
  return isCounted ? output : undefined;
}

function isTold(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}
