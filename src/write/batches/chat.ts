import { shown } from "../../text/shown.js";
import type { Adapting, Fields } from "./body.js";

/** One part of a message. */
export type ChatPart =
  | { kind: "text"; text: string }
  /** Base64 data, or an address. */
  | { kind: "image"; mediaType: string; data: string }
  | { kind: "imageUrl"; url: string }
  | { kind: "call"; id: string; name: string; input: Fields }
  | { kind: "result"; id: string; name: string; text: string }
  /** A block in Anthropic's own form. */
  | { kind: "block"; block: Fields };

/** What one side says at a time. */
export interface ChatTurn {
  role: "user" | "assistant";
  /** The content is this one text, not parts. */
  isPlain: boolean;
  parts: ChatPart[];
}

/** A chat that every vendor's form can be written from. */
export interface Chat {
  /** Texts of the system messages, which come first. */
  system: string[];
  /** Begins with the user. */
  turns: ChatTurn[];
}

/** A function that the model may call. */
export interface ChatTool {
  name: string;
  description?: string;
  /** A JSON schema. */
  parameters: unknown;
}

/** Anthropic's blocks that OpenAI does not have. */
const BLOCKS = [
  "image",
  "document",
  "tool_use",
  "tool_result",
  "thinking",
  "redacted_thinking",
  "search_result",
];

/** Reads `messages` in OpenAI's form, in which blocks of Anthropic's may stand; refuses what is in neither. */
export function readChat(messages: unknown, at: Adapting): Chat {
  if (messages === undefined) at.refuse("a body without messages");
  if (!Array.isArray(messages)) return at.refuse("messages that are no list");
  const system: string[] = [];
  const turns: ChatTurn[] = [];
  const names = new Map<string, string>();
  for (const message of messages as Fields[]) {
    const { role, content, name } = message ?? {};
    if (name !== undefined && name !== null && role !== "tool") at.note("name of a message left out");
    if (role === "system" || role === "developer") {
      if (turns.length > 0) at.refuse("a system message after others");
      system.push(...systemTexts(content, at));
    } else if (role === "user" || role === "assistant") turns.push(turnOf(message, role, names, at));
    else if (role === "tool") addResult(turns, message, names, at);
    else at.refuse(`a message of role ${shown(role)}`);
  }
  if (turns[0]?.role !== "user") at.refuse("a chat that does not begin with a user's message");
  return { system, turns };
}

function systemTexts(content: unknown, at: Adapting): string[] {
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return at.refuse("a system message without text");
  return (content as Fields[]).map((part) =>
    part?.type === "text" && typeof part.text === "string"
      ? part.text
      : at.refuse("a part of a system message that is not text"),
  );
}

const OF_MESSAGE = ["role", "content", "name", "tool_calls", "refusal"];

function turnOf(
  message: Fields,
  role: "user" | "assistant",
  names: Map<string, string>,
  at: Adapting,
): ChatTurn {
  const { content, tool_calls: calls } = message;
  const extra = Object.keys(message).find((key) => !OF_MESSAGE.includes(key) && message[key] !== null);
  if (extra !== undefined) at.refuse(`"${shown(extra)}" of a message`);
  if ((message.refusal ?? null) !== null) at.refuse('"refusal" of a message');
  const called = Array.isArray(calls) ? (calls as Fields[]).map((call) => callOf(call, names, at)) : [];
  if ((content === null || content === undefined || content === "") && called.length > 0)
    return { role, isPlain: false, parts: called };
  if (typeof content === "string")
    return { role, isPlain: called.length === 0, parts: [{ kind: "text", text: content }, ...called] };
  if (!Array.isArray(content) || content.length === 0)
    return at.refuse(`content ${shown(content)} of a message`);
  const parts = (content as Fields[]).map((part) => partOf(part, at));
  return { role, isPlain: false, parts: [...parts, ...called] };
}

