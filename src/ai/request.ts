import { createHash } from "node:crypto";
import { InputError } from "../errors.js";
import { jsonOf } from "../json.js";
import { checkFields, checkNames, checkObject } from "../online/checks.js";
import type { RouteRequest } from "../online/request.js";
import type { RequestFeatures } from "../online/scorer.js";
import { estimatedCounter } from "../prices/tokens/counter.js";
import { textOfChat } from "../rows/formats/values.js";
import { someOf } from "../text/names.js";
import { shown } from "../text/shown.js";
import type { CallOptions } from "./types.js";

/** What a call may tell the router, as `providerOptions: { optllm: { … } }`. */
export interface OptllmCallOptions {
  /** The conversation that the call belongs to. A running tool loop is known without it. */
  session?: string;
  /** Who asks; one of the router's `keys`. */
  key?: string;
  /** The only models that may answer. */
  allowed?: string[];
  /** What the model must be able to do beyond what the call itself shows. */
  needs?: string[];
  /** Input tokens of the whole call, where they are known better than by an estimate. */
  inputTokens?: number;
  /** Values of the predictor's feature columns, and of the columns that the policy's limits are on. */
  features?: RequestFeatures;
}

const FIELDS: Record<keyof OptllmCallOptions, true> = {
  session: true,
  key: true,
  allowed: true,
  needs: true,
  inputTokens: true,
  features: true,
};

/** Tokens that an image or another file counts as: what a large image takes at the providers that say it. */
const FILE_TOKENS = 1_600;

type Prompt = CallOptions["prompt"];
type Part = { type: string; [field: string]: unknown };

/**
 * What the router needs to know of a call. `models`: those that may answer. Its text is that of the user's messages, the
 * same as of `messages` in files of work.
 */
export function requestOf(options: CallOptions, models: readonly string[], key?: string): RouteRequest {
  const { prompt, maxOutputTokens } = options;
  const own = ownOptions(options);
  const isToolLoop = prompt.at(-1)?.role === "tool";
  return {
    text: textOfChat(prompt),
    maxTokens: maxOutputTokens,
    inputTokens: own.inputTokens ?? inputTokensOf(options),
    needs: [...new Set([...needsOf(options), ...(own.needs ?? [])])],
    allowed: allowedOf(own.allowed, models),
    key: own.key ?? key,
    session: own.session ?? (isToolLoop ? loopSession(prompt) : undefined),
    isToolLoop,
    ...(own.features !== undefined && { features: own.features }),
  };
}

/**
 * The session of a tool loop, by the calls that the next request will answer; undefined if there are none. `calls`: the
 * identifiers in an answer to the prompt.
 */
export function sessionAfter(prompt: Prompt, calls: readonly string[]): string | undefined {
  if (calls.length === 0) return undefined;
  // The first in code order: parallel calls may come back in any order.
  const [first] = [...calls].sort();
  const digest = createHash("sha256")
    .update(jsonOf([textOfChat(prompt), first]))
    .digest("hex");
  return `tool loop ${digest}`;
}

function loopSession(prompt: Prompt): string | undefined {
  const last = prompt.findLast(({ role }) => role === "assistant");
  const calls = partsOf(last?.content).filter(isOpenCall);
  return sessionAfter(
    prompt,
    calls.map(({ toolCallId }) => String(toolCallId)),
  );
}

/** A tool call that the caller answers, not the provider. */
export function isOpenCall(part: { type: string; providerExecuted?: unknown }): boolean {
  return part.type === "tool-call" && part.providerExecuted !== true;
}

function ownOptions({ providerOptions }: CallOptions): OptllmCallOptions {
  const own: unknown = providerOptions?.optllm ?? {};
  const field = "providerOptions.optllm";
  checkObject(field, own, "{ session, key, … }");
  checkFields(field, own as object, FIELDS);
  const options = own as OptllmCallOptions;
  checkNames(`${field}.allowed`, options.allowed);
  checkNames(`${field}.needs`, options.needs);
  return options;
}

function allowedOf(asked: readonly string[] | undefined, models: readonly string[]): readonly string[] {
  const unknown = asked?.find((name) => !models.includes(name));
  if (unknown === undefined) return asked ?? models;
  const names = someOf(models, 8, shown);
  throw new InputError(`providerOptions.optllm.allowed names ${shown(unknown)}; expected of ${names}`, {
    field: "allowed",
  });
}

/** What a model must be able to do to answer a call. */
function needsOf({ prompt, tools, responseFormat }: CallOptions): string[] {
  const needs = new Set<string>();
  if (tools !== undefined && tools.length > 0) needs.add("tools");
  if (responseFormat?.type === "json") needs.add("json");
  for (const { content } of prompt) {
    for (const part of partsOf(content)) {
      if (part.type === "tool-call" || part.type === "tool-result") needs.add("tools");
      const media = mediaTypeOf(part);
      if (media !== undefined) needs.add(needOf(media));
    }
  }
  return [...needs];
}

function needOf(mediaType: string): string {
  const [kind] = mediaType.toLowerCase().split("/");
  return kind === "image" ? "images" : kind === "audio" || kind === "video" ? kind : "files";
}

/** The parts of a message, those inside the results of tools included. */
function partsOf(content: Prompt[number]["content"] | undefined): Part[] {
  if (content === undefined || typeof content === "string") return [];
  return (content as unknown as Part[]).flatMap((part) => {
    const { type, value } = (part.output ?? {}) as { type?: string; value?: unknown };
    return part.type === "tool-result" && type === "content" ? [part, ...(value as Part[])] : [part];
  });
}

/** The media type of a part that is a file; undefined for other parts. */
function mediaTypeOf(part: Part): string | undefined {
  if (/^image-/.test(part.type)) return "image/*";
  if (!/^file(-|$)/.test(part.type)) return undefined;
  return typeof part.mediaType === "string" ? part.mediaType : "";
}

/** An estimate of a call's input tokens: all text, tools and schemas by kind of character, and 1,600 for each file. */
function inputTokensOf({ prompt, tools, responseFormat }: CallOptions): number {
  const { count } = estimatedCounter("");
  let tokens = 0;
  for (const { content } of prompt) {
    tokens += 4;
    if (typeof content === "string") tokens += count(content);
    for (const part of partsOf(content))
      tokens += mediaTypeOf(part) === undefined ? count(textOf(part)) : FILE_TOKENS;
  }
  if (tools !== undefined) for (const tool of tools) tokens += count(jsonOf(tool));
  if (responseFormat?.type === "json") tokens += count(jsonOf(responseFormat));
  return tokens;
}

function textOf(part: Part): string {
  if (typeof part.text === "string") return part.text;
  if (part.type === "tool-call") return `${String(part.toolName)} ${jsonOf(part.input)}`;
  if (part.type !== "tool-result") return "";
  const { type, value } = part.output as { type: string; value?: unknown };
  if (type === "content") return "";
  return typeof value === "string" ? value : jsonOf(value);
}
