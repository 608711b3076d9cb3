import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BatchFile } from "../../../src/write/batches/writeBatches.js";

type Json = Record<string, unknown>;

/** What a request's answer is: a text, or why there is none. */
export type Reply = { text: string } | { error: string };

/** The lines of a batch file's answers, as its vendor documents them; for OpenAI those of the error file apart. */
export function answersTo(
  folder: string,
  { file, vendor, sentAs }: BatchFile,
  reply: (id: string) => Reply | undefined,
): { output: string[]; errors: string[] } {
  const content = readFileSync(join(folder, file), "utf8");
  const requests =
    vendor === "anthropic"
      ? (JSON.parse(content) as { requests: Json[] }).requests
      : content
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as Json);
  const [output, errors]: [string[], string[]] = [[], []];
  for (const request of requests.reverse()) {
    const labels = ((request.request as Json | undefined)?.labels ?? {}) as Json;
    const id = (request.custom_id ?? request.key ?? request.recordId ?? labels.optllm_id) as string;
    const said = reply(id);
    if (said === undefined) continue;
    const line = JSON.stringify(ANSWERS[vendor](id, said, request, sentAs));
    (vendor === "openai" && "error" in said ? errors : output).push(`${line}\n`);
  }
  return { output, errors };
}

type Answers = (id: string, reply: Reply, request: Json, model: string) => Json;

const openai: Answers = (custom_id, reply, _, model) => ({
  ...{ id: `batch_req_${custom_id}`, custom_id, error: null },
  response:
    "error" in reply
      ? { status_code: 400, request_id: "r", body: { error: { message: reply.error, type: "invalid" } } }
      : {
          status_code: 200,
          body: {
            ...{ object: "chat.completion", model: `${model}-2025-01-01` },
            choices: [
              {
                index: 0,
                finish_reason: "stop",
                message: { role: "assistant", content: reply.text, refusal: null },
              },
            ],
            usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
          },
        },
});

const claude = (text: string, model: string): Json => ({
  ...{ id: "msg_1", type: "message", role: "assistant", model, stop_reason: "end_turn" },
  content: [{ type: "text", text }],
  usage: { input_tokens: 100, output_tokens: 20 },
});

const gemini = (reply: Reply): Json =>
  "error" in reply
    ? { error: { code: 3, message: reply.error } }
    : {
        response: {
          candidates: [
            {
              content: {
                role: "model",
                parts: [{ text: "thinking", thought: true }, { text: reply.text }],
              },
              finishReason: "STOP",
            },
          ],
          usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 },
        },
      };

const ANSWERS: Record<BatchFile["vendor"], Answers> = {
  openai,
  mistral: openai,
  anthropic: (custom_id, reply, _, model) => ({
    custom_id,
    result:
      "error" in reply
        ? { type: "errored", error: { type: "error", error: { type: "overloaded", message: reply.error } } }
        : { type: "succeeded", message: claude(reply.text, model) },
  }),
  gemini: (key, reply) => ({ key, ...gemini(reply) }),
  vertex: (_, reply, { request }) => ({
    ...{ request, processed_time: "2026-01-01T00:00:00Z" },
    ...("error" in reply ? { status: reply.error, response: {} } : { status: "", ...gemini(reply) }),
  }),
  bedrock: (recordId, reply, { modelInput }, model) => ({
    ...{ recordId, modelInput },
    ...("error" in reply
      ? { error: { errorCode: 400, errorMessage: reply.error } }
      : {
          modelOutput: model.includes("claude")
            ? claude(reply.text, model)
            : {
                output: { message: { role: "assistant", content: [{ text: reply.text }] } },
                ...{
                  stopReason: "end_turn",
                  usage: { inputTokens: 100, outputTokens: 20, totalTokens: 120 },
                },
              },
        }),
  }),
};
