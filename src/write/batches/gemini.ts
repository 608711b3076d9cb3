import { VERTEX_LABEL } from "../../rows/formats/batchAnswer.js";
import { shown } from "../../text/shown.js";
import { numberedId, type BatchForm } from "./form.js";
import { asChat, type Adapting, type Fields } from "./body.js";
import { alternating, readChat, readFormat, readToolChoice, readTools, type ChatPart } from "./chat.js";
import { leaveOut, numberWithin, stopsOf } from "./fields.js";
import { bodyOf, jsonLine } from "./request.js";

const JSONL = { open: "", between: "\n", close: "\n", ending: ".jsonl" };

/** An input file of the Gemini Batch API: JSONL of `{ key, request }`, one model a job, at most 2 GB. */
export const GEMINI_BATCH: BatchForm = {
  ...JSONL,
  api: "the Gemini API",
  maxRequests: 200_000,
  maxBytes: 2_000_000_000,
  ids: /^[^]+$/,
  idOf: numberedId,
  line: (at, id) => jsonLine({ key: id, request: contentRequest(at) }, at.request.where),
};

/** An input file of a Vertex AI batch prediction: JSONL of `{ request }`, one model a job, at most 200,000 requests and 1 GB. */
export const VERTEX_BATCH: BatchForm = {
  ...JSONL,
  api: "Vertex AI",
  maxRequests: 200_000,
  maxBytes: 1_000_000_000,
  // As labels of Google Cloud are.
  ids: /^[a-z0-9_-]{1,63}$/,
  idOf: numberedId,
  line: (at, id) =>
    jsonLine({ request: { ...contentRequest(at), labels: { [VERTEX_LABEL]: id } } }, at.request.where),
};

/** Fields of `generationConfig`, by those of OpenAI's form. */
const CONFIG = new Map([
  ["max_tokens", "maxOutputTokens"],
  ["max_completion_tokens", "maxOutputTokens"],
  ["top_p", "topP"],
  ["top_k", "topK"],
  ["seed", "seed"],
  ["presence_penalty", "presencePenalty"],
  ["frequency_penalty", "frequencyPenalty"],
]);

/** The body of `generateContent`. */
function contentRequest(at: Adapting): Fields {
  const body = asChat(bodyOf(at.request), at);
  const { system, turns } = readChat(body.messages, at);
  const request: Fields = {
    contents: alternating(turns).map(({ role, parts }) => ({
      role: role === "user" ? "user" : "model",
      parts: parts.map((part) => partOf(part, at)),
    })),
    ...(system.length > 0 && { systemInstruction: { parts: system.map((text) => ({ text })) } }),
  };
  const config: Fields = {};
  for (const [field, value] of Object.entries(body))
    if (field !== "messages" && value !== null && value !== undefined) put(request, config, field, value, at);
  if (Object.keys(config).length > 0) request.generationConfig = config;
  return request;
}

function put(request: Fields, config: Fields, field: string, value: unknown, at: Adapting): void {
  const same = CONFIG.get(field);
  if (same !== undefined) config[same] = value;
  else if (field === "temperature") config.temperature = numberWithin(field, value, 2, at);
  else if (field === "stop") config.stopSequences = stopsOf(value);
  else if (field === "response_format") putFormat(config, value, at);
  else if (field === "tools")
    request.tools = [
      {
        functionDeclarations: readTools(value, at).map(({ parameters, ...tool }) => ({
          ...tool,
          parametersJsonSchema: parameters,
        })),
      },
    ];
  else if (field === "tool_choice") {
    const choice = readToolChoice(value, at);
    request.toolConfig = {
      functionCallingConfig:
        typeof choice === "string"
          ? { mode: choice.toUpperCase() }
          : { mode: "ANY", allowedFunctionNames: [choice.name] },
    };
  } else leaveOut(field, value, at);
}

function putFormat(config: Fields, format: unknown, at: Adapting): void {
  const read = readFormat(format, at);
  if (read === undefined) return;
  config.responseMimeType = "application/json";
  if (read !== "object") config.responseJsonSchema = read.schema;
}

function partOf(part: ChatPart, at: Adapting): Fields {
  switch (part.kind) {
    case "text":
      return { text: part.text };
    case "image":
      return { inlineData: { mimeType: part.mediaType, data: part.data } };
    case "imageUrl":
      return at.refuse(`an image at ${shown(part.url)}`);
    case "call":
      return { functionCall: { name: part.name, args: part.input } };
    case "result":
      return { functionResponse: { name: part.name, response: { result: part.text } } };
    case "block":
      return textOf(part.block) ?? at.refuse(`a content block of type ${shown(part.block.type)}`);
  }
}

/** A text block whose caching another vendor does not need. */
function textOf({ type, text }: Fields): Fields | undefined {
  return type === "text" ? { text } : undefined;
}
