import { shown } from "../../text/shown.js";
import { messagesParams } from "./anthropic.js";
import type { BatchForm, BodyOptions } from "./form.js";
import { asChat, type Adapting, type Fields } from "./body.js";
import { alternating, readChat, readToolChoice, readTools, type ChatPart } from "./chat.js";
import { leaveOut, numberWithin, stopsOf } from "./fields.js";
import { bodyOf, jsonLine } from "./request.js";

/**
 * An input file of Amazon Bedrock's batch inference: JSONL of `{ recordId, modelInput }`, one model a job, at most 50,000
 * records and 1 GB. A record's id is 11 letters and digits.
 */
export const BEDROCK_BATCH: BatchForm = {
  api: "Amazon Bedrock",
  open: "",
  between: "\n",
  close: "\n",
  ending: ".jsonl",
  maxRequests: 50_000,
  maxBytes: 1_000_000_000,
  ids: /^[a-zA-Z0-9]{11}$/,
  idOf: (n) => `R${String(n).padStart(10, "0")}`,
  line: (at, id, options) => jsonLine({ recordId: id, modelInput: inputOf(at, options) }, at.request.where),
};

/** How a job with a model's records must be made: Claude's are in the form of InvokeModel, all others of Converse. */
export function invocationType(model: string): "InvokeModel" | "Converse" {
  return /anthropic\.claude/.test(model) ? "InvokeModel" : "Converse";
}

function inputOf(at: Adapting, { maxTokens }: BodyOptions): Fields {
  return invocationType(at.model) === "Converse"
    ? converse(at)
    : { anthropic_version: "bedrock-2023-05-31", ...messagesParams(at, maxTokens) };
}

const CONFIG = new Map([
  ["max_tokens", "maxTokens"],
  ["max_completion_tokens", "maxTokens"],
]);

/** The body of Converse, without the model. */
function converse(at: Adapting): Fields {
  const body = asChat(bodyOf(at.request), at);
  const { system, turns } = readChat(body.messages, at);
  const input: Fields = {
    messages: alternating(turns).map(({ role, parts }) => ({
      role,
      content: parts.map((part) => blockOf(part, at)),
    })),
    ...(system.length > 0 && { system: system.map((text) => ({ text })) }),
  };
  const config: Fields = {};
  for (const [field, value] of Object.entries(body))
    if (field !== "messages" && value !== null && value !== undefined) put(input, config, field, value, at);
  if (Object.keys(config).length > 0) input.inferenceConfig = config;
  return input;
}

function put(input: Fields, config: Fields, field: string, value: unknown, at: Adapting): void {
  const same = CONFIG.get(field);
  if (same !== undefined) config[same] = value;
  else if (field === "temperature") config.temperature = numberWithin(field, value, 1, at);
  else if (field === "top_p") config.topP = numberWithin(field, value, 1, at);
  else if (field === "stop") config.stopSequences = stopsOf(value);
  else if (field === "tools")
    input.toolConfig = {
      tools: readTools(value, at).map(({ parameters, ...tool }) => ({
        toolSpec: { ...tool, inputSchema: { json: parameters } },
      })),
      ...(input.toolConfig as Fields),
    };
  else if (field === "tool_choice") {
    const choice = readToolChoice(value, at);
    if (choice === "none") return at.refuse('tool_choice "none"');
    const toolChoice = typeof choice === "string" ? { [choice]: {} } : { tool: { name: choice.name } };
    input.toolConfig = { ...(input.toolConfig as Fields), toolChoice };
  } else if (field === "response_format" && (value as Fields).type === "text") return;
  else leaveOut(field, value, at);
}

function blockOf(part: ChatPart, at: Adapting): Fields {
  switch (part.kind) {
    case "text":
      return { text: part.text };
    case "image": {
      const format = part.mediaType.replace("image/", "").replace("jpg", "jpeg");
      return { image: { format, source: { bytes: part.data } } };
    }
    case "imageUrl":
      return at.refuse(`an image at ${shown(part.url)}`);
    case "call":
      return { toolUse: { toolUseId: part.id, name: part.name, input: part.input } };
    case "result":
      return { toolResult: { toolUseId: part.id, content: [{ text: part.text }] } };
    case "block":
      return part.block.type === "text"
        ? { text: part.block.text }
        : at.refuse(`a content block of type ${shown(part.block.type)}`);
  }
}