function partOf(part: Fields, at: Adapting): ChatPart {
  const type = part?.type;
  if (type === "text" && typeof part.text === "string")
    return part.cache_control === undefined
      ? { kind: "text", text: part.text }
      : { kind: "block", block: part };
  if (type === "image_url") {
    const url = (part.image_url as Fields | undefined)?.url ?? part.image_url;
    if (typeof url !== "string") return at.refuse("an image without an address");
    const [, mediaType, data] = /^data:(image\/[\w.+-]{1,40});base64,([^]+)$/.exec(url) ?? [];
    return data === undefined ? { kind: "imageUrl", url } : { kind: "image", mediaType, data };
  }
  if (BLOCKS.includes(type as string)) return { kind: "block", block: part };
  return at.refuse(`a content part of type ${shown(type)}`);
}

function callOf(call: Fields, names: Map<string, string>, at: Adapting): ChatPart {
  const { name, arguments: text } = (call?.function ?? {}) as Fields;
  const id = call?.id;
  if (typeof id !== "string" || typeof name !== "string" || typeof text !== "string")
    return at.refuse("a tool call that is not a function with a name and arguments");
  names.set(id, name);
  const input = parsed(text);
  if (input === undefined) return at.refuse("arguments of a tool call that are no JSON object");
  return { kind: "call", id, name, input };
}

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text === "" ? "{}" : text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Results of several calls belong to one turn of the user. */
function addResult(turns: ChatTurn[], message: Fields, names: Map<string, string>, at: Adapting): void {
  const { tool_call_id: id, content } = message;
  const name = typeof id === "string" ? names.get(id) : undefined;
  if (typeof id !== "string" || name === undefined)
    return at.refuse("a message of role tool that answers no call");
  const text = systemTexts(content, at).join("\n");
  const last = turns.at(-1);
  const result: ChatPart = { kind: "result", id, name, text };
  if (last?.role === "user" && last.parts.every(({ kind }) => kind === "result")) last.parts.push(result);
  else turns.push({ role: "user", isPlain: false, parts: [result] });
}

/** Turns of one side that follow each other, as one. */
export function alternating(turns: readonly ChatTurn[]): ChatTurn[] {
  const merged: ChatTurn[] = [];
  for (const turn of turns) {
    const last = merged.at(-1);
    if (last?.role === turn.role) {
      last.parts.push(...turn.parts);
      last.isPlain = false;
    } else merged.push({ ...turn, parts: [...turn.parts] });
  }
  return merged;
}

/** What is noted of a tool whose arguments must match its schema, where a format cannot say so. */
export const STRICT_LEFT_OUT = "strict of a tool left out";

/** Functions in OpenAI's form. */
export function readTools(tools: unknown, at: Adapting): ChatTool[] {
  if (!Array.isArray(tools)) return at.refuse("tools that are no list");
  return (tools as Fields[]).map((tool) => {
    const { name, description, parameters, strict } = (tool?.function ?? {}) as Fields;
    if (tool?.type !== "function" || typeof name !== "string")
      return at.refuse(`a tool of type ${shown(tool?.type)}`);
    if (strict === true) at.note(STRICT_LEFT_OUT);
    return {
      name,
      ...(typeof description === "string" && { description }),
      parameters: parameters ?? { type: "object", properties: {} },
    };
  });
}

/** `auto`, `any`, `none`, or the name of the one function to call. */
export type ToolChoice = "auto" | "any" | "none" | { name: string };

export function readToolChoice(choice: unknown, at: Adapting): ToolChoice {
  if (choice === "auto" || choice === "none" || choice === "any") return choice;
  if (choice === "required") return "any";
  const { name } = ((choice as Fields | undefined)?.function ?? {}) as Fields;
  return typeof name === "string" ? { name } : at.refuse(`tool_choice ${shown(choice)}`);
}

/** The JSON schema of a `response_format`; "object" for any JSON, undefined for text. */
export function readFormat(format: unknown, at: Adapting): { schema: unknown } | "object" | undefined {
  const { type, json_schema: named } = (format ?? {}) as Fields;
  if (type === "text") return undefined;
  if (type === "json_object") return "object";
  const schema = (named as Fields | undefined)?.schema;
  if (type === "json_schema" && typeof schema === "object" && schema !== null) return { schema };
  return at.refuse(`response_format ${shown(format)}`);
}
