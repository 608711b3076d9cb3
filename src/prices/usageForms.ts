import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";

/** The counts of a report, and how its format usually counts the parts. */
export interface Reported {
  input: number;
  output: number;
  cachedInput: number;
  cacheWrite: number;
  cacheWrite1h: number;
  reasoning: number;
  /** Undefined or 0: not reported. */
  total?: number;
  hasCacheInInput: boolean;
  hasReasoningInOutput: boolean;
}

type Fields = Record<string, unknown>;

const NONE = {
  cachedInput: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  reasoning: 0,
  hasCacheInInput: true,
  hasReasoningInOutput: true,
};

/** The counts of a report, by the form that its fields show; undefined for a form that is not known. */
export function formOf(fields: Fields): Reported | undefined {
  const has = (name: string): boolean => isGiven(fields, name);
  if (has("billed_units") || has("tokens")) {
    const units = objectOf(fields.billed_units) ?? objectOf(fields.tokens);
    return units && formOf(units);
  }
  if (has("prompt_tokens")) return chat(fields);
  if (has("input_tokens_cache_read") || has("input_tokens_cache_write")) return inspect(fields);
  if (has("cache_read_input_tokens") || has("cache_creation_input_tokens")) return anthropic(fields);
  if (has("input_tokens")) return responses(fields);
  if (has("promptTokenCount")) return gemini(fields);
  if (has("cacheReadInputTokens") || has("cacheWriteInputTokens")) return bedrock(fields);
  if (has("inputTokens")) return vercel(fields);
  if (has("prompt_token_count")) return llama(fields);
  return has("inputTextTokenCount") ? titan(fields) : undefined;
}

function chat(fields: Fields): Reported {
  const details = objectOf(fields.prompt_tokens_details) ?? {};
  const input = countIn(fields, "prompt_tokens");
  const read = countIn(fields, "cache_read_input_tokens");
  const written = countIn(fields, "cache_creation_input_tokens");
  const hour = objectOf(fields.cache_creation) ?? objectOf(details.cache_creation_token_details) ?? {};
  return {
    ...NONE,
    input,
    output: countIn(fields, "completion_tokens"),
    cachedInput: read || countIn(details, "cached_tokens") || countIn(fields, "prompt_cache_hit_tokens"),
    cacheWrite:
      written || countIn(details, "cache_write_tokens") || countIn(details, "cache_creation_tokens"),
    cacheWrite1h: countIn(hour, "ephemeral_1h_input_tokens"),
    reasoning:
      countIn(objectOf(fields.completion_tokens_details) ?? {}, "reasoning_tokens") ||
      countIn(fields, "reasoning_tokens"),
    total: countIn(fields, "total_tokens"),
    // Some versions of LiteLLM leave the cache out of the prompt. Then it may exceed the prompt.
    hasCacheInInput: read + written <= input,
  };
}

function responses(fields: Fields): Reported {
  const details = objectOf(fields.input_tokens_details) ?? {};
  const langchain = objectOf(fields.input_token_details) ?? {};
  return {
    ...NONE,
    input: countIn(fields, "input_tokens"),
    output: countIn(fields, "output_tokens"),
    cachedInput: countIn(details, "cached_tokens") || countIn(langchain, "cache_read"),
    cacheWrite: countIn(details, "cache_write_tokens") || countIn(langchain, "cache_creation"),
    reasoning:
      countIn(objectOf(fields.output_tokens_details) ?? {}, "reasoning_tokens") ||
      countIn(objectOf(fields.output_token_details) ?? {}, "reasoning") ||
      countIn(fields, "reasoning_tokens"),
    total: countIn(fields, "total_tokens"),
  };
}

function anthropic(fields: Fields): Reported {
  return {
    ...NONE,
    input: countIn(fields, "input_tokens"),
    output: countIn(fields, "output_tokens"),
    cachedInput: countIn(fields, "cache_read_input_tokens"),
    cacheWrite: countIn(fields, "cache_creation_input_tokens"),
    cacheWrite1h: countIn(objectOf(fields.cache_creation) ?? {}, "ephemeral_1h_input_tokens"),
    reasoning: countIn(objectOf(fields.output_tokens_details) ?? {}, "thinking_tokens"),
    total: countIn(fields, "total_tokens"),
    hasCacheInInput: false,
  };
}

function inspect(fields: Fields): Reported {
  return {
    ...NONE,
    input: countIn(fields, "input_tokens"),
    output: countIn(fields, "output_tokens"),
    cachedInput: countIn(fields, "input_tokens_cache_read"),
    cacheWrite: countIn(fields, "input_tokens_cache_write"),
    reasoning: countIn(fields, "reasoning_tokens"),
    total: countIn(fields, "total_tokens"),
    hasCacheInInput: false,
  };
}

function gemini(fields: Fields): Reported {
  return {
    ...NONE,
    input: countIn(fields, "promptTokenCount") + countIn(fields, "toolUsePromptTokenCount"),
    output: countIn(fields, "candidatesTokenCount"),
    cachedInput: countIn(fields, "cachedContentTokenCount"),
    reasoning: countIn(fields, "thoughtsTokenCount"),
    total: countIn(fields, "totalTokenCount"),
    hasReasoningInOutput: false,
  };
}

function bedrock(fields: Fields): Reported {
  return {
    ...NONE,
    input: countIn(fields, "inputTokens"),
    output: countIn(fields, "outputTokens"),
    cachedInput: countIn(fields, "cacheReadInputTokens"),
    cacheWrite: countIn(fields, "cacheWriteInputTokens"),
    total: countIn(fields, "totalTokens"),
    hasCacheInInput: false,
  };
}

function vercel(fields: Fields): Reported {
  const input = objectOf(fields.inputTokenDetails) ?? {};
  const output = objectOf(fields.outputTokenDetails) ?? {};
  return {
    ...NONE,
    input: countIn(fields, "inputTokens"),
    output: countIn(fields, "outputTokens"),
    cachedInput: countIn(input, "cacheReadTokens") || countIn(fields, "cachedInputTokens"),
    cacheWrite: countIn(input, "cacheWriteTokens"),
    reasoning: countIn(output, "reasoningTokens") || countIn(fields, "reasoningTokens"),
    total: countIn(fields, "totalTokens"),
  };
}

function llama(fields: Fields): Reported {
  return {
    ...NONE,
    input: countIn(fields, "prompt_token_count"),
    output: countIn(fields, "generation_token_count"),
  };
}

function titan(fields: Fields): Reported {
  const results = Array.isArray(fields.results) ? fields.results.slice(0, 1000) : [];
  const output = results.reduce<number>((sum, one) => sum + countIn(objectOf(one) ?? {}, "tokenCount"), 0);
  return { ...NONE, input: countIn(fields, "inputTextTokenCount"), output };
}

function isGiven(fields: Fields, name: string): boolean {
  return Object.hasOwn(fields, name) && fields[name] !== undefined && fields[name] !== null;
}

/** A count of tokens; 0 where there is none. */
function countIn(fields: Fields, name: string): number {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === undefined || value === null) return 0;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InputError(`${name} is ${shown(value)}; expected a whole number ≥ 0`, { field: name, value });
}

/** The value as an object; undefined for anything else. */
export function objectOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
