import { at, field, nameOf, numberOf, type Row } from "../../rows/formats/values.js";
import { VERTEX_LABEL } from "../../rows/formats/batchAnswer.js";
import type { Vendor } from "../batches/vendors.js";

/** One line of a batch's answers, whatever vendor gave it. */
export interface Answer {
  /** The id that the request was sent under. */
  customId: string;
  /** The vendors whose answers have this form. */
  vendors: readonly Vendor[];
  /** Null for a failure, and for an answer that only calls tools. */
  text: string | null;
  /** Functions that the model wants to be called. */
  toolCalls?: { name: unknown; arguments: unknown }[];
  /** Why the answer ended, in the vendor's word. */
  finish?: string;
  /** As the provider reports it. */
  usage?: unknown;
  /** Why there is no answer. */
  error?: string;
}

type Content = Pick<Answer, "text" | "toolCalls" | "finish" | "usage" | "error">;

/** Reads a line of an output, error or result file of a batch; undefined for a line of no known form. */
export function readAnswer(row: Row): Answer | undefined {
  const customId = nameOf(field(row, "custom_id"));
  if (customId !== undefined && field(row, "result") !== undefined)
    return { customId, vendors: ["anthropic"], ...ofMessages(field(row, "result")) };
  if (customId !== undefined && (field(row, "response") !== undefined || field(row, "error") !== undefined))
    return { customId, vendors: ["openai", "mistral"], ...ofOpenai(row) };
  const key = nameOf(field(row, "key"));
  if (key !== undefined) return { customId: key, vendors: ["gemini"], ...ofGemini(row) };
  const label = nameOf(at(row, "request", "labels", VERTEX_LABEL));
  if (label !== undefined) return { customId: label, vendors: ["vertex"], ...ofGemini(row) };
  const record = nameOf(field(row, "recordId"));
  if (record !== undefined) return { customId: record, vendors: ["bedrock"], ...ofBedrock(row) };
  return undefined;
}

/** The error of an answer that has no place for a text. */
const NO_MESSAGE = "an answer without a message";

function failed(...reasons: unknown[]): Content {
  const told = reasons.map((reason) => nameOf(reason) ?? nameOf(field(reason, "message")));
  return { text: null, error: told.find((reason) => reason !== undefined) ?? "failed" };
}

function ofMessages(result: unknown): Content {
  const type = field(result, "type");
  if (type !== "succeeded") return failed(at(result, "error", "error"), field(result, "error"), type);
  return ofMessage(field(result, "message"));
}

/** A message of Anthropic's. */
function ofMessage(message: unknown): Content {
  const content = field(message, "content");
  if (!Array.isArray(content)) return failed(NO_MESSAGE);
  return {
    ...blocksOf(content),
    finish: nameOf(field(message, "stop_reason")),
    usage: field(message, "usage"),
  };
}

function ofOpenai(row: Row): Content {
  const response = field(row, "response");
  const error = field(row, "error") ?? undefined;
  const status = numberOf(field(response, "status_code")) ?? 200;
  const body = field(response, "body");
  if (error !== undefined || status < 200 || status > 299)
    return failed(
      field(body, "error"),
      error,
      field(error, "code"),
      field(body, "message"),
      `status ${status}`,
    );
  const usage = field(body, "usage");
  const output = field(body, "output");
  if (Array.isArray(output)) {
    const own = field(body, "error") ?? undefined;
    if (own !== undefined) return failed(own);
    const calls = output.filter((item) => field(item, "type") === "function_call");
    const parts = output.flatMap((item) => field(item, "content") ?? []);
    const finish = nameOf(at(body, "incomplete_details", "reason")) ?? nameOf(field(body, "status"));
    return { text: textsOf(parts, calls.length > 0), ...callsOf(calls), finish, usage };
  }
  const choice = at(body, "choices", "0");
  const message = field(choice, "message");
  const calls = field(message, "tool_calls");
  const content = field(message, "content");
  const refusal = nameOf(field(message, "refusal"));
  if (message === undefined) return failed(NO_MESSAGE);
  return {
    text:
      typeof content === "string" ? content : Array.isArray(content) ? textsOf(content) : (refusal ?? null),
    ...(Array.isArray(calls) && callsOf(calls.map((call) => field(call, "function")))),
    finish: nameOf(field(choice, "finish_reason")),
    usage,
  };
}

function ofGemini(row: Row): Content {
  const response = field(row, "response");
  const candidate = at(response, "candidates", "0");
  const blocked = nameOf(at(response, "promptFeedback", "blockReason"));
  if (candidate === undefined) {
    const reason = blocked === undefined ? undefined : `blocked: ${blocked}`;
    return failed(field(row, "error"), reason, field(row, "status"), "no candidate");
  }
  const parts = at(candidate, "content", "parts");
  const said = (Array.isArray(parts) ? parts : []).filter((part) => field(part, "thought") !== true);
  const calls = said.map((part) => field(part, "functionCall")).filter((call) => call !== undefined);
  return {
    text: textsOf(said, calls.length > 0),
    ...callsOf(calls),
    finish: nameOf(field(candidate, "finishReason")),
    usage: field(response, "usageMetadata"),
  };
}

function ofBedrock(row: Row): Content {
  const output = field(row, "modelOutput");
  const error = field(row, "error") ?? undefined;
  if (error !== undefined || output === undefined || output === null)
    return failed(field(error, "errorMessage"), error, field(error, "errorCode"));
  const message = at(output, "output", "message");
  if (message === undefined) return ofMessage(output);
  return {
    ...blocksOf(field(message, "content")),
    finish: nameOf(field(output, "stopReason")),
    usage: field(output, "usage"),
  };
}

/** Blocks of a message of Anthropic's or of Converse. */
function blocksOf(content: unknown): Content {
  const blocks: unknown[] = Array.isArray(content) ? content : [];
  const calls = blocks
    .map((block) => field(block, "toolUse") ?? (field(block, "type") === "tool_use" ? block : undefined))
    .filter((call) => call !== undefined);
  const texts = blocks.filter((block) => [undefined, "text"].includes(field(block, "type") as string));
  return { text: textsOf(texts, calls.length > 0), ...callsOf(calls) };
}

/** The texts of parts; null for none beside calls. */
function textsOf(parts: readonly unknown[], hasCalls = false): string | null {
  const texts = parts.map((part) => field(part, "text")).filter((text) => typeof text === "string");
  return texts.length === 0 && hasCalls ? null : texts.join("");
}

function callsOf(calls: readonly unknown[]): Pick<Answer, "toolCalls"> {
  if (calls.length === 0) return {};
  return {
    toolCalls: calls.map((call) => ({
      name: field(call, "name"),
      arguments: field(call, "arguments") ?? field(call, "args") ?? field(call, "input"),
    })),
  };
}
